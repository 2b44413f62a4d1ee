import ODECore

/// What a ``ProbeSystem`` throws.
public struct ProbeError: Error, Equatable {
  /// The call of `derivative` that threw, from 1.
  public let call: Int
}

/// A small smooth system that counts the calls made and fails on demand:
///
///     y0' = -y0,   y1' = y2,   y2' = -y1,   y = (exp(-t), cos t, -sin t)
///
/// It offers Jacobians and its spectral radius, 1, so that any method can work with it.
public final class ProbeSystem: DenseJacobianProviding, JacobianVectorProductProviding,
  SpectralRadiusEstimating
{
  /// What goes wrong.
  public enum Fault: Sendable {
    /// Every call works.
    case none
    /// ``ProbeError`` at this call of `derivative`, from 1, and at all later ones.
    case error(call: Int)
    /// `f` has this value in every component once `|t - t_0|` reaches `elapsed`.
    case value(Double, elapsed: Double)
  }

  public let dimension = 3
  /// How often the right-hand side was called.
  public private(set) var calls = 0
  private let fault: Fault
  private let initialTime: Double
  /// No honest check needs more calls; an integrator that never gives up must end all the same.
  private static let mostCalls = 2_000_000

  /// A system with a fault, or none.
  public init(fault: Fault = .none, initialTime: Double = 0) {
    self.fault = fault
    self.initialTime = initialTime
  }

  /// `y(t)`.
  public static func solution(_ t: Double) -> [Double] {
    ReferenceProblem.decay.exact!(t) + ReferenceProblem.oscillator.exact!(t)
  }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    calls += 1
    if calls > Self.mostCalls { throw ProbeError(call: calls) }
    dy[0] = -y[0]
    dy[1] = y[2]
    dy[2] = -y[1]
    switch fault {
    case .none: break
    case .error(let call): if calls >= call { throw ProbeError(call: calls) }
    case .value(let value, let elapsed):
      if abs(t - initialTime) >= elapsed { for i in 0..<3 { dy[i] = value } }
    }
  }

  public func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) {
    jacobian[0] = -1
    jacobian[1 + 2 * 3] = 1
    jacobian[2 + 1 * 3] = -1
  }

  public func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    jv[0] = -v[0]
    jv[1] = v[2]
    jv[2] = -v[1]
  }

  public func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double { 1 }
}
