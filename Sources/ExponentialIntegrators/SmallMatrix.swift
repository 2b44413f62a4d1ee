import Foundation
import UntrustedNumbers

/// Functions of the small matrices that Krylov methods project on.
enum SmallMatrix {
  /// `phi_p(sigma H) e_1` for the leading `m x m` part of `H` (row stride `ld`), and the last element of `phi_(p+1)(sigma H) e_1`.
  ///
  /// The columns of the exponential of `sigma H` bordered by a shift matrix: Saad 1992, proposition 2.1; Sidje, ACM TOMS 24 (1998) 130-156.
  static func phi(
    _ p: Int, _ h: [Double], _ ld: Int, _ m: Int, _ sigma: Double
  ) -> (lower: [Double], next: Double) {
    let size = m + p + 1
    var a = [Double](repeating: 0, count: size * size)
    for i in 0..<m {
      for j in max(0, i - 1)..<m { a[i * size + j] = sigma * h[i * ld + j] }
    }
    a[m] = 1
    for k in 0..<p { a[(m + k) * size + m + k + 1] = 1 }
    let e = exponential(a, size)
    return ((0..<m).map { e[$0 * size + m + p - 1] }, e[(m - 1) * size + m + p])
  }

  /// `exp(a)`, row-major, by scaling, a Taylor polynomial of degree 16 and squaring.
  ///
  /// Scaled to a norm of at most 1/2 the remainder is below `(1/2)^17/17! = 2e-20`. Moler, Van Loan, SIAM Rev. 45 (2003) 3-49, method 3.
  static func exponential(_ a: [Double], _ n: Int) -> [Double] {
    let norm = (0..<n).map { i in (0..<n).reduce(0) { $0 + abs(a[i * n + $1]) } }.max()!
    guard norm.isFinite else { return [Double](repeating: .nan, count: n * n) }
    let squarings = max(0, Int(saturating: (log2(max(norm, 1e-300)) + 1).rounded(.up)))
    let scale = pow(2, -Double(squarings))
    let b = a.map { $0 * scale }
    // Horner: I + b (I + b/2 (I + b/3 (...))).
    var sum = identity(n)
    for k in stride(from: 16.0, through: 1, by: -1) {
      sum = product(b, sum, n)
      for i in 0..<n * n { sum[i] /= k }
      for i in 0..<n { sum[i * n + i] += 1 }
    }
    for _ in 0..<squarings { sum = product(sum, sum, n) }
    return sum
  }

  private static func identity(_ n: Int) -> [Double] {
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n { result[i * n + i] = 1 }
    return result
  }

  private static func product(_ a: [Double], _ b: [Double], _ n: Int) -> [Double] {
    var c = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for k in 0..<n {
        let factor = a[i * n + k]
        guard factor != 0 else { continue }
        for j in 0..<n { c[i * n + j] += factor * b[k * n + j] }
      }
    }
    return c
  }
}
