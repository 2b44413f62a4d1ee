import Foundation
import ImplicitRungeKutta
import ODECore
import ODETestKit
import SundialsIntegrators
import Testing

@Suite("CVODE's linear solvers")
struct LinearSolverTests {
  @Test(
    "A declared band is used, and keeps the tolerance",
    arguments: ["heat", "allen-cahn", "brusselator", "medical-akzo"])
  func banded(name: String) throws {
    let reference = try #require(ReferenceProblem.named(name))
    let rtol = 1e-6
    let solution = try integrate(reference.problem, with: CVODEBDF(rtol: rtol, atol: 1e-9))
    #expect(solution.returnCode == .success)
    // BDF controls its steps only.
    #expect(reference.error(of: solution.state) < 1000 * rtol, "\(reference.error(of: solution.state))")
    #expect(solution.choice?.contains("a banded Jacobian") == true, "\(solution.choice ?? "-")")
    // Three or five columns in each Jacobian, not hundreds.
    #expect(solution.statistics.nfev < 20 * solution.statistics.accepted)
  }

  /// With CVODE's own coefficient, a tenth, the Oregonator ends 9.5e4 away at 1e-3, pollution 150 tolerances away at 1e-4.
  @Test(
    "What Newton's iteration leaves does not add up at loose tolerances",
    arguments: ["heat", "allen-cahn", "brusselator", "medical-akzo", "orego", "pollution"], [1e-3, 1e-4])
  func loose(name: String, rtol: Double) throws {
    let reference = try #require(ReferenceProblem.named(name))
    let solution = try integrate(
      reference.problem, with: CVODEBDF(rtol: rtol, atol: rtol * reference.atolRatio))
    #expect(solution.returnCode == .success)
    #expect(reference.error(of: solution.state) < 50 * rtol, "\(reference.error(of: solution.state))")
  }

  /// The heat equation on a square by lines, `u = sin(pi x) sin(pi y)` at the start: the lines decay at
  /// `8 (n + 1)^2 sin^2(pi / (2 (n + 1)))`.
  private struct Square: SparseStructured {
    let side: Int
    var dimension: Int { side * side }
    private func neighbours(_ k: Int) -> [Int] {
      let (x, y) = (k % side, k / side)
      return [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
        .filter { (0..<side).contains($0.0) && (0..<side).contains($0.1) }.map { $0.0 + side * $0.1 }
    }
    var sparsity: SparsityPattern? {
      SparsityPattern(
        count: dimension,
        elements: (0..<dimension).flatMap { k in neighbours(k).map { (row: $0, column: k) } })
    }
    func derivative(_ t: Double, _ u: Span<Double>, into du: inout MutableSpan<Double>) {
      let scale = Double((side + 1) * (side + 1))
      for k in 0..<dimension {
        var sum = -4 * u[k]
        for j in neighbours(k) { sum += u[j] }
        du[k] = scale * sum
      }
    }
    var start: [Double] {
      (0..<dimension).map { k in
        let h = 1 / Double(side + 1)
        return sin(.pi * h * Double(k % side + 1)) * sin(.pi * h * Double(k / side + 1))
      }
    }
    var rate: Double { 8 * pow(Double(side + 1) * sin(.pi / Double(2 * (side + 1))), 2) }
  }

  @Test("A declared pattern goes to KLU; differences share evaluations")
  func sparse() throws {
    let square = Square(side: 40)
    let problem = try ODEProblem(square, to: 0.05, initialState: square.start)
    for solver in [
      CVODELinearSolver.automatic, .sparse, .spgmrBanded(krylovDimension: 20, lower: 1, upper: 1),
    ] {
      let solution = try integrate(problem, with: CVODEBDF(rtol: 1e-6, atol: 1e-9, linearSolver: solver))
      #expect(solution.returnCode == .success, "\(solution.message)")
      let middle = 20 * 40 + 20
      let expected = square.start[middle] * exp(-square.rate * 0.05)
      #expect(abs(solution.state[middle] / expected - 1) < 1e-3, "\(solver)")
      if solver != .automatic { continue }
      let words = try #require(solution.choice)
      #expect(words.contains("a sparse Jacobian of 7840 elements") && words.contains("KLU"), "\(words)")
      // 1600 columns, less than ten groups.
      #expect(solution.statistics.nfev < 2000)
    }
  }

  @Test("A solver that needs a structure is refused without it")
  func refused() throws {
    let problem = ReferenceProblem.hires.problem
    for solver in [CVODELinearSolver.banded, .sparse, .spgmrBanded(lower: 9, upper: 0)] {
      let solution = try integrate(problem, with: CVODEBDF(linearSolver: solver))
      #expect(solution.returnCode == .initialFailure, "\(solver)")
    }
  }

  /// E5 without its Jacobian: rates from 1e-9 to 1e9, concentrations down to 1e-23. CVODE's own difference quotient is off by factors of
  /// up to 35; at 1e-6 BDF leaves too much of Newton's iteration for the end, whatever the increments.
  @Test("E5 by differences comes to its published end")
  func badlyScaled() throws {
    let reference = ReferenceProblem.e5
    let system = reference.problem.system
    let blind = try ODEProblem(
      ClosureSystem(dimension: 4) { try system.derivative($0, $1, into: &$2) },
      to: reference.problem.finalTime, initialState: reference.problem.initialState)
    for (problem, rtol) in [(reference.problem, 1e-6), (reference.problem, 1e-8), (blind, 1e-8)] {
      let solution = try integrate(problem, with: CVODEBDF(rtol: rtol, atol: 1e-24))
      #expect(solution.returnCode == .success)
      #expect(reference.error(of: solution.state) < 0.1, "\(solution.state)")
    }
    for (problem, rtol) in [(reference.problem, 1e-6), (blind, 1e-6), (blind, 1e-8)] {
      let solution = try integrate(problem, with: Radau(rtol: rtol, atol: 1e-24))
      #expect(solution.returnCode == .success)
      // Rounding of y2 - y3 - y4 leaves no more than that.
      #expect(reference.error(of: solution.state) < 2e-3, "\(solution.state)")
    }
  }
}
