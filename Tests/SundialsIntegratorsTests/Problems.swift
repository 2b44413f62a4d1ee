import Foundation
import ODECore

/// `y'' = -y` as a system; from (1, 0) the solution is (cos t, -sin t).
struct Oscillator: ODESystem {
  let dimension = 2
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    dy[0] = y[1]
    dy[1] = -y[0]
  }
}

/// The heat equation on (0, 1) by central differences at `n` inner points, zero at both ends. From
/// `sin(pi x)` the solution is `exp(-rate t) sin(pi x)` with `rate = 4 / h^2 sin^2(pi h / 2)`.
///
/// Counts its calls.
class Heat: ODESystem {
  let dimension: Int
  let h: Double
  var derivatives = 0
  var jacobians = 0
  var products = 0
  var preparations = 0
  var solves = 0

  init(points: Int) {
    dimension = points
    h = 1 / Double(points + 1)
  }

  var start: [Double] { (1...dimension).map { sin(.pi * h * Double($0)) } }
  var rate: Double { 4 / (h * h) * pow(sin(.pi * h / 2), 2) }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    derivatives += 1
    apply(y, &dy)
  }

  func apply(_ y: Span<Double>, _ out: inout MutableSpan<Double>) {
    let n = dimension
    for i in 0..<n {
      out[i] = ((i > 0 ? y[i - 1] : 0) - 2 * y[i] + (i + 1 < n ? y[i + 1] : 0)) / (h * h)
    }
  }
}

final class HeatWithJacobian: Heat, DenseJacobianProviding {
  func jacobian(_ t: Double, _ y: Span<Double>, into j: inout MutableSpan<Double>) throws {
    jacobians += 1
    let n = dimension
    for i in 0..<n {
      j[i + i * n] = -2 / (h * h)
      if i > 0 { j[i + (i - 1) * n] = 1 / (h * h) }
      if i + 1 < n { j[i + (i + 1) * n] = 1 / (h * h) }
    }
  }
}

class HeatWithProduct: Heat, JacobianVectorProductProviding {
  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) throws {
    products += 1
    apply(v, &jv)
  }
}

/// Solves `(I - gamma J) z = r` by Thomas' algorithm.
final class HeatWithNewton: HeatWithProduct, NewtonSystemSolving {
  private var gamma = 0.0

  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    preparations += 1
    self.gamma = gamma
  }

  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    solves += 1
    let n = dimension
    let off = -gamma / (h * h)
    let diagonal = 1 + 2 * gamma / (h * h)
    var c = [Double](repeating: 0, count: n)
    c[0] = off / diagonal
    z[0] = r[0] / diagonal
    for i in 1..<n {
      let pivot = diagonal - off * c[i - 1]
      c[i] = off / pivot
      z[i] = (r[i] - off * z[i - 1]) / pivot
    }
    for i in stride(from: n - 2, through: 0, by: -1) { z[i] = z[i] - c[i] * z[i + 1] }
  }
}

/// `y' = 1` in one unknown: a method of any order is exact, so steps grow as fast as they may.
struct Clock: ODESystem {
  let dimension = 1
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) { dy[0] = 1 }
}
