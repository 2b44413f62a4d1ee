import DeepNetworks
import Foundation
import ODECore

/// What a summary says of a network of any depth.
public struct DeepFacts: SubjectFacts {
  /// A part of the state, as `state-*.npy` holds it.
  public struct Part: Encodable, Sendable {
    public let name: String
    /// From 1.
    public let layer: Int
    /// Where it begins in the state.
    public let offset: Int
    /// Row-major.
    public let shape: [Int]
  }

  /// Changes of large layers as sums of outer products.
  public struct Factors: Encodable, Sendable {
    /// The most terms after a compression.
    public let largestRank: Int
    public let compressions: Int
    /// The largest share of a layer's change that compressions left out, added up over the run: a bound on their error.
    public let droppedShare: Double

    init(_ flow: LowRankFlow, _ state: [Double]) {
      (largestRank, compressions) = (flow.largestRank, flow.compressions)
      let sizes = flow.changes(state.span)
      droppedShare = zip(flow.dropped, sizes).reduce(0) { $1.0 > 0 ? max($0, $1.0 / $1.1) : $0 }
    }
  }

  public let data: String
  public let activations: [String]
  public let lossFunction: String
  /// What moves the parameters, if not the gradient flow.
  public let dynamics: String?
  /// The widths of the hidden layers.
  public let hidden: [Int]
  public let outputs: Int
  public let bias: Bool
  public let centred: Bool
  public let gamma: Double?
  public let mobilityExponents: [Double]?
  public let kappa: Double
  /// `mu_l`, first layer first.
  public let mobilities: [Double]
  public let seed: UInt64
  public let stopLoss: Double?
  /// The end in the original model's time, if that model was given.
  public let originalTime: Double?
  /// `alpha` and `beta_l` of that model.
  public let alpha: Double?
  public let betas: [Double]?
  /// `R` at the end, and at the start.
  public let loss: Double?
  public let initialLoss: Double?
  public let parameters: [Part]
  /// If the changes of large layers were kept as factors.
  public let lowRank: Factors?
  private let sampleCount: Int
  private let inputDimension: Int
  private let startName: String

  init(_ subject: DeepSubject, _ c: RunConfiguration, _ solution: Solution) {
    let (network, flow) = (subject.network, subject.flow)
    data = c.data
    activations = network.activations.map(\.name)
    lossFunction = flow.loss.name
    dynamics = subject.problem.dynamics?.name
    (hidden, outputs) = (Array(network.widths.dropFirst().dropLast()), network.outputCount)
    (bias, centred) = (network.hasBiases, flow.offsets != nil)
    gamma = c.gamma
    mobilityExponents = c.mobilityExponents.isEmpty ? nil : c.mobilityExponents
    (kappa, mobilities) = (network.kappa, flow.mobilities)
    (seed, stopLoss) = (c.seed, c.stopLoss)
    let model = subject.originalModel
    originalTime = c.model == .original ? solution.time : model.map { $0.timeUnit * solution.time }
    (alpha, betas) = (model?.alpha, model?.betas)
    loss =
      (subject.lowRank?.risk(solution.state.span)
      ?? flow.risk(solution.state.span.extracting(first: flow.dimension))).finite
    lowRank = subject.lowRank.map { Factors($0, solution.state) }
    initialLoss = subject.initialLoss.finite
    parameters = network.blocks.map {
      Part(name: $0.name, layer: $0.layer, offset: $0.range.lowerBound, shape: $0.shape)
    }
    (sampleCount, inputDimension) = (flow.data.sampleCount, network.inputDimension)
    startName = c.initialState.map { "start \(URL(filePath: $0).lastPathComponent)" } ?? "seed \(c.seed)"
  }

  private enum CodingKeys: String, CodingKey {
    case data, activations, lossFunction, dynamics, hidden, outputs, bias, centred, gamma, mobilityExponents,
      kappa,
      mobilities, seed, stopLoss, originalTime, alpha, betas, loss, initialLoss, parameters, lowRank
  }

  public var problemLines: [(label: String, text: String)] {
    let widths = ([inputDimension] + hidden + [outputs]).map(String.init).joined(separator: "-")
    let names = Set(activations).count == 1 ? activations[0] : activations.joined(separator: ", ")
    let scale = gamma.map { "gamma \($0)  " } ?? ""
    let numbers = mobilities.map { String(format: "%.4g", $0) }.joined(separator: ", ")
    var lines = [
      (
        "problem",
        "\(data)  n = \(sampleCount), \(widths)\(bias ? " with biases" : ""), \(names), \(lossFunction), \(startName)"
          + (centred ? ", centred" : "")
      ), ("scaling", scale + String(format: "kappa %.4g, mu ", kappa) + numbers),
    ]
    if let dynamics { lines.append(("dynamics", dynamics)) }
    if let alpha, let betas {
      lines.append(
        (
          "original model",
          String(format: "alpha %.4g, betas ", alpha)
            + betas.map { String(format: "%.4g", $0) }.joined(separator: ", ")
        ))
    }
    return lines
  }

  public var resultLines: [(label: String, text: String)] {
    var lines = [("loss R", String(format: "%.4e -> %.4e", initialLoss ?? .nan, loss ?? .nan))]
    if let lowRank {
      let share = String(format: "%.1e", lowRank.droppedShare)
      lines.append(
        ("low rank", "\(lowRank.largestRank) terms at most; \(share) of a layer's change left out"))
    }
    return lines
  }
}
