/// ``Dynamics`` that are linear in the state and the force, with coefficients that depend on time only:
///
///     order 1:  theta' = b F(theta) + c theta
///     order 2:  theta' = v,   v' = b F(theta) + c theta + d v
///
/// Right-hand side, Jacobian-vector products, Newton's systems and stability limits follow from these and from what the gradient
/// flow knows of itself.
public protocol LinearDynamics: Dynamics {
  /// 1, or 2 for dynamics with a velocity.
  var order: Int { get }
  /// `b`, `c` and `d` at `t`; `b` is positive.
  func coefficients(at t: Double) -> DynamicsCoefficients
  /// Whether the coefficients are the same at all times; a steady state is recognised only then. False unless said.
  var isAutonomous: Bool { get }
}

/// The factors of the highest derivative's terms, see ``LinearDynamics``.
public struct DynamicsCoefficients: Equatable, Sendable {
  /// `b`.
  public var force: Double
  /// `c`, in units of one over time to the order.
  public var position: Double
  /// `d`, in units of one over time.
  public var velocity: Double

  /// The factors; those that are left out are zero.
  public init(force: Double, position: Double = 0, velocity: Double = 0) {
    (self.force, self.position, self.velocity) = (force, position, velocity)
  }
}

extension LinearDynamics {
  public var vectorCount: Int { order }
  public var isAutonomous: Bool { false }

  public func derivative(
    _ t: Double, _ y: Span<Double>, force: Span<Double>, into dy: inout MutableSpan<Double>
  ) {
    let (n, k) = (force.count, coefficients(at: t))
    precondition(order == 1 || order == 2)
    precondition(y.count == order * n && dy.count == order * n)
    y.withUnsafeBufferPointer { y in
      force.withUnsafeBufferPointer { f in
        dy.withUnsafeMutableBufferPointer { dy in
          let (y, f, dy) = (y.baseAddress!, f.baseAddress!, dy.baseAddress!)
          let (b, c, d) = (k.force, k.position, k.velocity)
          if order == 1 {
            for i in 0..<n { dy[i] = b * f[i] + c * y[i] }
          } else {
            let (v, dv) = (y + n, dy + n)
            for i in 0..<n {
              dy[i] = v[i]
              dv[i] = b * f[i] + c * y[i] + d * v[i]
            }
          }
        }
      }
    }
  }
}
