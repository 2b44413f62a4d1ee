import Foundation
import ODECore

extension ReferenceProblem {
  /// A ball dropped from height 1, which keeps 0.8 of its speed in each bounce; to `t = 3`, five bounces later.
  ///
  ///     h' = v,   v' = -9.81
  public static var bouncingBall: ReferenceProblem {
    let bounce = Event(
      "bounce", direction: .falling,
      change: { _, y in
        y[0] = 0
        y[1] *= -0.8
      }
    ) { _, y in y[0] }
    return ReferenceProblem(
      "bouncing-ball", "h'' = -9.81 and bounces that keep 0.8 of the speed", source: "closed form",
      knownFrom: "closed form, Tests/Oracles/reference_solutions.py",
      ClosureSystem(dimension: 2) { _, y, dy in
        dy[0] = y[1]
        dy[1] = -9.81
      }, to: 3, initialState: [1, 0], solution: bouncingBallSolution, accuracy: 1e-13, floor: 1,
      componentNames: ["h", "v"], events: [bounce])
  }

  /// A block on a rough floor, pushed to and fro: it sticks while the push is below the friction. `f` jumps at `v = 0`.
  ///
  ///     x' = v,   v' = 1.5 sin t - sign v
  public static var stickSlip: ReferenceProblem {
    ReferenceProblem(
      "stick-slip", "x' = v, v' = 1.5 sin t - sign v: dry friction",
      source: "Filippov, Differential Equations with Discontinuous Righthand Sides (1988), section 8",
      knownFrom: "piecewise closed form, Tests/Oracles/reference_solutions.py",
      ClosureSystem(dimension: 2) { t, y, dy in
        dy[0] = y[1]
        dy[1] = 1.5 * sin(t) - (y[1] > 0 ? 1 : y[1] < 0 ? -1 : 0)
      }, to: 20, initialState: [0, 0], solution: stickSlipSolution, accuracy: 1e-13, floor: 1,
      componentNames: ["x", "v"])
  }

  /// BEAM: an elastic beam of 40 segments, clamped at one end, that a force bends until `t = pi`; to `t = 5`. Angles, then their rates.
  ///
  ///     theta'' = C v + D u,   C u = D v + theta'^2,   v_l = 40^4 (theta_(l-1) - 2 theta_l + theta_(l+1)) + 40^2 F(t) (cos theta_l + sin theta_l)
  ///
  /// with the tridiagonal `C` of cosines and `D` of sines of the angles' differences: high frequencies near the imaginary axis.
  public static var beam: ReferenceProblem {
    ReferenceProblem(
      "beam", "an elastic beam of 40 segments: frequencies up to 6400, undamped",
      source: ivpTestSet + ", problem BEAM; Hairer, Wanner, Solving ODEs II, IV.1", BeamSystem(segments: 40),
      to: 5, initialState: [Double](repeating: 0, count: 80), solution: beamSolution,
      components: [0, 9, 19, 29, 39, 40, 49, 59, 69, 79], accuracy: 2e-6, floor: 1, isStiff: true,
      discontinuities: Discontinuities([Double.pi]))
  }
}

/// The right-hand side of ``ReferenceProblem/beam``.
final class BeamSystem: ODESystem {
  let dimension: Int
  private let n: Int
  private var (s, c) = ([Double](), [Double]())
  private var (v, u, diagonal) = ([Double](), [Double](), [Double]())

  init(segments n: Int) {
    self.n = n
    dimension = 2 * n
    (s, c) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    (v, u, diagonal) = (s, s, s)
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    let (n2, n4) = (pow(Double(n), 2), pow(Double(n), 4))
    let force = t < .pi ? 1.5 * sin(t) * sin(t) : 0
    for l in 1..<n { (s[l], c[l]) = (sin(y[l] - y[l - 1]), cos(y[l] - y[l - 1])) }
    for l in 0..<n {
      let (left, right) = (l == 0 ? -y[0] : y[l - 1], l == n - 1 ? y[l] : y[l + 1])
      v[l] = n4 * (left - 2 * y[l] + right)
      if force != 0 { v[l] += n2 * force * (cos(y[l]) + sin(y[l])) }
    }
    func weight(_ l: Int) -> Double { l == 0 ? 1 : l == n - 1 ? 3 : 2 }
    for l in 0..<n {
      u[l] = y[n + l] * y[n + l] + (l < n - 1 ? s[l + 1] * v[l + 1] : 0) - (l > 0 ? s[l] * v[l - 1] : 0)
      diagonal[l] = weight(l)
    }
    // Elimination from below; the matrix is symmetric with off-diagonal -c.
    for l in stride(from: n - 2, through: 0, by: -1) {
      let q = -c[l + 1] / diagonal[l + 1]
      u[l] -= u[l + 1] * q
      diagonal[l] += c[l + 1] * q
    }
    u[0] /= diagonal[0]
    for l in 1..<n { u[l] = (u[l] + c[l] * u[l - 1]) / diagonal[l] }
    for l in 0..<n {
      dy[l] = y[n + l]
      dy[n + l] =
        weight(l) * v[l] + (l < n - 1 ? -c[l + 1] * v[l + 1] + s[l + 1] * u[l + 1] : 0)
        - (l > 0 ? c[l] * v[l - 1] + s[l] * u[l - 1] : 0)
    }
  }
}
