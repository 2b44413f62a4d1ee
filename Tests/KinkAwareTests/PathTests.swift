import Foundation
import GradientFlow
import ODECore
import Testing

@testable import KinkAwareIntegrator

@Suite("The residual path of a step and its rate matrix")
struct PathTests {
  /// `q(t) = 1 + 2 t - 3 t^2` over a step of length 2, continued over one of length 1, is moved to start at `e0`.
  @Test("the prediction continues the last path from the present residuals")
  func prediction() throws {
    let bench = try Bench()
    let (s, n) = (3, 4)
    var last = PastPath(coefficients: StateVector(count: s * n))
    func q(_ t: Double) -> Double { 1 + 2 * t - 3 * t * t }
    for i in 0..<n { for (k, c) in [1.0, 2, -3].enumerated() { last.coefficients.pointer[k * n + i] = c } }
    last.length = 2
    for i in 0..<n { bench.path.start.pointer[i] = Double(i) }
    bench.path.predict(length: 1, after: last)
    for i in 0..<n {
      for t in [0.0, 0.3, 1] {
        let expected = Double(i) + q(1 + t / 2) - q(1)
        #expect(abs(bench.path.value(i, at: t) - expected) <= 1e-13)
      }
    }
  }

  @Test("a correction changes the path at the nodes, and its number")
  func correction() throws {
    let bench = try Bench()
    bench.setPath([1, 2, 3, 4])
    let number = bench.path.number
    bench.path.correct(by: (0..<12).map { Double($0) })
    #expect(bench.path.number == number + 1)
    for (j, node) in bench.collocation.nodes.enumerated() {
      for i in 0..<4 {
        let expected = Double(i + 1 + 4 * j + i)
        #expect(abs(bench.path.value(i, at: node) - expected) <= 1e-13)
      }
    }
  }

  /// Radau IIA integrates polynomials of degree 4 exactly by its weights, the last row of A; published nodes.
  @Test("three stages have the nodes (4 -+ sqrt 6)/10 and order 5")
  func collocation() {
    let c = Collocation(stages: 3)
    let root = 6.0.squareRoot()
    #expect(largestDifference(c.nodes, [(4 - root) / 10, (4 + root) / 10, 1]) <= 1e-15)
    for degree in 0...4 {
      let sum = (0..<3).reduce(0) { $0 + c.A[6 + $1] * pow(c.nodes[$1], Double(degree)) }
      #expect(abs(sum - 1 / Double(degree + 1)) <= 1e-15)
    }
  }

  private func randomModes(_ bench: Bench) throws -> [Double] {
    let m = bench.problem.width
    let start = try gaussianStart(bench.flow)
    for k in 0..<m {
      let theta = [2 * start[k], start[m + k], start[2 * m + k]]
      try bench.modes.mode(bench.sides(theta)).neurons.append(theta, id: Int32(k))
    }
    for mode in bench.modes.modes where mode.isShared { mode.rebuildMoments(bench.pool) }
    return start
  }

  /// Of `right diag(lambda) left`, 4 x 4.
  private func entry(_ rates: RateMatrix, _ i: Int, _ j: Int) -> Double {
    var sum = 0.0
    for a in 0..<4 {
      sum += rates.right.pointer[i * 4 + a] * rates.lambda.pointer[a] * rates.left.pointer[a * 4 + j]
    }
    return sum
  }

  /// `G` (32) of the network's own kernels, times `m/n`.
  @Test("the rate matrix is the Gram matrix times m/n", arguments: [3, 40])
  func rates(_ width: Int) throws {
    let bench = try Bench(width: width)
    let start = try randomModes(bench)
    let rates = RateMatrix(bench.problem, bench.collocation)
    let ones = StateVector([1, 1, 1, 1])
    try rates.decompose(bench.modes, curvatures: ones)
    let gram = try bench.flow.gramMatrix(start.span).sum
    for i in 0..<4 {
      for j in 0..<4 {
        let G = entry(rates, i, j)
        #expect(abs(G - Double(width) / 4 * gram[i * 4 + j]) <= 1e-13 * Double(width))
      }
    }
    let trace = rates.trace(bench.modes, curvatures: ones)
    let expected = Double(width) / 4 * (gram[0] + gram[5] + gram[10] + gram[15])
    #expect(abs(trace - expected) <= 1e-13 * Double(width))
  }

  @Test("Newton's systems are solved: (1 + H A (x) G) change = E - values")
  func solve() throws {
    let bench = try Bench(width: 40)
    _ = try randomModes(bench)
    let rates = RateMatrix(bench.problem, bench.collocation)
    let C = [1, 2, 0.5, 3.0]
    try rates.decompose(bench.modes, curvatures: StateVector(C))
    let (n, s, H) = (4, 3, 0.8)
    rates.prepare(length: H)
    let E = (0..<12).map { Double(($0 * 7) % 5) - 1.5 }, values = (0..<12).map { Double(($0 * 3) % 7) }
    var change = [Double](repeating: 0, count: 12)
    let size = rates.solve(E, minus: values, into: &change)
    #expect(size == change.map(abs).max())
    for j in 0..<s {
      for i in 0..<n {
        var left = change[j * n + i]
        for l in 0..<s {
          for k in 0..<n {
            left += H * bench.collocation.A[j * s + l] * entry(rates, i, k) * change[l * n + k]
          }
        }
        let right = E[j * n + i] - values[j * n + i]
        #expect(abs(left - right) <= 1e-12)
      }
    }
  }

  @Test("step sizes: growth, rejection, landing, and the ends of what is possible")
  func control() throws {
    var control = StepSizeControl(tolerance: 1e-4, stages: 3)
    control.next = 1
    // Landing: within a hundredth of the limit.
    let landing = try control.attempt(from: 0, to: 1.005, force: 0)
    #expect(landing.lands && landing.length == 1.005)
    // A rapidity of 1.5 at most.
    #expect(try control.attempt(from: 0, to: 100, force: 3).length == 0.5)
    #expect(control.rejects(1, error: 2) && control.next < 0.8 && control.rejected == 1)
    #expect(!control.rejects(1, error: 1.4) && control.rejected == 1)
    control.rejectPath(1)
    #expect(control.next == 0.5 && control.hold == 3)
    let attempt = try control.attempt(from: 0, to: 100, force: 0)
    // After a failed path growth is 1.2 at most; without one it is 4.
    control.accept(attempt, error: 0)
    #expect(control.next == 0.6 && control.hold == 2 && control.accepted == 1)
    control.hold = 0
    control.accept(attempt, error: 0)
    #expect(control.next == 2)
    control.next = 1e-20
    let failure = #expect(throws: StepFailure.self) { try control.attempt(from: 1, to: 2, force: 0) }
    guard case .underflow = failure else { Issue.record("\(String(describing: failure))"); return }
  }
}
