import ODECore
import RungeKutta

/// The `L` of an exponential Runge-Kutta method, frozen at the beginning of a step.
protocol LinearPart: AnyObject {
  /// Freezes at `(t, y)`, where `f` is `f0`.
  func prepare(_ t: Double, _ y: StateVector, _ f0: StateVector) throws
  /// `L v`.
  func apply(_ v: StateVector, into result: StateVector) throws
  /// `sum_k phi_k(h L) v_k`, `k = 1...p`; `vectors` holds `v_0 = 0, v_1, ..., v_p`. Returns false if it did not converge.
  func applyPhi(h: Double, _ vectors: StateVector, highest: Int, into result: StateVector) throws -> Bool
  /// What it cost so far, `nfev` apart, which the right-hand side counts.
  var counters: Statistics { get }
}

/// That of a system which provides it.
final class ProvidedLinearPart: LinearPart {
  private let system: any PhiFunctionProviding
  private(set) var counters = Statistics()

  init(_ system: any PhiFunctionProviding) { self.system = system }

  func prepare(_ t: Double, _ y: StateVector, _ f0: StateVector) throws {
    counters.njev += 1
    try y.withSpan { try system.preparePhi(t, $0) }
  }

  func apply(_ v: StateVector, into result: StateVector) throws {
    counters.njtimes += 1
    try v.withSpan { v in try result.withMutableSpan { try system.applyLinearPart(v, into: &$0) } }
  }

  func applyPhi(h: Double, _ vectors: StateVector, highest: Int, into result: StateVector) throws -> Bool {
    counters.nsetups += 1
    try vectors.withSpan { vectors in
      try result.withMutableSpan {
        try system.applyPhi(
          h: h, vectors.extracting(0..<(highest + 1) * system.dimension), highest: highest, into: &$0)
      }
    }
    return true
  }
}
