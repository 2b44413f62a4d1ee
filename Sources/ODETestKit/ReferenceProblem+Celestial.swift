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
      "arenstorf", source: "Hairer, Norsett, Wanner, Solving ODEs I, 2nd ed., II.0 (0.1), (0.2)", system,
      to: 17.0652165601579625588917206249, initialState: start, solution: start, accuracy: 1e-9)
  }

  /// Pleiades: seven stars of masses 1...7 in a plane, to `t = 3`. State `(x, y, x', y')`, seven each.
  ///
  ///     x_i'' = sum_{j != i} m_j (x_j - x_i) / r_ij^3,   y likewise
  public static var pleiades: ReferenceProblem {
    let system = ClosureSystem(dimension: 28) { _, u, du in
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
      "pleiades", source: ivpTestSet + ", problem Pleiades", system, to: 3,
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

  /// The collection that several problems come from. Our cross-check of its digits with another
  /// program is `Tests/Oracles/ivp_testset.py`.
  static let ivpTestSet =
    "Mazzia, Magherini, Test Set for Initial Value Problem Solvers, release 2.4 (2008)"
}
