import ODECore
import GradientFlow
import PluginKit

/// The built-in observers.
public enum ObserversPlugin: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.observers.add(
      "relative-distance", summary: "how far w, a and theta moved from their start (16), and the supremum"
    ) { _ in RelativeDistance() }
    try catalog.observers.add(
      "loss-decay", summary: "the late rate of decay of the loss, fitted and predicted from the Gram matrix"
    ) { _ in LossDecay() }
    try catalog.observers.add(
      "condensation", summary: "how many orientations hold the amplitude of the neurons",
      parameters: [
        .number("threshold", "degrees within which orientations are one", default: 5, in: 0.01...90),
        .number("share", "of the amplitude that makes a cluster count", default: 0.01, in: 1e-6...1),
        .integer("bins", "of the histogram of orientations", default: 72, in: 2...3600),
        .integer("leaders", "clusters tried beyond two input dimensions", default: 64, in: 1...10_000),
        .number("resolution", "degrees that tell directions apart", default: 0.1, in: 1e-6...90),
      ]
    ) {
      Condensation(
        threshold: $0.number("threshold"), share: $0.number("share"), bins: $0.integer("bins"),
        leaders: $0.integer("leaders"), resolution: $0.number("resolution"))
    }
    try catalog.observers.add(
      "conservation", summary: "the largest relative defect of the conservation law (77)"
    ) { _ in Conservation() }
    try catalog.observers.add(
      "neuron-bound", summary: "how close |a_k| comes to its bound |w_k|/kappa' + |a_k(0)| (75)"
    ) { _ in NeuronBound() }
    try catalog.observers.add(
      "energy", summary: "the largest rise of the loss within a step; the exact flow has none"
    ) { _ in Energy() }
    try catalog.observers.add(
      "linearization",
      summary: "the loss of the network linearised around its start (15), and the distance to it"
    ) { _ in Linearization() }
    try catalog.observers.add(
      "gram", summary: "the smallest eigenvalue of the Gram matrix (32), and how far the matrix has moved"
    ) { _ in GramDrift() }
    try catalog.observers.add(
      "sharpness",
      summary:
        "the largest eigenvalues of the Hessian in the mobility's metric, beside 2/step; with --hidden",
      parameters: [
        .integer("count", "of eigenvalues", default: 1, in: 1...50),
        .number("tolerance", "relative, of their residuals", default: 1e-6, in: 1e-12...0.1),
      ]
    ) { SharpnessWatch(count: $0.integer("count"), tolerance: $0.number("tolerance")) }
    try catalog.observers.add(
      "spectrum", summary: "singular values and effective rank of the change of each layer; with --hidden",
      parameters: [.integer("count", "of values in the summary", default: 8, in: 1...32)]
    ) { ChangeSpectrum(layers: 1, kept: $0.integer("count")) }
    try catalog.observers.add(
      "residuals", summary: "the residuals at the samples, in a table of their own"
    ) { _ in Residuals() }
  }
}
