import ActivationsPlugins
import GradientFlow
import LossesPlugins
import ODECore
import RungeKutta
import Testing

@testable import KinkAwareIntegrator

@Suite("Problems and corners of any size")
struct CornerTests {
  /// Karush, Kuhn, Tucker: the gradient vanishes where a variable is free, and points outwards at a bound. For a convex
  /// problem that is all there is to check.
  @Test("bounded least squares ends where the conditions of a minimum hold", arguments: 1...20)
  func bounded(_ seed: Int) {
    var random = Numbers(seed: UInt64(seed))
    let (count, d) = (seed + 4, 5)
    let rows = (0..<count).map { _ in (0..<d).map { _ in random.next() } }
    let bounds = (0..<count).map { _ in abs(random.next()) + 0.1 }
    let q = (0..<d).map { _ in 6 * random.next() }
    let (u, sides) = boundedLeastSquares(q, rows, bounds)
    let residual = (0..<d).map { c in (0..<count).reduce(q[c]) { $0 + u[$1] * rows[$1][c] } }
    for j in 0..<count {
      let gradient = (0..<d).reduce(0) { $0 + residual[$1] * rows[j][$1] }
      switch sides[j] {
      case -1: #expect(u[j] == 0 && gradient >= -1e-11)
      case 1: #expect(u[j] == bounds[j] && gradient <= 1e-11)
      default: #expect(u[j] > 0 && u[j] < bounds[j] && abs(gradient) <= 1e-11)
      }
    }
    #expect(sides.filter { $0 == 0 }.count <= d)
  }

  /// Neuron 0 stands at the common point of twelve kinks of hard tanh, `w.x_i = 1` for every input. As `a > 0` and all
  /// residuals are negative there, all of them attract: the solution is unique and depends continuously on the start.
  @Test("a start in a corner of twelve kinks goes on like one beside it")
  func manyKinks() throws {
    var random = Numbers(seed: 3)
    let features = (0..<12).map { _ in (0..<4).map { _ in random.next() } }
    let data = try Dataset(
      name: "corner", features: features, targets: (0..<12).map { _ in 3 + 0.3 * random.next() })
    let flow = try TwoLayerFlow(
      width: 2, data: data, scaling: Scaling(kappa: 1, kappaPrime: 1), activation: HardTanh(),
      loss: SquaredLoss())
    let start: [Double] = [0.7, -0.4] + [0, 0.3, 0, -0.2, 0, 0.5, 0, 0.1] + [1, 0.2]
    func end(_ shift: Double) throws -> [Double] {
      var start = start
      for c in 1...4 { start[2 * c] += shift * Double(c % 3 - 1) }
      let solution = try integrate(
        ODEProblem(flow, to: 5, initialState: start), with: KinkAware(rtol: 1e-9))
      #expect(solution.returnCode == .success, "\(solution.message)")
      return solution.state
    }
    let corner = try end(0)
    #expect(flow.risk(corner.span) < flow.risk(start.span))
    let distances = try [1e-4, 1e-6].map { largestDifference(try end($0), corner) }
    #expect(distances[0] <= 1e-2 && distances[1] <= 1e-4, "\(distances)")
  }

  /// Dormand-Prince steps over kinks, each located by rejections to its tolerance; nothing slides in so short a time.
  @Test("seventy dimensions and six hundred inputs")
  func large() throws {
    var random = Numbers(seed: 11)
    let features = (0..<600).map { _ in (0..<69).map { _ in random.next() / 8 } }
    let data = try Dataset(
      name: "large", features: features, targets: (0..<600).map { _ in 1 + random.next() })
    let flow = try TwoLayerFlow(
      width: 5, data: data, scaling: Scaling(kappa: 1, kappaPrime: 1), activation: ReLU(), loss: SquaredLoss()
    )
    let start = try gaussianStart(flow).map { 0.3 * $0 }
    let problem = try ODEProblem(flow, to: 0.5, initialState: start)
    let expected = try integrate(problem, with: DormandPrince(rtol: 1e-10, atol: 1e-12)).state
    let state = try KinkAware(rtol: 1e-6).makeState(for: problem, restart: nil)
    while state.time < 0.5 { try state.advance(to: 0.5) }
    #expect(state.kinks.crossings > 10)
    #expect(largestDifference(state.withState { [Double](copying: $0) }, expected) <= 1e-6)
  }
}

/// Standard normal numbers, one after another.
private struct Numbers {
  private let values: [Double]
  private var position = 0

  init(seed: UInt64) {
    values = try! GaussianStart(seed: seed).state(for: NetworkShape(width: 50_000, inputDimension: 1))
  }

  mutating func next() -> Double {
    position += 1
    return values[position - 1]
  }
}
