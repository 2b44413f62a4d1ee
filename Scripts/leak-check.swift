// The Swift side of the CVODE integrators, meant to run under valgrind: every solver, run to its end, to
// an event, to an error thrown in each function, and failing to start. Exits with 1 if a run does
// not end as it should, or if a system outlives its integration.

import ODECore
import SundialsIntegrators

struct Thrown: Error {}

/// A diagonal system `y_i' = -(i + 1) y_i` that throws at a chosen call.
class Diagonal: ODESystem {
  let dimension = 20
  var calls = 0
  var failing = Int.max

  func tick() throws {
    calls += 1
    if calls == failing { throw Thrown() }
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    try tick()
    for i in 0..<dimension { dy[i] = -Double(i + 1) * y[i] }
  }
}

final class Structured: Diagonal, JacobianVectorProductProviding, DenseJacobianProviding,
  NewtonSystemSolving, SpectralRadiusEstimating
{
  private var gamma = 0.0

  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) throws {
    try tick()
    for i in 0..<dimension { jv[i] = -Double(i + 1) * v[i] }
  }
  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) throws {
    try tick()
    for i in 0..<dimension { jacobian[i + i * dimension] = -Double(i + 1) }
  }
  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    try tick()
    self.gamma = gamma
  }
  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    try tick()
    for i in 0..<dimension { z[i] = r[i] / (1 + gamma * Double(i + 1)) }
  }
  func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double { 20 }
}

/// The calls made, or nil if the run did not end as asked.
func run(_ make: () -> Diagonal, _ integrator: some Integrator, failing: Int = .max) -> Int? {
  weak var watched: Diagonal?
  var calls: Int?
  do {
    let system = make()
    watched = system
    system.failing = failing
    let events = [
      Event("half") { _, y in
        try system.tick()
        return y[0] - 0.5
      }, Event("end", isTerminal: true) { _, y in y[0] - 0.2 },
    ]
    let problem = try ODEProblem(
      system, to: 5, initialState: Array(repeating: 1, count: 20), events: events)
    let solution = try integrate(problem, with: integrator, saving: .linear(spacing: 0.1))
    if solution.returnCode == .stopped, solution.crossings.count == 2 { calls = system.calls }
  } catch is Thrown {
    calls = failing
  } catch {
    print("unexpected: \(error)")
  }
  if watched != nil {
    print("a system outlives its integration")
    return nil
  }
  return calls
}

/// Whether a whole run and runs cut short by an error at several calls end as they should.
func check(_ make: () -> Diagonal, _ integrator: some Integrator) -> Bool {
  guard let calls = run(make, integrator) else { return false }
  var k = 1
  while k < calls {
    if run(make, integrator, failing: k) != k { return false }
    k += 1 + k / 3
  }
  return true
}

func checkAll() -> Bool {
  let atols = Array(repeating: 1e-9, count: 20)
  for make in [{ Diagonal() }, { Structured() }] as [() -> Diagonal] {
    guard check(make, CVODEAdams()),
      check(make, CVODEAdams(atols: atols, nonlinear: .fixedPoint(anderson: 2))),
      check(make, CVODEAdams(nonlinear: .newton())), check(make, CVODEBDF(linearSolver: .dense)),
      check(make, CVODEBDF(atols: atols, linearSolver: .spgmr()))
    else { return false }
  }
  // These do not start: nothing to run with, and no error weight for a component that is zero.
  return run({ Diagonal() }, CVODEAdams(rtol: -1)) == nil
    && run({ Diagonal() }, CVODEAdams(rtol: 0, atol: 0)) == nil
}

let passed = checkAll()
print(passed ? "all ended as they should" : "FAILED")
if !passed { fatalError() }
