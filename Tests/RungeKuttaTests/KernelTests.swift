import CStepperKernels
import Foundation
import ODECore
import Testing

/// The kernels against plain loops that round in the documented order: equal bits mean that the result
/// depends neither on the SIMD width nor on fused multiply-adds of the machine at hand.
@Suite("Kernels give the documented bits on any machine")
struct KernelTests {
  private static let lengths = [1, 7, 8, 9, 15, 16, 17, 40, 1001]

  private func vector(_ n: Int, _ seed: Double) -> StateVector {
    StateVector((0..<n).map { sin(seed + 1.1 * Double($0)) * exp(cos(seed * Double($0))) })
  }

  private func withTable<R>(_ k: [StateVector], _ body: (UnsafePointer<UnsafePointer<Double>?>) -> R) -> R {
    let pointers = k.map { Optional(UnsafePointer($0.pointer)) }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  @Test("in linear combinations", arguments: lengths)
  func combine(_ n: Int) {
    let k = (1...6).map { vector(n, Double($0)) }
    let y = vector(n, 0.5)
    let c = [0.3, -1.7, 2.9, 0.01, -11.6, 1 / 3.0]
    let h = 0.0123
    let out = StateVector(count: n)
    for count in [1, 2, 6] {
      #expect(withTable(k) { cstepper_combine(out.pointer, y.pointer, h, c, $0, count, 0, n) })
      for i in 0..<n {
        var sum = 0.0
        for j in 0..<count { sum += c[j] * k[j].pointer[i] }
        #expect(out.pointer[i] == y.pointer[i] + h * sum)
      }
    }
    #expect(withTable(k) { cstepper_combine(out.pointer, nil, h, c, $0, 1, 0, n) })
    #expect((0..<n).allSatisfy { out.pointer[$0] == h * (c[0] * k[0].pointer[$0]) })
  }

  @Test("in the root mean square of an error, summed in eight lanes", arguments: lengths)
  func wrms(_ n: Int) {
    let (a, b, e) = (vector(n, 2), vector(n, 3), vector(n, 4))
    let (h, rtol, atol) = (0.37, 1e-3, 1e-6)
    let result = withTable([e]) {
      cstepper_error_wrms(a.pointer, b.pointer, e.pointer, h, [0.7], $0, 1, atol, rtol, 0, n)
    }
    var lanes = [Double](repeating: 0, count: 8)
    for i in 0..<n {
      let error = h * (0.7 * e.pointer[i])
      let r = error / (atol + rtol * max(abs(a.pointer[i]), abs(b.pointer[i])))
      lanes[i % 8] += r * r
    }
    let sum =
      ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
    #expect(result.finite)
    #expect(result.error == sum)
  }

  @Test("and find NaN and infinity wherever they stand", arguments: lengths)
  func finiteness(_ n: Int) {
    let out = StateVector(count: n)
    for position in Set([0, n / 2, n - 1]) {
      for bad in [Double.nan, .infinity, -.infinity] {
        let x = vector(n, 1)
        #expect(cstepper_is_finite(x.pointer, 0, n))
        x.pointer[position] = bad
        #expect(!cstepper_is_finite(x.pointer, 0, n))
        #expect(!withTable([x]) { cstepper_combine(out.pointer, nil, 1, [1], $0, 1, 0, n) })
      }
    }
  }

  @Test("in Hermite and linear interpolation, exact at both ends and for cubics")
  func interpolation() {
    // y = t^3 - 2 t on [1, 1.5]: values and slopes from the formula; a cubic is reproduced to rounding.
    let n = 19
    func y(_ t: Double, _ i: Int) -> Double { Double(i) * (t * t * t - 2 * t) }
    func f(_ t: Double, _ i: Int) -> Double { Double(i) * (3 * t * t - 2) }
    let (y0, y1) = (StateVector((0..<n).map { y(1, $0) }), StateVector((0..<n).map { y(1.5, $0) }))
    let (f0, f1) = (StateVector((0..<n).map { f(1, $0) }), StateVector((0..<n).map { f(1.5, $0) }))
    let out = StateVector(count: n)
    for theta in [0, 0.25, 0.6, 1] {
      cstepper_hermite(out.pointer, y0.pointer, y1.pointer, f0.pointer, f1.pointer, theta, 0.5, 0, n)
      for i in 0..<n { #expect(abs(out.pointer[i] - y(1 + 0.5 * theta, i)) < 1e-14 * Double(i + 1)) }
      cstepper_lerp(out.pointer, y0.pointer, y1.pointer, theta, 0, n)
      for i in 0..<n {
        #expect(out.pointer[i] == y0.pointer[i] + theta * (y1.pointer[i] - y0.pointer[i]))
      }
    }
  }
}
