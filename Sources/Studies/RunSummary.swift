import Foundation
import GradientFlow
import ODECore

/// What a run came to: the object of `--json` and `summary.json`.
public struct RunSummary: Encodable, Sendable {
  /// How the run ended.
  public let returnCode: ReturnCode
  /// One sentence on how the run ended.
  public let message: String
  public let integrator: String
  /// Which method an integrator that picks one has picked, and why.
  public let integratorChoice: String?
  public let data: String
  public let activation: String
  public let lossFunction: String
  /// The dimension of the inputs' span, if the run was integrated in it.
  public let reducedDimension: Int?
  public let width: Int
  public let gamma: Double?
  public let gammaPrime: Double?
  /// (8).
  public let kappa: Double
  public let kappaPrime: Double
  public let seed: UInt64
  public let rtol: Double
  public let atol: Double
  public let stopLoss: Double?
  public let tEnd: Double?
  /// Where the run ended, in the time of the normalised model.
  public let time: Double
  /// The same in the original model's time (7), if that model was given.
  public let originalTime: Double?
  /// The original model's factors and place in the phase diagram, if it was given.
  public let originalModel: OriginalModelSummary?
  public let loss: Double
  public let initialLoss: Double
  public let statistics: Statistics
  /// What each observer said at the end, by its name.
  public let observers: [String: [String: ObservedValue]]

  /// - Parameter message: replaces the solution's, if that does not know what ended the run.
  init(
    _ experiment: Experiment, _ solution: Solution, loss: Double, _ recorder: FlowRecorder, message: String?
  ) {
    let c = experiment.configuration
    returnCode = solution.returnCode
    self.message =
      message ?? solution.message(blaming: [experiment.flow.activation, experiment.flow.loss])
    integrator = experiment.integrator.name
    integratorChoice = solution.choice
    data = c.data
    activation = experiment.flow.activation.name
    lossFunction = experiment.flow.loss.name
    reducedDimension = experiment.representation.reduction?.rank
    width = c.width
    gamma = c.gamma
    gammaPrime = c.gammaPrime
    kappa = experiment.scaling.kappa
    kappaPrime = experiment.scaling.kappaPrime
    seed = c.seed
    rtol = c.rtol
    atol = c.atol
    stopLoss = c.stopLoss
    tEnd = c.tEnd
    let model = experiment.originalModel
    let isOriginal = c.model == .original
    time = isOriginal ? model!.normalizedTime(from: solution.time) : solution.time
    originalTime = isOriginal ? solution.time : model?.time(fromNormalized: solution.time)
    originalModel = OriginalModelSummary(experiment)
    self.loss = loss
    initialLoss = experiment.initialLoss
    statistics = solution.statistics
    observers = recorder.results
  }

  /// The JSON text, keys in alphabetical order. Numbers that are not finite become `null`.
  public var json: String {
    get throws { try JSONText.pretty(self) }
  }

  /// The exit code that belongs to the return code.
  public var exitCode: Int32 { returnCode.exitCode }

  private enum CodingKeys: String, CodingKey {
    case returnCode, message, integrator, integratorChoice, data, activation, lossFunction,
      reducedDimension, width, gamma,
      gammaPrime
    case kappa, kappaPrime, seed, rtol, atol, stopLoss, tEnd, time, originalTime, originalModel, loss,
      initialLoss
    case statistics, observers
  }

  public func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: CodingKeys.self)
    try c.encode(returnCode, forKey: .returnCode)
    try c.encode(message, forKey: .message)
    try c.encode(integrator, forKey: .integrator)
    try c.encodeIfPresent(integratorChoice, forKey: .integratorChoice)
    try c.encode(data, forKey: .data)
    try c.encode(activation, forKey: .activation)
    try c.encode(lossFunction, forKey: .lossFunction)
    try c.encodeIfPresent(reducedDimension, forKey: .reducedDimension)
    try c.encode(width, forKey: .width)
    try c.encode(gamma, forKey: .gamma)
    try c.encode(gammaPrime, forKey: .gammaPrime)
    try c.encode(kappa, forKey: .kappa)
    try c.encode(kappaPrime, forKey: .kappaPrime)
    try c.encode(seed, forKey: .seed)
    try c.encode(rtol, forKey: .rtol)
    try c.encode(atol, forKey: .atol)
    try c.encode(stopLoss, forKey: .stopLoss)
    try c.encode(tEnd, forKey: .tEnd)
    try c.encode(time.finite, forKey: .time)
    try c.encodeIfPresent(originalTime?.finite, forKey: .originalTime)
    try c.encodeIfPresent(originalModel, forKey: .originalModel)
    try c.encode(loss.finite, forKey: .loss)
    try c.encode(initialLoss.finite, forKey: .initialLoss)
    try c.encode(statistics, forKey: .statistics)
    try c.encode(observers, forKey: .observers)
  }
}

extension Double {
  fileprivate var finite: Double? { isFinite ? self : nil }
}

extension ObservedValue: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value.finite)
    case .integer(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .numbers(let values): try container.encode(values.map(\.finite))
    }
  }
}
