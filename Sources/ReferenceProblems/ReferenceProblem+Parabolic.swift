import Foundation
import ODECore

/// Partial differential equations by lines: second differences on a regular grid.
extension ReferenceProblem {
  /// The heat equation on `(0, 1)`, zero at both ends, 199 lines, from two sine modes; to `t = 0.2`.
  ///
  ///     u_i' = 200^2 (u_(i-1) - 2 u_i + u_(i+1))
  public static var heat: ReferenceProblem {
    let n = 199
    let scale = pow(Double(n + 1), 2)
    func exact(_ t: Double) -> [Double] {
      func decay(_ k: Double) -> Double { exp(-4 * scale * pow(sin(k * .pi / Double(2 * (n + 1))), 2) * t) }
      return (1...n).map { i in
        let x = Double(i) / Double(n + 1)
        return decay(1) * sin(.pi * x) + 0.5 * decay(3) * sin(3 * .pi * x)
      }
    }
    let system = BandedSystem(dimension: n, lower: 1, upper: 1) { _, y, dy in
      for i in 0..<n {
        dy[i] = scale * ((i > 0 ? y[i - 1] : 0) - 2 * y[i] + (i < n - 1 ? y[i + 1] : 0))
      }
    }
    return ReferenceProblem(
      "heat", "u_t = u_xx, 199 lines", source: "closed form", knownFrom: "closed form of the lines", system,
      to: 0.2, initialState: exact(0), solution: exact(0.2), accuracy: 1e-13, floor: 0.1, isStiff: true,
      exact: exact)
  }

  /// The Allen-Cahn equation on `(-1, 1)`, `u = -1` and `1` at its ends, 199 lines; to `t = 30`.
  ///
  ///     u_t = 0.01 u_xx + u - u^3,   u(0, x) = 0.53 x + 0.47 sin(-1.5 pi x)
  public static var allenCahn: ReferenceProblem {
    let n = 199
    let scale = 0.01 * pow(Double(n + 1) / 2, 2)
    let system = BandedSystem(dimension: n, lower: 1, upper: 1) { _, y, dy in
      for i in 0..<n {
        let (left, right) = (i > 0 ? y[i - 1] : -1, i < n - 1 ? y[i + 1] : 1)
        dy[i] = scale * (left - 2 * y[i] + right) + y[i] - y[i] * y[i] * y[i]
      }
    }
    let start = (1...n).map { i in
      let x = -1 + 2 * Double(i) / Double(n + 1)
      return 0.53 * x + 0.47 * sin(-1.5 * .pi * x)
    }
    return ReferenceProblem(
      "allen-cahn", "u_t = 0.01 u_xx + u - u^3, 199 lines: metastable",
      source: "Kassam, Trefethen, SIAM J. Sci. Comput. 26 (2005) 1214-1233, doi:10.1137/S1064827502410633",
      knownFrom: "SciPy's DOP853 at 1e-13, Tests/Oracles/reference_solutions.py", system, to: 30,
      initialState: start, solution: allenCahnSolution, components: Array(stride(from: 19, to: 199, by: 20)),
      accuracy: 1e-10, floor: 1e-3, isStiff: true)
  }

  /// The Brusselator with diffusion on `(0, 1)`, `u = 1, v = 3` at both ends, 500 lines for each, alternating; to `t = 10`.
  ///
  ///     u_t = 1 + u^2 v - 4 u + 0.02 u_xx,   v_t = 3 u - u^2 v + 0.02 v_xx,   u(0, x) = 1 + sin(2 pi x),   v(0, x) = 3
  public static var brusselator: ReferenceProblem {
    let n = 500
    let scale = 0.02 * pow(Double(n + 1), 2)
    let system = BandedSystem(dimension: 2 * n, lower: 2, upper: 2) { _, y, dy in
      for i in 0..<n {
        let (u, v) = (y[2 * i], y[2 * i + 1])
        let (ul, ur) = (i > 0 ? y[2 * i - 2] : 1, i < n - 1 ? y[2 * i + 2] : 1)
        let (vl, vr) = (i > 0 ? y[2 * i - 1] : 3, i < n - 1 ? y[2 * i + 3] : 3)
        let reaction = u * u * v
        dy[2 * i] = 1 + reaction - 4 * u + scale * (ul - 2 * u + ur)
        dy[2 * i + 1] = 3 * u - reaction + scale * (vl - 2 * v + vr)
      }
    }
    let start = (0..<2 * n).map { k -> Double in
      let x = Double(k / 2 + 1) / Double(n + 1)
      return k % 2 == 1 ? 3 : 1 + sin(2 * Double.pi * x)
    }
    return ReferenceProblem(
      "brusselator", "a reaction with diffusion, 500 lines for each of two species",
      source: "Hairer, Wanner, Solving ODEs II, 2nd ed., IV.10, problem BRUSS",
      knownFrom: "SciPy's Radau at 1e-11, Tests/Oracles/reference_solutions.py", system, to: 10,
      initialState: start, solution: brusselatorSolution,
      components: Array(stride(from: 99, to: 1000, by: 100)), accuracy: 1e-7, floor: 1e-3, isStiff: true)
  }

  /// The medical Akzo Nobel problem: how antibodies that are labelled with a radioactive substance enter a tissue, 200 lines for
  /// each of two species, alternating; to `t = 20`. The inflow stops at `t = 5`, where `f` jumps.
  public static var medicalAkzo: ReferenceProblem {
    let n = 200
    let d = 1 / Double(n)
    let system = BandedSystem(dimension: 2 * n, lower: 2, upper: 2) { t, y, dy in
      let inflow = t < 5 ? 2.0 : 0
      for i in 0..<n {
        let z = d * Double(i + 1) - 1
        let (alpha, beta) = (z * z * z / 8, z * z * z * z / 16)
        let u = y[2 * i]
        let (left, right) = (i > 0 ? y[2 * i - 2] : inflow, i < n - 1 ? y[2 * i + 2] : u)
        let reaction = 100 * u * y[2 * i + 1]
        dy[2 * i] = alpha * (right - left) / (2 * d) + beta * (left - 2 * u + right) / (d * d) - reaction
        dy[2 * i + 1] = -reaction
      }
    }
    let start = (0..<2 * n).map { Double($0 % 2) }
    return ReferenceProblem(
      "medical-akzo", "antibodies that enter a tissue, 200 lines for each of two species",
      source: ivpTestSet + ", problem MEDAKZO", system, to: 20, initialState: start,
      solution: [
        0.5113983840919909e-5, 0.2339942217046434e-3, 0.3595616017506735e-3, 0.2698867194275612e-3,
        0.1173741304462833e-3, 0.3489773624098464e-2, 0.1548747348410801, 0.2003152841880950e-4,
        0.6649744834198490, 0.9314946676956936, 0.9890204872799944,
      ], components: [0, 78, 148, 178, 198, 203, 207, 208, 211, 215, 219], accuracy: 1e-7, floor: 1e-2,
      isStiff: true, discontinuities: Discontinuities([5]))
  }
}

/// A system with a declared band, given by a closure.
struct BandedSystem: BandStructured {
  let dimension: Int
  let bandwidths: (lower: Int, upper: Int)?
  private let body: ClosureSystem.Derivative

  init(dimension: Int, lower: Int, upper: Int, _ body: @escaping ClosureSystem.Derivative) {
    (self.dimension, bandwidths, self.body) = (dimension, (lower, upper), body)
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    try body(t, y, &dy)
  }
}
