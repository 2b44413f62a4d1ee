import GradientFlow
import PluginKit

/// The built-in observers.
public enum ObserversPlugin: Plugin {
  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.observers.add(
      "relative-distance", summary: "how far w, a and theta moved from their start (16), and the supremum"
    ) { _ in RelativeDistance() }
    try catalog.observers.add(
      "loss-decay", summary: "the late rate of decay of the loss, fitted and predicted from the Gram matrix"
    ) { _ in LossDecay() }
    try catalog.observers.add(
      "condensation", summary: "how many orientations hold the amplitude of the neurons",
      usage: ":threshold=DEGREES,share=S,bins=N,leaders=N"
    ) { arguments in
      Condensation(
        threshold: try arguments.number("threshold", position: 0, default: 5, in: 0.01...90),
        share: try arguments.number("share", default: 0.01, in: 1e-6...1),
        bins: try arguments.integer("bins", default: 72, in: 2...3600),
        leaders: try arguments.integer("leaders", default: 64, in: 1...10_000))
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
      "residuals", summary: "the residuals at the samples, in a table of their own"
    ) { _ in Residuals() }
  }
}
