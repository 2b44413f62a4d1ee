import Foundation
import ImplicitRungeKutta
import ODECore
import ODETestKit
import Testing

@Suite("Implicit methods with a sparse Jacobian")
struct SparseTests {
  /// Heat and a wind on a square by lines: `u_k' = sum_neighbours (u_j - u_k)/h^2 + w (u_(k-1) - u_k)`, zero at the edges; not symmetric.
  private struct Square: SparseStructured {
    let side: Int
    let wind: Double
    let declares: Bool
    var dimension: Int { side * side }
    private func neighbours(_ k: Int) -> [Int] {
      let (x, y) = (k % side, k / side)
      return [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
        .filter { (0..<side).contains($0.0) && (0..<side).contains($0.1) }.map { $0.0 + side * $0.1 }
    }
    var sparsity: SparsityPattern? {
      declares
        ? SparsityPattern(
          count: dimension,
          elements: (0..<dimension).flatMap { k in neighbours(k).map { (row: k, column: $0) } }) : nil
    }
    func derivative(_ t: Double, _ u: Span<Double>, into du: inout MutableSpan<Double>) {
      let scale = Double((side + 1) * (side + 1))
      for k in 0..<dimension {
        var sum = -4 * u[k]
        for j in neighbours(k) { sum += u[j] }
        du[k] = scale * sum + wind * ((k % side > 0 ? u[k - 1] : 0) - u[k])
      }
    }
    var start: [Double] {
      (0..<dimension).map { k in
        let h = 1 / Double(side + 1)
        return sin(.pi * h * Double(k % side + 1)) * sin(.pi * h * Double(k / side + 1))
      }
    }
    /// At which the start decays without wind.
    var rate: Double { 8 * pow(Double(side + 1) * sin(.pi / Double(2 * (side + 1))), 2) }
  }

  private static var methods: [any Integrator] {
    [Radau(rtol: 1e-6, atol: 1e-9), Rodas(rtol: 1e-6, atol: 1e-9)]
  }

  @Test("KLU's factors give what LAPACK's give, with as many evaluations as columns have colours")
  func dense() throws {
    let (sparse, dense) = (
      Square(side: 10, wind: 30, declares: true), Square(side: 10, wind: 30, declares: false)
    )
    for method in Self.methods {
      func run(_ square: Square) throws -> Solution {
        try integrate(ODEProblem(square, to: 0.05, initialState: square.start), with: method)
      }
      let (few, all) = (try run(sparse), try run(dense))
      #expect(few.returnCode == .success && few.statistics.accepted == all.statistics.accepted)
      // Steps are the same; increments of differences and rounding are not quite.
      let largest = all.state.map(abs).max()!
      for (a, b) in zip(few.state, all.state) { #expect(abs(a - b) < 1e-7 * largest, "\(method.name)") }
      #expect(few.choice?.contains("a sparse Jacobian of 460 elements") == true, "\(few.choice ?? "-")")
      #expect(all.choice?.contains("a dense Jacobian") == true)
      // Five neighbours: less than ten groups of columns for a hundred.
      #expect(
        all.statistics.nfev - few.statistics.nfev > 80 * all.statistics.njev,
        "\(method.name): \(few.statistics.nfev), \(all.statistics.nfev)")
    }
  }

  /// Without wind: the start is an eigenvector.
  @Test("ten thousand unknowns follow the closed form")
  func large() throws {
    let square = Square(side: 100, wind: 0, declares: true)
    let problem = try ODEProblem(square, to: 0.05, initialState: square.start)
    for method in Self.methods {
      #expect(method.refusal(of: problem) == nil)
      let solution = try integrate(problem, with: method)
      #expect(solution.returnCode == .success, "\(solution.message)")
      let middle = 50 * 100 + 50
      let expected = square.start[middle] * exp(-square.rate * 0.05)
      #expect(abs(solution.state[middle] / expected - 1) < 1e-5, "\(method.name)")
    }
    let silent = Square(side: 100, wind: 0, declares: false)
    let refusal = Radau().refusal(of: try ODEProblem(silent, to: 1, initialState: square.start))
    #expect(refusal?.contains("sparsity") == true)
  }
}
