import Foundation
import ODECore

extension ReferenceProblem {
  /// Arenstorf's orbit: a satellite in the field of earth and moon, in coordinates that turn with them,
  /// returns to its start after one period. State `(x, y, x', y')`.
  ///
  ///     x'' = x + 2 y' - mu' (x + mu)/D1 - mu (x - mu')/D2,   D1 = ((x + mu)^2 + y^2)^(3/2)
  ///     y'' = y - 2 x' - mu' y/D1 - mu y/D2,                  D2 = ((x - mu')^2 + y^2)^(3/2)
  public static var arenstorf: ReferenceProblem {
    let mu = 0.012277471
    let start = [0.994, 0, 0, -2.00158510637908252240537862224]
    let system = ClosureSystem(dimension: 4) { _, u, du in
      let (x, y) = (u[0], u[1])
      let d1 = pow((x + mu) * (x + mu) + y * y, 1.5)
      let d2 = pow((x - 1 + mu) * (x - 1 + mu) + y * y, 1.5)
      du[0] = u[2]
      du[1] = u[3]
      du[2] = x + 2 * u[3] - (1 - mu) * (x + mu) / d1 - mu * (x - 1 + mu) / d2
      du[3] = y - 2 * u[2] - (1 - mu) * y / d1 - mu * y / d2
    }
    return ReferenceProblem(
      "arenstorf", "a satellite between earth and moon, a periodic orbit",
      source: "Hairer, Norsett, Wanner, Solving ODEs I, 2nd ed., II.0 (0.1), (0.2)", system,
      to: 17.0652165601579625588917206249, initialState: start, solution: start, accuracy: 1e-9,
      floor: 1, componentNames: ["x", "y", "vx", "vy"],
      invariants: Invariants(names: ["jacobi"]) { _, u in
        let (x, y) = (u[0], u[1])
        let r1 = ((x + mu) * (x + mu) + y * y).squareRoot()
        let r2 = ((x - 1 + mu) * (x - 1 + mu) + y * y).squareRoot()
        return [x * x + y * y + 2 * (1 - mu) / r1 + 2 * mu / r2 - u[2] * u[2] - u[3] * u[3]]
      })
  }

  /// Pleiades: seven stars of masses 1...7 in a plane, to `t = 3`. State `(x, y, x', y')`, seven each.
  ///
  ///     x_i'' = sum_{j != i} m_j (x_j - x_i) / r_ij^3,   y likewise
  public static var pleiades: ReferenceProblem {
    let system = PartitionedSystem(dimension: 28) { _, u, du in
      for i in 0..<7 {
        var (ax, ay) = (0.0, 0.0)
        for j in 0..<7 where j != i {
          let (dx, dy) = (u[j] - u[i], u[7 + j] - u[7 + i])
          let factor = Double(j + 1) / pow(dx * dx + dy * dy, 1.5)
          ax += factor * dx
          ay += factor * dy
        }
        du[i] = u[14 + i]
        du[7 + i] = u[21 + i]
        du[14 + i] = ax
        du[21 + i] = ay
      }
    }
    return ReferenceProblem(
      "pleiades", "seven stars in a plane, with close encounters", source: ivpTestSet + ", problem Pleiades",
      system, to: 3,
      initialState: [
        3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0,
      ],
      solution: [
        0.3706139143970502, 0.3237284092057233e1, -0.3222559032418324e1, 0.6597091455775310,
        0.3425581707156584, 0.1562172101400631e1, -0.7003092922212495, -0.3943437585517392e1,
        -0.3271380973972550e1, 0.5225081843456543e1, -0.2590612434977470e1, 0.1198213693392275e1,
        -0.2429682344935824, 0.1091449240428980e1, 0.3417003806314313e1, 0.1354584501625501e1,
        -0.2590065597810775e1, 0.2025053734714242e1, -0.1155815100160448e1, -0.8072988170223021,
        0.5952396354208710, -0.3741244961234010e1, 0.3773459685750630, 0.9386858869551073,
        0.3667922227200571, -0.3474046353808490, 0.2344915448180937e1, -0.1947020434263292e1,
      ], accuracy: 1e-10)
  }

