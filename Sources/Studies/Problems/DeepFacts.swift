import DeepNetworks
import Foundation
import ODECore

/// What a summary says of a network of any depth.
public struct DeepFacts: SubjectFacts {
  /// A part of the state, as `state-*.npy` holds it.
  public struct Part: Encodable, Sendable {
    /// `W1`, `b1`, `W2`, and so on.
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
    /// How many compressions there were.
    public let compressions: Int
    /// The largest share of a layer's change that compressions left out, added up over the run: a bound on their error.
    public let droppedShare: Double

    init(_ flow: LowRankFlow, _ state: [Double]) {
      (largestRank, compressions) = (flow.largestRank, flow.compressions)
      let sizes = flow.changes(state.span)
      droppedShare = zip(flow.dropped, sizes).reduce(0) { $1.0 > 0 ? max($0, $1.0 / $1.1) : $0 }
    }
  }

  /// The data set, as the run names it.
  public let data: String
  /// Of each hidden layer, first layer first.
  public let activations: [String]
  /// The loss' name.
  public let lossFunction: String
  /// What moves the parameters, if not the gradient flow.
  public let dynamics: String?
  /// The widths of the hidden layers.
  public let hidden: [Int]
  /// How many outputs the network has.
  public let outputs: Int
  /// Whether the hidden layers have a bias.
  public let bias: Bool
  /// Whether the initial output is subtracted.
  public let centred: Bool
  /// `gamma` of `kappa = m^-gamma`, where `kappa` was given so.
  public let gamma: Double?
  /// `g_l` of `mu_l = m^g_l`, first layer first, where they were given so.
  public let mobilityExponents: [Double]?
  /// The factor before the network.
  public let kappa: Double
  /// `mu_l`, first layer first.
  public let mobilities: [Double]
  /// Of the random start.
  public let seed: UInt64
  /// `R` at which the run was to stop, if at any.
  public let stopLoss: Double?
  /// The end in the original model's time, if that model was given.
  public let originalTime: Double?
  /// `alpha` and `beta_l` of that model.
  public let alpha: Double?
  /// First layer first.
  public let betas: [Double]?
  /// `R` at the end, and at the start.
  public let loss: Double?
  /// `R` at the start.
  public let initialLoss: Double?
  /// The parts of the state, in its order.
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
