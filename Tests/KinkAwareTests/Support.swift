import ActivationsPlugins
import Foundation
import GradientFlow
import KinkAwareIntegrator
import LossesPlugins
import ODECore
import Testing

/// A case of `Tests/Oracles/kink_oracle.py`: the whole network by DOP853 at rtol 1e-13 between events, every event
/// located and resolved by itself.
struct KinkCase: Decodable, CustomTestStringConvertible {
  struct Events: Decodable {
    let cross: Int
    let capture: Int
    let release: Int
    let asign: Int
    let w0: Int
  }

  let t: Double
  let RD_w: Double
  let RD_a: Double
  let R: Double
  let f: [Double]
  let events: Events
  let X: [[Double]]
  let y: [Double]
  let m: Int
  let gamma: Double
  let gammaPrime: Double
  let slopeMinus: Double
  /// With kinks at -1 and 1 instead.
  let isHardTanh: Bool?
  /// The logistic loss instead of the squared one.
  let loss: String?
  let stop: Double?
  let tend: Double
  /// Rows `a, w_1, ..., w_d`.
  let start: [[Double]]

  var name: String { Self.all.first { $0.value.t == t && $0.value.RD_w == RD_w }!.key }
  var testDescription: String { name }

  static let all: [String: KinkCase] = {
    struct File: Decodable { let cases: [String: KinkCase] }
    let url = Bundle.module.url(
      forResource: "kink_reference", withExtension: "json", subdirectory: "Fixtures")!
    return try! JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }()

  var data: Dataset {
    get throws { try Dataset(name: name, features: X.map { Array($0.dropLast()) }, targets: y) }
  }

  func flow(threads: Int = 1, activation: (any Activation)? = nil) throws -> TwoLayerFlow {
    try TwoLayerFlow(
      width: m, data: data, scaling: Scaling(gamma: gamma, gammaPrime: gammaPrime, width: m),
      activation: activation ?? self.activation,
      loss: loss == "logistic" ? LogisticLoss() : SquaredLoss(),
      threads: threads)
  }

  private var activation: any Activation {
    if isHardTanh == true { return HardTanh() }
    return slopeMinus == 0 ? ReLU() : LeakyReLU(slope: slopeMinus)
  }

  var initialState: [Double] { (0..<start[0].count).flatMap { column in start.map { $0[column] } } }

  /// The problem as the oracle solved it: to its end time, or to its loss by the driver's event location.
  func problem(_ flow: TwoLayerFlow) throws -> ODEProblem {
    guard let stop else { return try ODEProblem(flow, to: tend, initialState: initialState) }
    return try ODEProblem(
      flow, to: tend, initialState: initialState,
      events: [
        Event("stop", direction: .falling, isTerminal: true) { _, y in log(flow.risk(y) / stop) }
      ])
  }

  func solve(rtol: Double, stages: Int = 3) throws -> Solution {
    try integrate(problem(flow()), with: KinkAware(rtol: rtol, stages: stages))
  }

  /// `|w - w(0)| / |w(0)|` and the same for `a`.
  func relativeDistances(_ state: [Double]) -> (w: Double, a: Double) {
    let first = initialState
    func distance(_ range: Range<Int>) -> Double {
      let difference = range.reduce(0) { $0 + pow(state[$1] - first[$1], 2) }
      return (difference / range.reduce(0) { $0 + pow(first[$1], 2) }).squareRoot()
    }
    return (distance(m..<state.count), distance(0..<m))
  }
}

/// The bench points, `n = 4`, `d = 2`.
let benchPoints = try! Dataset(
  name: "bench", features: [[-1], [-0.33], [0.33], [1]], targets: [0.8, 0.2, 0.6, 0.3])

func benchFlow(
  width: Int, gamma: Double, gammaPrime: Double = 0, activation: any Activation = ReLU(), threads: Int = 1
) throws -> TwoLayerFlow {
  try TwoLayerFlow(
    width: width, data: benchPoints, scaling: Scaling(gamma: gamma, gammaPrime: gammaPrime, width: width),
    activation: activation, loss: SquaredLoss(), threads: threads)
}

func gaussianStart(_ flow: TwoLayerFlow, seed: UInt64 = 1, isAntisymmetric: Bool = false) throws -> [Double] {
  try GaussianStart(seed: seed, isAntisymmetric: isAntisymmetric).state(for: flow.shape)
}

/// The end of a step, bit for bit.
struct Step: Equatable {
  let time: Double
  let state: [UInt64]

  init(_ s: KinkAwareState) {
    time = s.time
    state = s.withState { [Double](copying: $0).map(\.bitPattern) }
  }
}

func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).map { abs($0 - $1) }.max() ?? 0
}
