import Foundation
import ODECore
import SundialsIntegrators
import Testing

/// An error with an identity.
private final class Thrown: Error {}

/// Heat flow whose functions throw at a chosen call.
private class Throwing: Heat {
  enum Function: CaseIterable { case derivative, jacobian, product, preparation, solve }

  let thrown = Thrown()
  var remaining: [Function: Int] = [:]
  private(set) var throwsMade = 0
  private(set) var callsAfter = 0

  func tick(_ function: Function) throws {
    if throwsMade > 0 { callsAfter += 1 }
    guard let left = remaining[function] else { return }
    remaining[function] = left - 1
    if left == 0 {
      throwsMade += 1
      throw thrown
    }
  }

  override func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    derivatives += 1
    try tick(.derivative)
    apply(y, &dy)
  }
}

private final class ThrowingDense: Throwing, DenseJacobianProviding {
  func jacobian(_ t: Double, _ y: Span<Double>, into j: inout MutableSpan<Double>) throws {
    try tick(.jacobian)
    for i in 0..<dimension { j[i + i * dimension] = -2 / (h * h) }
  }
}

private final class ThrowingKrylov: Throwing, JacobianVectorProductProviding, NewtonSystemSolving {
  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) throws {
    try tick(.product)
    apply(v, &jv)
  }
  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    try tick(.preparation)
  }
  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    try tick(.solve)
    for i in 0..<r.count { z[i] = r[i] }
  }
}

