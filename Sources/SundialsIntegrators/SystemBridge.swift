import CSundials
import Logging
import ODECore

/// What CVODE calls back: the system, its capabilities, and the first error they threw.
///
/// The shim does not call again once a call failed, so `error` is set once per step.
final class SystemBridge {
  let system: any ODESystem
  private let count: Int
  private let productSystem: (any JacobianVectorProductProviding)?
  private let denseSystem: (any DenseJacobianProviding)?
  private let newtonSystem: (any NewtonSystemSolving)?
  private let logger: Logger

  private let sensitivities: SensitivitySystem?
  private let differences: DifferencedJacobian?
  /// Where the elements of differences go.
  private let layout: MatrixLayout
  private let differenceState: (y: StateVector, f: StateVector)
  private let floor: Double
  /// The size of the next step, for increments of differences.
  var stepSize = 0.0
  /// Evaluations of `f` for differences.
  private(set) var differenceEvaluations = 0
  private var error: (any Error)?
  private var hasWarned = false
  /// CVODE's last words on the present step.
  private(set) var lastMessage: String?
  /// The last singular Newton system of the present step.
  private(set) var lastSingularity: SingularNewtonSystem?

  /// - Parameters:
  ///   - solver: for Newton's systems; `nil` without Newton's iteration.
  ///   - atol: the least of the absolute tolerances.
  init(
    _ system: any ODESystem, _ sensitivities: SensitivitySystem?, _ logger: Logger,
    _ solver: CVODELinearSolver?, atol: Double
  ) {
    self.system = system
    self.sensitivities = sensitivities
    self.logger = logger
    count = system.dimension
    productSystem = system as? any JacobianVectorProductProviding
    denseSystem = system as? any DenseJacobianProviding
    layout = MatrixLayout(solver, system)
    differences = denseSystem == nil || solver != .dense ? layout.differences : nil
    let size = differences == nil ? 0 : system.dimension
    differenceState = (StateVector(count: size), StateVector(count: size))
    floor = 1e-6 * atol
    let newtonSystem = system as? any NewtonSystemSolving
    self.newtonSystem = newtonSystem?.newtonSolution == .unavailable ? nil : newtonSystem
  }

  func beginStep() {
    error = nil
    lastMessage = nil
    lastSingularity = nil
  }

  func takeError() -> (any Error)? {
    defer { error = nil }
    return error
  }

  /// The shim's table. `self` must outlive the solver it is given to.
  func callbacks() -> csundials_callbacks {
    var table = csundials_callbacks(
      context: Unmanaged.passUnretained(self).toOpaque(),
      rhs: { context, t, y, dy in
        bridge(context)._withUnsafeGuaranteedRef { $0.derivative(t, y, dy) }
      },
      jacobian_times: nil, jacobian: nil, sensitivity: nil, prepare_newton: nil, solve_newton: nil,
      message: { context, code, function, text in
        bridge(context)._withUnsafeGuaranteedRef {
          $0.message(code, String(cString: function), String(cString: text))
        }
      })
    if productSystem != nil {
      table.jacobian_times = { context, t, y, v, jv in
        bridge(context)._withUnsafeGuaranteedRef { $0.jacobianTimes(t, y, v, jv) }
      }
    }
    if layout.isMatrix, denseSystem != nil || differences != nil {
      table.jacobian = { context, t, y, jacobian in
        bridge(context)._withUnsafeGuaranteedRef { $0.jacobian(t, y, jacobian) }
      }
    }
    if sensitivities != nil {
      table.sensitivity = { context, t, y, _, index, s, ds in
        bridge(context)._withUnsafeGuaranteedRef { $0.sensitivity(t, y, Int(index), s, ds) }
      }
    }
    if newtonSystem != nil {
      table.prepare_newton = { context, t, y, gamma in
        bridge(context)._withUnsafeGuaranteedRef { $0.prepareNewton(t, y, gamma) }
      }
      table.solve_newton = { context, r, z in
        bridge(context)._withUnsafeGuaranteedRef { $0.solveNewton(r, z) }
      }
    }
    return table
  }

