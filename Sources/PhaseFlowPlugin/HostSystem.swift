import CPluginABI
import ODECore

/// A function of the problem failed; PhaseFlow knows why.
struct HostFailure: Error {}

/// The system of a problem that PhaseFlow hands to an integrator. Its subclasses say what it can do besides its
/// right-hand side.
class HostSystem: NewtonSystemSolving {
  let dimension: Int
  private let table: UnsafePointer<phaseflow_problem>
  private var prepared = (time: 0.0, gamma: 0.0)

  required init(_ table: UnsafePointer<phaseflow_problem>) {
    self.table = table
    dimension = table.pointee.dimension
  }

  /// - Parameter table: must stay valid as long as the system is used.
  static func make(_ table: UnsafePointer<phaseflow_problem>) -> HostSystem {
    let given = table.pointee
    let type: HostSystem.Type =
      switch (given.jacobian != nil, given.jacobian_vector_product != nil, given.spectral_radius != nil) {
      case (false, false, false): HostSystem.self
      case (true, false, false): SystemJ.self
      case (false, true, false): SystemV.self
      case (false, false, true): SystemS.self
      case (true, true, false): SystemJV.self
      case (true, false, true): SystemJS.self
      case (false, true, true): SystemVS.self
      case (true, true, true): SystemJVS.self
      }
    return type.init(table)
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    precondition(y.count == dimension && dy.count == dimension)
    try check(
      y.withUnsafeBufferPointer { y in
        dy.withUnsafeMutableBufferPointer {
          table.pointee.derivative(table.pointee.host, t, y.baseAddress!, $0.baseAddress!)
        }
      })
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) throws {
    precondition(y.count == dimension && jacobian.count == dimension * dimension)
    try check(
      y.withUnsafeBufferPointer { y in
        jacobian.withUnsafeMutableBufferPointer {
          table.pointee.jacobian!(table.pointee.host, t, y.baseAddress!, $0.baseAddress!)
        }
      })
  }

  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) throws {
    precondition(y.count == dimension && v.count == dimension && jv.count == dimension)
    try check(
      y.withUnsafeBufferPointer { y in
        v.withUnsafeBufferPointer { v in
          jv.withUnsafeMutableBufferPointer {
            table.pointee.jacobian_vector_product!(
              table.pointee.host, t, y.baseAddress!, v.baseAddress!, $0.baseAddress!)
          }
        }
      })
  }

  func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double {
    precondition(y.count == dimension)
    var rho = 0.0
    try check(
      y.withUnsafeBufferPointer {
        table.pointee.spectral_radius!(table.pointee.host, t, $0.baseAddress!, &rho)
      })
    return rho
  }

  var newtonSolution: NewtonSolution { table.pointee.prepare_newton == nil ? .unavailable : .exact }

  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    precondition(y.count == dimension)
    prepared = (t, gamma)
    try check(
      y.withUnsafeBufferPointer {
        table.pointee.prepare_newton!(table.pointee.host, t, $0.baseAddress!, gamma)
      })
  }

  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    precondition(r.count == dimension && z.count == dimension)
    try check(
      r.withUnsafeBufferPointer { r in
        z.withUnsafeMutableBufferPointer {
          table.pointee.solve_newton!(table.pointee.host, r.baseAddress!, $0.baseAddress!)
        }
      })
  }

  private func check(_ status: Int32) throws {
    if status == PHASEFLOW_OK { return }
    guard status == PHASEFLOW_NO_CONVERGENCE else { throw HostFailure() }
    throw SingularNewtonSystem(time: prepared.time, gamma: prepared.gamma, part: "of the system")
  }
}

// One class for each set of capabilities, since a method asks for them by conformance.
private typealias J = DenseJacobianProviding
private typealias V = JacobianVectorProductProviding
private typealias S = SpectralRadiusEstimating
private final class SystemJ: HostSystem, J {}
private final class SystemV: HostSystem, V {}
private final class SystemS: HostSystem, S {}
private final class SystemJV: HostSystem, J, V {}
private final class SystemJS: HostSystem, J, S {}
private final class SystemVS: HostSystem, V, S {}
private final class SystemJVS: HostSystem, J, V, S {}
