import ODECore
import RungeKutta

/// `y' = 1`: Euler's method with a step that is a power of two gives `y = t` without rounding, so that
/// times in these tests can be compared exactly.
func clock(from start: Double = 0, to end: Double, events: [Event] = []) throws -> ODEProblem {
  try ODEProblem(
    ClosureSystem(dimension: 1) { _, _, dy in dy[0] = 1 }, from: start, to: end, initialState: [start],
    events: events)
}

/// `(cos t, -sin t)`.
func oscillator(from start: Double = 0, to end: Double, state: [Double] = [1, 0], events: [Event] = [])
  throws -> ODEProblem
{
  try ODEProblem(
    ClosureSystem(dimension: 2) { _, y, dy in
      dy[0] = y[1]
      dy[1] = -y[0]
    }, from: start, to: end, initialState: state, events: events)
}

func accurate() -> DormandPrince { DormandPrince(rtol: 1e-11, atol: 1e-12) }
