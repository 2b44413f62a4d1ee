import CPluginABI
import ODECore

/// An ``/ODECore/ODEProblem`` as an integrator from a library sees it: C functions that call the system, and
/// keep what it throws.
final class RuntimeProblem {
  fileprivate let system: any ODESystem
  fileprivate let dimension: Int
  private let initialState: StateVector
  private let memory: StateVector
  /// What the integrator holds a pointer to.
  let table: UnsafeMutablePointer<phaseflow_problem>
  /// Evaluations of `f`, Jacobians and products.
  fileprivate(set) var counters = Statistics()
  /// What the system threw first, until ``rethrow()``.
  private var error: (any Error)?

  init(_ problem: ODEProblem, _ settings: IntegratorSettings, fixedStep: Double, _ restart: Restart?) {
    system = problem.system
    dimension = system.dimension
    initialState = StateVector(problem.initialState)
    memory = StateVector(restart?.errorHistory ?? [])
    let solvesNewton = (system as? any NewtonSystemSolving)?.newtonSolution == .exact
    table = .allocate(capacity: 1)
    table.initialize(
      to: phaseflow_problem(
        struct_size: MemoryLayout<phaseflow_problem>.size, host: Unmanaged.passUnretained(self).toOpaque(),
        dimension: dimension, initial_time: problem.initialTime, final_time: problem.finalTime,
        initial_state: UnsafePointer(initialState.pointer), rtol: settings.rtol, atol: settings.atol,
        fixed_step: fixedStep, derivative: callDerivative,
        jacobian: system is any DenseJacobianProviding ? callJacobian : nil,
        jacobian_vector_product: system is any JacobianVectorProductProviding ? callProduct : nil,
        spectral_radius: system is any SpectralRadiusEstimating ? callSpectralRadius : nil,
        prepare_newton: solvesNewton ? callPrepareNewton : nil,
        solve_newton: solvesNewton ? callSolveNewton : nil, next_step: restart?.stepSize ?? 0,
        memory_count: memory.count, memory: memory.count > 0 ? UnsafePointer(memory.pointer) : nil))
  }

  deinit { table.deallocate() }

  /// Throws what the system threw, once.
  func rethrow() throws {
    if let error {
      self.error = nil
      throw error
    }
  }

  /// `f(t, y)`, counted like the integrator's own evaluations.
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    counters.nfev += 1
    try system.derivative(t, y, into: &dy)
  }

  /// Runs a function of the system; after the first failure none is called any more.
  fileprivate func attempt(_ body: () throws -> Void) -> Int32 {
    if error != nil { return PHASEFLOW_STOP }
    do {
      try body()
      return PHASEFLOW_OK
    } catch is SingularNewtonSystem {
      return PHASEFLOW_NO_CONVERGENCE
    } catch {
      self.error = error
      return PHASEFLOW_STOP
    }
  }

  fileprivate func input(_ numbers: UnsafePointer<Double>) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: numbers, count: dimension)
  }
}

// The C side. A struct of pointers cannot hold closures that capture, hence free functions.

private func called(_ host: UnsafeMutableRawPointer) -> RuntimeProblem {
  Unmanaged<RuntimeProblem>.fromOpaque(host).takeUnretainedValue()
}

private func callDerivative(
  _ host: UnsafeMutableRawPointer, _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
) -> Int32 {
  let me = called(host)
  me.counters.nfev += 1
  return me.attempt {
    var result = UnsafeMutableBufferPointer(start: dy, count: me.dimension).mutableSpan
    try me.system.derivative(t, me.input(y).span, into: &result)
  }
}

private func callJacobian(
  _ host: UnsafeMutableRawPointer, _ t: Double, _ y: UnsafePointer<Double>,
  _ jacobian: UnsafeMutablePointer<Double>
) -> Int32 {
  let me = called(host)
  me.counters.njev += 1
  return me.attempt {
    let buffer = UnsafeMutableBufferPointer(start: jacobian, count: me.dimension * me.dimension)
    buffer.update(repeating: 0)
    var result = buffer.mutableSpan
    try (me.system as! any DenseJacobianProviding).jacobian(t, me.input(y).span, into: &result)
  }
}

private func callProduct(
  _ host: UnsafeMutableRawPointer, _ t: Double, _ y: UnsafePointer<Double>, _ v: UnsafePointer<Double>,
  _ jv: UnsafeMutablePointer<Double>
) -> Int32 {
  let me = called(host)
  me.counters.njtimes += 1
  return me.attempt {
    var result = UnsafeMutableBufferPointer(start: jv, count: me.dimension).mutableSpan
    try (me.system as! any JacobianVectorProductProviding).jacobianVectorProduct(
      t, me.input(y).span, me.input(v).span, into: &result)
  }
}

private func callSpectralRadius(
  _ host: UnsafeMutableRawPointer, _ t: Double, _ y: UnsafePointer<Double>,
  _ rho: UnsafeMutablePointer<Double>
) -> Int32 {
  let me = called(host)
  return me.attempt {
    rho.pointee = try (me.system as! any SpectralRadiusEstimating).spectralRadius(t, me.input(y).span)
  }
}

private func callPrepareNewton(
  _ host: UnsafeMutableRawPointer, _ t: Double, _ y: UnsafePointer<Double>, _ gamma: Double
) -> Int32 {
  let me = called(host)
  me.counters.nsetups += 1
  return me.attempt {
    try (me.system as! any NewtonSystemSolving).prepareNewton(t, me.input(y).span, gamma: gamma)
  }
}

private func callSolveNewton(
  _ host: UnsafeMutableRawPointer, _ r: UnsafePointer<Double>, _ z: UnsafeMutablePointer<Double>
) -> Int32 {
  let me = called(host)
  return me.attempt {
    var result = UnsafeMutableBufferPointer(start: z, count: me.dimension).mutableSpan
    try (me.system as! any NewtonSystemSolving).solveNewton(me.input(r).span, into: &result)
  }
}