@Suite("What goes wrong in CVODE is said as it is")
struct FailureTests {
  /// Integrates until the error comes; it must be the very one, thrown once, with no call after it, and the
  /// state must be that of the last accepted step.
  private func expectError<I: Integrator>(_ system: Throwing, with integrator: I) throws
  where I.State == CVODEState {
    let problem = try ODEProblem(system, to: 10, initialState: system.start)
    let state = try integrator.makeState(for: problem, restart: nil)
    var time = state.time
    var y = system.start
    var caught: (any Error)?
    do {
      while state.time < 10 {
        try state.advance(to: 10)
        time = state.time
        y = state.withState(Array.init(copying:))
      }
    } catch { caught = error }
    #expect(caught as? Thrown === system.thrown, "\(String(describing: caught))")
    #expect(system.throwsMade == 1)
    #expect(system.callsAfter == 0)
    #expect(state.statistics.nfev == system.derivatives)
    #expect(state.time == time)
    #expect(state.withState(Array.init(copying:)) == y)
    // And through the driver, as itself.
    #expect(throws: Thrown.self) {
      system.remaining[.derivative] = 3
      _ = try integrate(problem, with: integrator)
    }
  }

  @Test("An error of f comes back as itself, once", arguments: [0, 1, 2, 3, 4, 7, 25, 60, 61, 62, 63, 64])
  func thrownByDerivative(call: Int) throws {
    func system() -> Throwing {
      let system = Throwing(points: 12)
      system.remaining[.derivative] = call
      return system
    }
    try expectError(system(), with: CVODEAdams())
    try expectError(system(), with: CVODEAdams(nonlinear: .fixedPoint(anderson: 2)))
    try expectError(system(), with: CVODEAdams(nonlinear: .newton(.dense)))
    try expectError(system(), with: CVODEBDF(linearSolver: .dense))
    try expectError(system(), with: CVODEBDF(linearSolver: .spgmr()))
  }

  @Test("Errors of a Jacobian, a product, and a Newton solve do so too", arguments: [0, 1, 2, 5])
  func thrownByOthers(call: Int) throws {
    let dense = ThrowingDense(points: 12)
    dense.remaining[.jacobian] = call
    try expectError(dense, with: CVODEBDF(linearSolver: .dense))
    for function in [Throwing.Function.product, .preparation, .solve] {
      let krylov = ThrowingKrylov(points: 12)
      krylov.remaining[function] = call
      try expectError(krylov, with: CVODEBDF(linearSolver: .spgmr()))
    }
  }

  @Test("NaN from the start is named, and the state is the initial one")
  func nanFromTheStart() throws {
    let system = ClosureSystem(dimension: 2) { _, y, dy in
      dy[0] = -y[0]
      dy[1] = .nan
    }
    let problem = try ODEProblem(system, to: 1, initialState: [1, 2])
    for solution in [
      try integrate(problem, with: CVODEAdams()), try integrate(problem, with: CVODEBDF()),
      try integrate(problem, with: CVODEBDF(linearSolver: .spgmr(), initialStep: 1e-3)),
    ] {
      #expect(solution.returnCode == .nonFinite)
      #expect(solution.message.contains("f_1 is nan at t = 0.0"), "\(solution.message)")
      #expect(solution.state == [1, 2])
      #expect(solution.time == 0)
    }
  }

  @Test(
    "NaN or infinity in mid-run is named, with a finite state from before it",
    arguments: [Double.nan, .infinity])
  func nonFiniteInMidRun(bad: Double) throws {
    let system = ClosureSystem(dimension: 1) { t, y, dy in dy[0] = t < 0.5 ? -y[0] : bad }
    let problem = try ODEProblem(system, to: 1, initialState: [1])
    for solution in [
      try integrate(problem, with: CVODEAdams()),
      try integrate(problem, with: CVODEAdams(nonlinear: .newton(.dense))),
      try integrate(problem, with: CVODEBDF(linearSolver: .dense)),
      try integrate(problem, with: CVODEBDF(linearSolver: .spgmr())),
    ] {
      #expect(solution.returnCode == .nonFinite, "\(solution.message)")
      #expect(solution.message.contains("f_0 is \(bad)"))
      #expect(solution.time < 0.5 && solution.time > 0.3)
      #expect(abs(solution.state[0] - exp(-solution.time)) < 1e-4)
    }
  }

  @Test("A value that a smaller step avoids does no harm")
  func recoverableNaN() throws {
    // y' = -sqrt(y) - y with too long a first step looks beyond y = 0; y = (2 exp(-t/2) - 1)^2 from 1.
    let system = ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0].squareRoot() - y[0] }
    let problem = try ODEProblem(system, to: 1, initialState: [1])
    let solution = try integrate(problem, with: CVODEAdams(rtol: 1e-8, atol: 1e-10, initialStep: 0.9))
    #expect(solution.returnCode == .success, "\(solution.message)")
    #expect(solution.statistics.rejected > 0)
    #expect(abs(solution.state[0] - pow(2 * exp(-0.5) - 1, 2)) < 1e-6)
  }

  @Test("A blow-up ends soon, close to the singularity, and not in success")
  func blowUp() throws {
    // y' = y^2, y = 1 / (1 - t).
    let system = ClosureSystem(dimension: 1) { _, y, dy in dy[0] = y[0] * y[0] }
    let problem = try ODEProblem(system, to: 2, initialState: [1])
    for solution in [try integrate(problem, with: CVODEAdams()), try integrate(problem, with: CVODEBDF())] {
      #expect([.stepSizeUnderflow, .nonFinite, .convergenceFailure].contains(solution.returnCode))
      #expect(abs(solution.time - 1) < 1e-3)
      #expect(solution.state[0].isFinite)
      #expect(solution.statistics.accepted < 10_000)
    }
  }

  @Test("A failure names the flag as CVODE's manual does, t, h, the order, the steps, and what may help")
  func failureMessage() throws {
    let problem = try ODEProblem(Oscillator(), to: 1, initialState: [1, 0])
    let zero = try integrate(problem, with: CVODEAdams(rtol: 1e-6, atol: 0))
    #expect(zero.returnCode == .initialFailure)
    for part in ["cvode-adams", "CV_ILL_INPUT", "t = 0.0", "order", "after 0 steps", "atol"] {
      #expect(zero.message.contains(part), "\(zero.message)")
    }
    let tiny = try integrate(problem, with: CVODEBDF(rtol: 1e-18, atol: 1e-18))
    #expect(tiny.returnCode == .tooMuchAccuracy)
    #expect(tiny.message.contains("CV_TOO_MUCH_ACC"))
  }

  @Test("Unusable options fail at the start and say which")
  func options() throws {
    let problem = try ODEProblem(Oscillator(), to: 1, initialState: [1, 0])
    let adams: [(CVODEAdams, String)] = [
      (CVODEAdams(rtol: -1e-3), "rtol is -0.001"), (CVODEAdams(atol: -1), "atol is -1.0"),
      (CVODEAdams(rtol: .nan), "rtol is nan"), (CVODEAdams(atols: [1e-6]), "atols has 1 elements"),
      (CVODEAdams(atols: [1e-6, -1]), "atols[1] is -1.0"), (CVODEAdams(maxOrder: 13), "maxOrder is 13"),
      (CVODEAdams(initialStep: 0), "initialStep is 0.0"), (CVODEAdams(maxStep: -1), "maxStep is -1.0"),
      (CVODEAdams(nonlinear: .fixedPoint(anderson: -1)), "anderson is -1"),
    ]
    for (integrator, words) in adams {
      let solution = try integrate(problem, with: integrator)
      #expect(solution.returnCode == .initialFailure)
      #expect(solution.message.contains(words), "\(solution.message)")
    }
    let bdf: [(CVODEBDF, String)] = [
      (CVODEBDF(maxOrder: 6), "maxOrder is 6"),
      (CVODEBDF(linearSolver: .spgmr(krylovDimension: 0)), "krylovDimension is 0"),
    ]
    for (integrator, words) in bdf {
      let solution = try integrate(problem, with: integrator)
      #expect(solution.returnCode == .initialFailure)
      #expect(solution.message.contains(words), "\(solution.message)")
    }
  }
}
