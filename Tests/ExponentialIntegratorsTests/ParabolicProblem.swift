import Foundation
import ODECore

/// Semilinear heat equations on the unit interval or square, zero at the boundary, by central differences; with a source such
/// that the solution is known:
///
///     u_t = laplace u + g(u) + source,   u = x (1 - x) exp(t)  or  x (1 - x) y (1 - y) exp(t).
///
/// Central differences are exact for quadratic polynomials, so this is the solution of the semidiscrete problem as well. In one dimension with
/// `g = 1/(1 + u^2)` it is example 6.1 of Hochbruck and Ostermann (2005), on which methods without the stiff order conditions lose order.
final class ParabolicProblem: JacobianVectorProductProviding {
  let side: Int
  let isPlane: Bool
  private let g: (Double) -> Double
  private let slope: (Double) -> Double
  private let shape: [Double]
  private let laplacian: [Double]

  init(
    side: Int, isPlane: Bool = false, _ g: @escaping (Double) -> Double, slope: @escaping (Double) -> Double
  ) {
    (self.side, self.isPlane, self.g, self.slope) = (side, isPlane, g, slope)
    let x = (1...side).map { Double($0) / Double(side + 1) }
    let p = x.map { $0 * (1 - $0) }
    shape = isPlane ? p.flatMap { a in p.map { a * $0 } } : p
    laplacian = isPlane ? p.flatMap { a in p.map { -2 * (a + $0) } } : p.map { _ in -2 }
  }

  /// `g = 1/(1 + u^2)`.
  static func hochbruckOstermann(_ side: Int) -> ParabolicProblem {
    ParabolicProblem(side: side) {
      1 / (1 + $0 * $0)
    } slope: {
      -2 * $0 / pow(1 + $0 * $0, 2)
    }
  }

  /// `g = u - u^3`, Allen and Cahn's reaction, on the square.
  static func reactionOnSquare(_ side: Int) -> ParabolicProblem {
    ParabolicProblem(side: side, isPlane: true) {
      $0 - $0 * $0 * $0
    } slope: {
      1 - 3 * $0 * $0
    }
  }

  var dimension: Int { shape.count }

  func exact(_ t: Double) -> [Double] { shape.map { $0 * exp(t) } }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    applyLaplacian(y, into: &dy)
    let growth = exp(t)
    for i in 0..<dimension {
      let u = shape[i] * growth
      dy[i] += g(y[i]) + u - laplacian[i] * growth - g(u)
    }
  }

  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    applyLaplacian(v, into: &jv)
    for i in 0..<dimension { jv[i] += slope(y[i]) * v[i] }
  }

  func applyLaplacian(_ v: Span<Double>, into result: inout MutableSpan<Double>) {
    let factor = Double((side + 1) * (side + 1))
    let rows = isPlane ? side : 1
    for r in 0..<rows {
      for c in 0..<side {
        let i = r * side + c
        var sum = -2 * v[i] * (isPlane ? 2 : 1)
        if c > 0 { sum += v[i - 1] }
        if c + 1 < side { sum += v[i + 1] }
        if r > 0 { sum += v[i - side] }
        if r + 1 < rows { sum += v[i + side] }
        result[i] = factor * sum
      }
    }
  }
}

/// The same with the Laplacian for `L`, whose phi functions are diagonal in sines (one dimension).
final class DiffusionPart: PhiFunctionProviding {
  private let problem: ParabolicProblem
  private let modes: [[Double]]
  private let rates: [Double]

  init(_ problem: ParabolicProblem) {
    self.problem = problem
    let n = problem.side
    let step = Double.pi / Double(n + 1)
    modes = (1...n).map { k in
      (1...n).map { (2 / Double(n + 1)).squareRoot() * sin(step * Double(k * $0)) }
    }
    rates = (1...n).map { -pow(2 * Double(n + 1) * sin(step * Double($0) / 2), 2) }
  }

  var dimension: Int { problem.dimension }
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    problem.derivative(t, y, into: &dy)
  }
  func preparePhi(_ t: Double, _ y: Span<Double>) {}
  func applyLinearPart(_ v: Span<Double>, into result: inout MutableSpan<Double>) {
    problem.applyLaplacian(v, into: &result)
  }
  func applyPhi(h: Double, _ vectors: Span<Double>, highest: Int, into result: inout MutableSpan<Double>) {
    let n = dimension
    for i in 0..<n { result[i] = 0 }
    for (mode, rate) in zip(modes, rates) {
      let phi = PhiFunctions(h * rate)
      var sum = 0.0
      for k in 0...highest {
        var part = 0.0
        for i in 0..<n { part += mode[i] * vectors[k * n + i] }
        sum += phi[k] * part
      }
      for i in 0..<n { result[i] += sum * mode[i] }
    }
  }
}
