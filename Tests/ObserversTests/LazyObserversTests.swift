import Foundation
import GradientFlow
import ODECore
import ODETestKit
import ObserversPlugins
import Testing

@Suite("Observers of the lazy limit")
struct LazyObserversTests {
  private let start = state([(1, [2, 1]), (-0.5, [-1, 0.5]), (2, [0.3, -0.2])])

  private func flow(_ activation: any Activation = Tanh(), loss: any Loss = SquaredLoss()) throws
    -> TwoLayerFlow
  {
    try makeFlow(
      width: 3, features: [[1], [-1], [0.5]], targets: [0.2, 1, -0.4], kappa: 0.5, kappaPrime: 2,
      activation: activation, loss: loss)
  }

  @Test("each of them keeps what an observer promises")
  func conformance() throws {
    for make in [{ Linearization() }, { GramDrift() }, { Residuals() }] as [() -> any FlowObserver] {
      let problem = try ODEProblem(flow(), to: 10, initialState: start)
      #expect(try ObserverConformance.violations(on: problem, make) == [])
    }
  }

  @Test("the linearisation's loss and distance are those of the linearised flow, (15), in closed form")
  func linearization() throws {
    let flow = try flow()
    let observer = Linearization()
    // Some state that is not on the flow's path: the distance is defined all the same.
    let later = start.map { 0.9 * $0 + 0.1 }
    var rows: [[Double]] = []
    for (t, y) in [(0, start), (1.5, later)] {
      try flow.withSnapshot(at: t, of: y) {
        if t == 0 { try observer.begin($0) }
        rows.append(try observer.record($0))
      }
    }
    // The origin: the linearisation is the network.
    #expect(rows[0][0].isNear(flow.risk(start.span)) && rows[0][1] < 1e-15)

    let exact = try LinearizedFlow(of: flow, at: start).solution()
    let linear = exact.state(at: 1.5)
    // (9) with three neurons and kappa = 1/2, and its derivative in the direction `v`, written out.
    func output(_ y: [Double], _ x: Double) -> Double {
      0.5 * (0..<3).reduce(0) { $0 + y[$1] * tanh(y[3 + $1] * x + y[6 + $1]) }
    }
    func tangent(_ y: [Double], _ v: [Double], _ x: Double) -> Double {
      0.5
        * (0..<3).reduce(0) { sum, k in
          let (sigma, dz) = (tanh(y[3 + k] * x + y[6 + k]), v[3 + k] * x + v[6 + k])
          return sum + v[k] * sigma + y[k] * (1 - sigma * sigma) * dz
        }
    }
    let change = zip(linear, start).map { $0 - $1 }
    // The samples and the midpoints of 1, -1 and of -1, 0.5.
    let squares = [1, -1, 0.5, 0, -0.25].reduce(0) { sum, x in
      let difference = output(later, x) - (output(start, x) + tangent(start, change, x))
      return sum + difference * difference
    }
    let scale = ((0.2 * 0.2 + 1 + 0.4 * 0.4) / 3.0).squareRoot()
    #expect(rows[1][1].isNear((squares / 5).squareRoot() / scale, relative: 1e-12))
    #expect(rows[1][0].isNear(exact.modes.risk(at: 1.5), relative: 1e-12))
    let summary = try flow.withSnapshot(at: 1.5, of: later) { try observer.finish($0) }
    #expect(summary.number("supDistance") == rows[1][1])
  }

  @Test("another loss has no closed form")
  func otherLoss() throws {
    let result = try Linearization().watch(
      flow(loss: SquaredLoss(isSquared: false)), [(0, start), (1, start)])
    #expect(result.number("supDistance").isNaN && result.number("distance").isNaN)
  }

  @Test("the Gram matrix's change is its Frobenius norm, and the eigenvalues are LAPACK's")
  func gram() throws {
    let flow = try flow(ReLU())
    let later = start.map { 1.1 * $0 - 0.05 }
    let observer = GramDrift()
    let result = try observer.watch(flow, [(0, start), (1, later)])
    let (first, last) = (try flow.gramMatrix(start.span), try flow.gramMatrix(later.span))
    func distance(_ x: [Double], _ y: [Double]) -> Double {
      zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    #expect(result.number("supChange").isNear(distance(last.sum, first.sum)))
    #expect(result.number("supChangeA").isNear(distance(last.a, first.a)))
    #expect(result.number("smallestInitial") == (try first.eigenvalues()[0]))
    #expect(result.number("smallest") == (try last.eigenvalues()[0]))
    let row = try flow.withSnapshot(at: 1, of: later) { try observer.record($0) }
    #expect(row[1] == (try symmetricEigenvalues(last.a, count: 3)[0]))
  }

  @Test("residuals are written as a table, a row for each recorded time")
  func residuals() throws {
    let flow = try flow()
    let observer = Residuals()
    let mirrored = start.map { -$0 }
    _ = try observer.watch(flow, [(0, start), (2, mirrored)])
    let table = observer.tables[0]
    #expect(table.columns == ["time", "e1", "e2", "e3"])
    #expect(
      table.rows == [
        [0] + flow.forward(start.span).residuals, [2] + flow.forward(mirrored.span).residuals,
      ])
    let memory = observer.memory
    let resumed = Residuals()
    flow.withSnapshot(at: 0, of: start) { resumed.begin($0) }
    resumed.memory = memory
    #expect(resumed.tables == observer.tables)
  }
}
