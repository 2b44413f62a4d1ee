import CStepperKernels
import Foundation
import ODECore
import Testing

@testable import RungeKutta

@Suite("Operations on a state in chunks")
struct VectorKernelTests {
  /// Four chunks, the last of them ragged.
  private static let count = 3 * VectorKernels.chunkSize + 1003

  private func vector(_ seed: Double) -> StateVector {
    StateVector((0..<Self.count).map { sin(seed + 1.1 * Double($0)) * exp(cos(seed * Double($0))) })
  }

  private static let norms: [FusedNorm] = [.wrms, .max, .state]

  @Test("are the kernels over the whole, element by element, on any number of threads")
  func elementwise() {
    let (y, f, g) = (vector(1), vector(2), vector(3))
    let (whole, chunked) = (StateVector(count: Self.count), StateVector(count: Self.count))
    let table: [UnsafePointer<Double>?] = [UnsafePointer(f.pointer), UnsafePointer(g.pointer)]
    for threads in 1...4 {
      let vectors = VectorKernels(count: Self.count, threads: threads)
      _ = cstepper_combine(whole.pointer, y.pointer, 0.3, [1.5, -2], table, 2, 0, Self.count)
      #expect(vectors.combine(chunked.pointer, y.pointer, 0.3, [1.5, -2], table, 2))
      #expect(whole.array == chunked.array)
      cstepper_hermite(
        whole.pointer, y.pointer, f.pointer, g.pointer, y.pointer, 0.3, 0.1, 0, Self.count)
      vectors.hermite(chunked.pointer, y, f, g, y, 0.3, 0.1)
      #expect(whole.array == chunked.array)
      cstepper_lerp(whole.pointer, y.pointer, f.pointer, 0.7, 0, Self.count)
      vectors.lerp(chunked.pointer, y, f, 0.7)
      #expect(whole.array == chunked.array)
    }
  }

  @Test("sum to rounding what is summed at once, with the same bits on any number of threads")
  func sums() throws {
    let (y0, y1, e) = (vector(1), vector(2), vector(3))
    var stage = Optional(UnsafePointer(e.pointer))
    for norm in Self.norms {
      let whole = norm.kernel(
        y0.pointer, y1.pointer, e.pointer, 0.1, [2], &stage, 1, 1e-6, 1e-3, 0, Self.count)
      let values = (1...4).map { threads in
        let sums = VectorKernels(count: Self.count, threads: threads).sums(
          norm, y0.pointer, y1.pointer, e.pointer, 0.1, [2], &stage, 1, rtol: 1e-3, atol: 1e-6)
        return norm.value(sums, Self.count, rtol: 1e-3, atol: 1e-6)
      }
      #expect(Set(values).count == 1)
      let expected = norm.value(whole, Self.count, rtol: 1e-3, atol: 1e-6)
      // All terms are positive: each sum of 5e4 terms in eight lanes is good to 6e3 roundings.
      #expect(abs(values[0] - expected) <= 6e3 * .ulpOfOne * expected)
    }
    let distances = (1...4).map { VectorKernels(count: Self.count, threads: $0).norm(y0, minus: y1) }
    #expect(Set(distances).count == 1)
    let plain = (0..<Self.count).reduce(0.0) { $0 + pow(y0.pointer[$1] - y1.pointer[$1], 2) }
    #expect(abs(distances[0] - plain.squareRoot()) <= 5e4 * .ulpOfOne * plain.squareRoot())
  }

  @Test("find NaN in whichever chunk it is", arguments: [0, 20_000, count - 1])
  func finiteness(_ position: Int) throws {
    let (y, out) = (vector(1), StateVector(count: Self.count))
    let vectors = VectorKernels(count: Self.count, threads: 2)
    #expect(vectors.isFinite(y))
    #expect(vectors.add(y, 1, y, into: out))
    y.pointer[position] = .nan
    #expect(!vectors.isFinite(y))
    #expect(!vectors.add(y, 1, y, into: out))
    var stage = Optional(UnsafePointer(y.pointer))
    for norm in Self.norms {
      let sums = vectors.sums(
        norm, out.pointer, out.pointer, out.pointer, 1, [1], &stage, 1, rtol: 1, atol: 1)
      #expect(!sums.finite)
    }
  }

  @Test("fewer than one thread is refused by name")
  func refusal() throws {
    let problem = try ODEProblem(
      ClosureSystem(dimension: 1) { _, _, dy in dy[0] = 0 }, to: 1, initialState: [1])
    for method: any Integrator in [
      DormandPrince(StepControl(threads: 0)), Euler(step: .value(1), threads: -1),
    ] {
      let solution = try integrate(problem, with: method)
      #expect(solution.returnCode == .initialFailure)
      #expect(solution.message.contains("threads"))
    }
  }
}
