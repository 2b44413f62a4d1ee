import Foundation
import ODECore

/// A system at one point, and what differences of `f` say about it there.
struct SystemProbe {
  let system: any ODESystem
  let t: Double
  let y: [Double]

  init(_ system: any ODESystem, _ t: Double, _ y: [Double]) {
    self.system = system
    self.t = t
    self.y = y
  }

  /// `f(t, y)`; the result is filled with `sentinel` beforehand.
  func f(_ y: [Double], sentinel: Double = .nan) throws -> [Double] {
    let (input, output) = (StateVector(y), StateVector(y.map { _ in sentinel }))
    try input.withSpan { y in try output.withMutableSpan { try system.derivative(t, y, into: &$0) } }
    return output.array
  }

  /// `J v` by central differences.
  func directional(_ v: [Double]) throws -> [Double] {
    let reach = max(size(y), 1e-3) * 6e-6 / max(v.map(abs).max() ?? 0, 1e-300)
    let forwards = try f(zip(y, v).map { $0 + reach * $1 })
    let backwards = try f(zip(y, v).map { $0 - reach * $1 })
    return zip(forwards, backwards).map { ($0 - $1) / (2 * reach) }
  }

  /// `J v` as the system gives it, else by differences.
  func product(_ v: [Double]) throws -> [Double] {
    guard let system = system as? any JacobianVectorProductProviding else { return try directional(v) }
    let (y, v, jv) = (StateVector(self.y), StateVector(v), StateVector(count: v.count))
    for i in 0..<jv.count { jv.pointer[i] = .nan }
    try y.withSpan { y in
      try v.withSpan { v in
        try jv.withMutableSpan { try system.jacobianVectorProduct(t, y, v, into: &$0) }
      }
    }
    return jv.array
  }

  /// Three directions without structure, the same each time.
  var vectors: [[Double]] {
    (1...3).map { k in y.indices.map { sin(Double(k) * (1.7 * Double($0) + 0.6)) } }
  }

  /// The root mean square.
  func size(_ v: [Double]) -> Double {
    v.isEmpty ? 0 : sqrt(v.reduce(0) { $0 + $1 * $1 } / Double(v.count))
  }
}
