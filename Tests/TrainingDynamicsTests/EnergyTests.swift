import DynamicsPlugins
import Foundation
import ODECore
import RungeKutta
import Testing
import TrainingDynamics

@Suite("Energies of dynamics")
struct EnergyTests {
  /// `(t, theta, v)` away from anything special.
  private static let (t, theta, v) = (0.8, [1.5, 0.25, -1], [0.3, -0.7, 2])

  private func system(_ dynamics: any Dynamics) -> DynamicsSystem {
    DynamicsSystem.make(Quadratic.threeModes(), dynamics)
  }

  /// `dE/dt` along the right-hand side, by a central difference of five points.
  private func slope(_ system: DynamicsSystem, _ y: [Double]) throws -> Double {
    let h = 1e-3
    let dy = try system.derivative(Self.t, y)
    func energy(_ s: Double) throws -> Double {
      let moved = zip(y, dy).map { $0 + s * $1 }
      return try energyOf(system, Self.t + s, moved)
    }
    return try (8 * (energy(h) - energy(-h)) - (energy(2 * h) - energy(-2 * h))) / (12 * h)
  }

  private func square(_ v: [Double]) -> Double {
    zip(v, Quadratic.threeModes().mu).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
  }

  // Each law is derived in the doc comment of its dynamics; energies are quadratic here, and differences exact but for rounding.
  @Test("fall as fast as their laws say")
  func laws() throws {
    let decay = system(WeightDecay(rate: 0.7))
    let speed = square(try decay.derivative(Self.t, Self.theta))
    #expect(abs(try slope(decay, Self.theta) / -speed - 1) < 1e-9)
    let ball = system(HeavyBall(epsilon: 0.5))
    #expect(abs(try slope(ball, Self.theta + Self.v) / -square(Self.v) - 1) < 1e-9)
    let nesterov = system(Nesterov(damping: 4))
    #expect(abs(try slope(nesterov, Self.theta + Self.v) / (-4 / Self.t * square(Self.v)) - 1) < 1e-9)
  }

  @Test("never rise along a solution, though the potential does")
  func monotone() throws {
    for dynamics in [WeightDecay(rate: 0.7), HeavyBall(epsilon: 0.5), Nesterov()] as [any Dynamics] {
      let problem = try ODEProblem(Quadratic.threeModes(), to: 6, initialState: Quadratic.start)
        .moved(by: dynamics)
      let solution = try integrate(
        problem, with: DOP853(rtol: 1e-11, atol: 1e-12), saving: .linear(spacing: 0.02))
      let system = problem.system as! DynamicsSystem
      let energies = try zip(solution.savedTimes, solution.savedStates).map { t, y in
        try energyOf(system, t, y)
      }
      // The tolerance's share of the energy at the start.
      #expect(zip(energies, energies.dropFirst()).allSatisfy { $1 <= $0 + 1e-10 * energies[0] })
      let potentials = try solution.savedStates.map { try potentialOf(system.flow, $0) }
      let rises = zip(potentials, potentials.dropFirst()).contains { $1 > $0 * 1.01 }
      #expect(rises == (dynamics.vectorCount == 2), "\(dynamics.name)")
    }
  }

  @Test("of Nesterov's equation on a convex potential include its Lyapunov function, and its bound holds")
  func lyapunov() throws {
    // Su, Boyd, Candes 2016, theorem 3: t^2 (V - V*) + 2 |y - y* + t y'/2|^2 never rises, so V - V* <= 2 |y_0 - y*|^2 / t^2.
    let quadratic = Quadratic.threeModes()
    let problem = try ODEProblem(quadratic, to: 8, initialState: Quadratic.start).moved(by: Nesterov())
    let solution = try integrate(
      problem, with: DOP853(rtol: 1e-11, atol: 1e-12), saving: .linear(spacing: 0.02))
    let values = try zip(solution.savedTimes, solution.savedStates).map { (t, y) -> Double in
      let w = (0..<3).map { y[$0] - quadratic.minimum[$0] + t * y[3 + $0] / 2 }
      return try t * t * potentialOf(quadratic, y) + 2 * square(w)
    }
    #expect(zip(values, values.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-9) })
    let start = square(zip(Quadratic.start, quadratic.minimum).map { $0 - $1 })
    for (t, y) in zip(solution.savedTimes, solution.savedStates).dropFirst() {
      #expect(try potentialOf(quadratic, y) <= 2 * start / (t * t))
    }
  }
}

/// NaN if the dynamics know of none.
func energyOf(_ system: DynamicsSystem, _ t: Double, _ y: [Double]) throws -> Double {
  let energy = try system.energy(t, y.span)
  return energy ?? .nan
}

/// At the first `N` numbers of `y`.
func potentialOf(_ system: any GradientSystem, _ y: [Double]) throws -> Double {
  let positions = Array(y.prefix(system.dimension))
  return try system.potential(positions.span)
}

extension ODESystem {
  func derivative(_ t: Double, _ y: [Double]) throws -> [Double] {
    var dy = [Double](repeating: .nan, count: dimension)
    var span = dy.mutableSpan
    try derivative(t, y.span, into: &span)
    return dy
  }
}