  @inline(__always)
  private func guarded(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return 0
    } catch {
      self.error = error
      return 1
    }
  }

  /// A singular system calls for a smaller step; it is no error unless no step was small enough.
  @inline(__always)
  private func guardedNewton(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return 0
    } catch let singular as SingularNewtonSystem {
      lastSingularity = singular
      return Int32(CSUNDIALS_RECOVERABLE)
    } catch {
      self.error = error
      return 1
    }
  }

  private func derivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
  ) -> Int32 {
    guarded {
      var out = UnsafeMutableBufferPointer(start: dy, count: count).mutableSpan
      try system.derivative(t, UnsafeBufferPointer(start: y, count: count).span, into: &out)
    }
  }

  private func jacobianTimes(
    _ t: Double, _ y: UnsafePointer<Double>, _ v: UnsafePointer<Double>,
    _ jv: UnsafeMutablePointer<Double>
  ) -> Int32 {
    guarded {
      var out = UnsafeMutableBufferPointer(start: jv, count: count).mutableSpan
      try productSystem!.jacobianVectorProduct(
        t, UnsafeBufferPointer(start: y, count: count).span,
        UnsafeBufferPointer(start: v, count: count).span, into: &out)
    }
  }

  private func jacobian(
    _ t: Double, _ y: UnsafePointer<Double>, _ jacobian: UnsafeMutablePointer<Double>
  ) -> Int32 {
    if let differences { return guarded { try difference(differences, t, y, jacobian) } }
    return guarded {
      var out = UnsafeMutableBufferPointer(start: jacobian, count: count * count).mutableSpan
      try denseSystem!.jacobian(t, UnsafeBufferPointer(start: y, count: count).span, into: &out)
    }
  }

  private func difference(
    _ differences: DifferencedJacobian, _ t: Double, _ y: UnsafePointer<Double>,
    _ jacobian: UnsafeMutablePointer<Double>
  ) throws {
    let (state, f) = differenceState
    func evaluate(_ point: StateVector, _ value: StateVector) throws {
      differenceEvaluations += 1
      try point.withSpan { y in try value.withMutableSpan { try system.derivative(t, y, into: &$0) } }
    }
    state.pointer.update(from: y, count: count)
    try evaluate(state, f)
    _ = try differences.evaluate(state, f, h: stepSize, floor: floor, evaluate) { i, j, element in
      jacobian[layout.place(i, j)] = element
    }
    if let jump = differences.jump { throw jumpFailure("cvode", t, jump) }
  }

  private func sensitivity(
    _ t: Double, _ y: UnsafePointer<Double>, _ index: Int, _ s: UnsafePointer<Double>,
    _ ds: UnsafeMutablePointer<Double>
  ) -> Int32 {
    differenceEvaluations += 2
    return guarded {
      try sensitivities!.slope(
        index, t, UnsafeBufferPointer(start: y, count: count).span,
        UnsafeBufferPointer(start: s, count: count).span
      ) { ds[$0] = $1 }
    }
  }

  private func prepareNewton(_ t: Double, _ y: UnsafePointer<Double>, _ gamma: Double) -> Int32 {
    guardedNewton {
      try newtonSystem!.prepareNewton(
        t, UnsafeBufferPointer(start: y, count: count).span, gamma: gamma)
    }
  }

  private func solveNewton(
    _ r: UnsafePointer<Double>, _ z: UnsafeMutablePointer<Double>
  ) -> Int32 {
    guardedNewton {
      var out = UnsafeMutableBufferPointer(start: z, count: count).mutableSpan
      try newtonSystem!.solveNewton(UnsafeBufferPointer(start: r, count: count).span, into: &out)
    }
  }

  private func message(_ code: Int32, _ function: String, _ text: String) {
    if code == Int32(CSUNDIALS_WARNING) {
      // Ten in a row say no more than one.
      logger.log(
        level: hasWarned ? .debug : .warning,
        "\(function): \(text)\(hasWarned ? "" : " (later warnings of this run: level debug)")")
      hasWarned = true
    } else {
      lastMessage = text
      logger.debug(
        "\(function): \(text)", metadata: ["flag": "\(String(cString: csundials_flag_name(code)))"])
    }
  }
}

@inline(__always)
private func bridge(_ context: UnsafeMutableRawPointer?) -> Unmanaged<SystemBridge> {
  Unmanaged.fromOpaque(context!)
}
