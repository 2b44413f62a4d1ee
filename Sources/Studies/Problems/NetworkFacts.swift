import Foundation
import GradientFlow
import ODECore

/// What a summary says of a network.
public struct NetworkFacts: SubjectFacts {
  /// The data set, as the run names it.
  public let data: String
  /// The activation, with its arguments.
  public let activation: String
  /// The loss' name.
  public let lossFunction: String
  /// What moves the parameters, if not the gradient flow.
  public let dynamics: String?
  /// The dimension of the inputs' span, if the run was integrated in it.
  public let reducedDimension: Int?
  /// `m`.
  public let width: Int
  /// `gamma` of `kappa = m^-gamma`, where `kappa` was given so.
  public let gamma: Double?
  /// `gamma'` of `kappa' = m^-gamma'`, where `kappa'` was given so.
  public let gammaPrime: Double?
  /// (8).
  public let kappa: Double
  /// The dynamical scaling (8).
  public let kappaPrime: Double
  /// Of the random start.
  public let seed: UInt64
  /// `R` at which the run was to stop, if at any.
  public let stopLoss: Double?
  /// The end in the original model's time (7), if that model was given.
  public let originalTime: Double?
  /// The original model's factors and place in the phase diagram, if it was given.
  public let originalModel: OriginalModelSummary?
  /// `R` at the end, and at the start.
  public let loss: Double
  /// `R` at the start.
  public let initialLoss: Double
  /// Whether products were made in single precision.
  public let mixedPrecision: Bool
  private let sampleCount: Int
  private let inputDimension: Int
  private let initialStateFile: String?

  init(_ subject: NetworkSubject, _ c: RunConfiguration, _ solution: Solution) {
    let flow = subject.flow
    data = c.data
    activation = flow.activation.name
    lossFunction = flow.loss.name
    dynamics = subject.problem.dynamics?.name
    reducedDimension = subject.representation.reduction?.rank
    width = c.width
    mixedPrecision = c.mixedPrecision
    (gamma, gammaPrime) = (c.gamma, c.gammaPrime)
    (kappa, kappaPrime) = (subject.scaling.kappa, subject.scaling.kappaPrime)
    (seed, stopLoss) = (c.seed, c.stopLoss)
    let model = subject.originalModel
    originalTime =
      c.model == .original ? solution.time : model?.time(fromNormalized: solution.time)
    originalModel = OriginalModelSummary(subject, c.initialization)
    loss = subject.integratedFlow.risk(
      solution.state.span.extracting(first: subject.integratedFlow.dimension))
    initialLoss = subject.initialLoss
    (sampleCount, inputDimension) = (flow.data.sampleCount, flow.data.inputDimension)
    initialStateFile = c.initialState
  }

  private enum CodingKeys: String, CodingKey {
    case data, activation, lossFunction, dynamics, reducedDimension, mixedPrecision, width, gamma, gammaPrime,
      kappa,
      kappaPrime, seed,
      stopLoss, originalTime, originalModel, loss, initialLoss
  }

  public func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: CodingKeys.self)
    try c.encode(data, forKey: .data)
    try c.encode(activation, forKey: .activation)
    try c.encode(lossFunction, forKey: .lossFunction)
    try c.encodeIfPresent(dynamics, forKey: .dynamics)
    try c.encodeIfPresent(reducedDimension, forKey: .reducedDimension)
    if mixedPrecision { try c.encode(true, forKey: .mixedPrecision) }
    try c.encode(width, forKey: .width)
    try c.encode(gamma, forKey: .gamma)
    try c.encode(gammaPrime, forKey: .gammaPrime)
    try c.encode(kappa, forKey: .kappa)
    try c.encode(kappaPrime, forKey: .kappaPrime)
    try c.encode(seed, forKey: .seed)
    try c.encode(stopLoss, forKey: .stopLoss)
    try c.encodeIfPresent(originalTime?.finite, forKey: .originalTime)
    try c.encodeIfPresent(originalModel, forKey: .originalModel)
    try c.encode(loss.finite, forKey: .loss)
    try c.encode(initialLoss.finite, forKey: .initialLoss)
  }

  public var problemLines: [(label: String, text: String)] {
    let start = initialStateFile.map { "start \(URL(filePath: $0).lastPathComponent)" } ?? "seed \(seed)"
    let exponents =
      gamma.flatMap { g in gammaPrime.map { String(format: "gamma %g, gamma' %g, ", g, $0) } } ?? ""
    var lines = [
      (
        "problem",
        "\(data), n = \(sampleCount), d = \(inputDimension), m = \(width), \(activation), \(lossFunction), \(start)"
      ), ("scaling", exponents + String(format: "kappa %.4g, kappa' %.4g", kappa, kappaPrime)),
    ]
    if let dynamics { lines.append(("dynamics", dynamics)) }
    if let rank = reducedDimension {
      lines.append(("coordinates", "\(rank), of the span of the inputs; the others do not move"))
    }
    if mixedPrecision { lines.append(("precision", "products in single precision, sums in double")) }
    if let originalModel { lines.append(("original model", originalModel.text)) }
    return lines
  }

  public var resultLines: [(label: String, text: String)] {
    [("loss R", String(format: "%.4g -> %.4g", initialLoss, loss).replacing("e-0", with: "e-"))]
  }
}

extension Double {
  /// `nil` where JSON has no number.
  var finite: Double? { isFinite ? self : nil }
}