  /// Kepler's ellipse of eccentricity 0.6, ten periods: back at the start. State `(x, y, x', y')`.
  ///
  ///     r'' = -r / |r|^3
  public static var kepler: ReferenceProblem {
    let eccentricity = 0.6
    let start = [1 - eccentricity, 0, 0, ((1 + eccentricity) / (1 - eccentricity)).squareRoot()]
    let system = PartitionedSystem(dimension: 4) { _, u, du in
      let r3 = pow(u[0] * u[0] + u[1] * u[1], 1.5)
      du[0] = u[2]
      du[1] = u[3]
      du[2] = -u[0] / r3
      du[3] = -u[1] / r3
    }
    return ReferenceProblem(
      "kepler", "r'' = -r/|r|^3, ten ellipses of eccentricity 0.6",
      source: "Hairer, Lubich, Wanner, Geometric Numerical Integration, I.2", knownFrom: "closed form",
      system,
      to: 20 * Double.pi, initialState: start, solution: start, accuracy: 1e-13, floor: 1,
      componentNames: ["x", "y", "vx", "vy"],
      invariants: Invariants(names: ["energy", "angular-momentum"]) { _, u in
        [
          0.5 * (u[2] * u[2] + u[3] * u[3]) - 1 / (u[0] * u[0] + u[1] * u[1]).squareRoot(),
          u[0] * u[3] - u[1] * u[2],
        ]
      })
  }

  /// Three equal masses that follow one another on a figure of eight; one period. State: places `(x1, y1, ..., y3)`, then velocities.
  ///
  ///     r_i'' = sum_{j != i} (r_j - r_i) / |r_j - r_i|^3
  public static var threeBody: ReferenceProblem {
    let (x, y, p, q) = (0.97000436, -0.24308753, 0.466203685, 0.43236573)
    let system = PartitionedSystem(dimension: 12) { _, u, du in
      for k in 0..<6 { (du[k], du[6 + k]) = (u[6 + k], 0) }
      for i in 0..<3 {
        for j in 0..<i {
          let (dx, dy) = (u[2 * j] - u[2 * i], u[2 * j + 1] - u[2 * i + 1])
          let factor = pow(dx * dx + dy * dy, -1.5)
          du[6 + 2 * i] += factor * dx
          du[7 + 2 * i] += factor * dy
          du[6 + 2 * j] -= factor * dx
          du[7 + 2 * j] -= factor * dy
        }
      }
    }
    return ReferenceProblem(
      "three-body", "three equal masses on a figure of eight",
      source: "Chenciner, Montgomery, Annals of Mathematics 152 (2000) 881-901, doi:10.2307/2661357",
      knownFrom: "extrapolation with 40 digits, Tests/Oracles/reference_solutions.py", system, to: 6.32591398,
      initialState: [x, y, -x, -y, 0, 0, p, q, p, q, -2 * p, -2 * q], solution: threeBodySolution,
      accuracy: 1e-14, floor: 1,
      componentNames: ["x1", "y1", "x2", "y2", "x3", "y3", "vx1", "vy1", "vx2", "vy2", "vx3", "vy3"],
      invariants: Invariants(names: ["energy", "momentum-x", "momentum-y"]) { _, u in
        var energy = 0.0
        for k in 6..<12 { energy += 0.5 * u[k] * u[k] }
        for i in 0..<3 {
          for j in 0..<i {
            let (dx, dy) = (u[2 * j] - u[2 * i], u[2 * j + 1] - u[2 * i + 1])
            energy -= 1 / (dx * dx + dy * dy).squareRoot()
          }
        }
        return [energy, u[6] + u[8] + u[10], u[7] + u[9] + u[11]]
      })
  }

  /// The collection that several problems come from. Our cross-check of its digits with another
  /// program is `Tests/Oracles/ivp_testset.py` and `reference_solutions.py`.
  static let ivpTestSet =
    "Mazzia, Magherini, Test Set for Initial Value Problem Solvers, release 2.4 (2008)"
}

/// `q' = p, p' = f(q)`, given by a closure for all of it.
struct PartitionedSystem: Partitioned {
  let isPartitioned = true
  let dimension: Int
  private let body: ClosureSystem.Derivative

  init(dimension: Int, _ body: @escaping ClosureSystem.Derivative) {
    (self.dimension, self.body) = (dimension, body)
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    try body(t, y, &dy)
  }
}
