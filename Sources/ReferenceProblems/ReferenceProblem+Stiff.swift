import ODECore

extension ReferenceProblem {
  /// Robertson's reaction, to `t = 1e11`.
  ///
  ///     y1' = -0.04 y1 + 1e4 y2 y3,   y2' = 0.04 y1 - 1e4 y2 y3 - 3e7 y2^2,   y3' = 3e7 y2^2
  public static var robertson: ReferenceProblem {
    ReferenceProblem(
      "robertson", "a chemical reaction with rates from 0.04 to 3e7", source: ivpTestSet + ", problem ROBER",
      AnalyticSystem(
        3,
        { _, y, dy in
          let (r1, r2, r3) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1])
          dy[0] = -r1 + r2
          dy[1] = r1 - r2 - r3
          dy[2] = r3
        },
        jacobian: { _, y, set in
          set(0, 0, -0.04)
          set(0, 1, 1e4 * y[2])
          set(0, 2, 1e4 * y[1])
          set(1, 0, 0.04)
          set(1, 1, -1e4 * y[2] - 6e7 * y[1])
          set(1, 2, -1e4 * y[1])
          set(2, 1, 6e7 * y[1])
        }),
      to: 1e11, initialState: [1, 0, 0],
      solution: [0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050], accuracy: 1e-11,
      isStiff: true, atolRatio: 1e-9, componentNames: ["y1", "y2", "y3"],
      invariants: Invariants(names: ["mass"]) { _, y in [y[0] + y[1] + y[2]] })
  }

  /// Van der Pol's oscillator with `eps = 1e-6`, to `t = 2`.
  ///
  ///     y1' = y2,   y2' = ((1 - y1^2) y2 - y1) / eps
  public static var vanDerPol: ReferenceProblem {
    let eps = 1e-6
    return ReferenceProblem(
      "vdpol", "u' = v, v' = ((1 - u^2) v - u)/1e-6", source: ivpTestSet + ", problem VDPOL",
      AnalyticSystem(
        2,
        { _, y, dy in
          dy[0] = y[1]
          dy[1] = ((1 - y[0] * y[0]) * y[1] - y[0]) / eps
        },
        jacobian: { _, y, set in
          set(0, 1, 1)
          set(1, 0, (-2 * y[0] * y[1] - 1) / eps)
          set(1, 1, (1 - y[0] * y[0]) / eps)
        }),
      to: 2, initialState: [2, 0], solution: [1.706167732170483, -0.8928097010247975],
      accuracy: 1e-12, isStiff: true)
  }

  /// HIRES: eight reactants, how light makes a plant grow; to `t = 321.8122`.
  public static var hires: ReferenceProblem {
    ReferenceProblem(
      "hires", "eight reactants, how light makes a plant grow", source: ivpTestSet + ", problem HIRES",
      AnalyticSystem(
        8,
        { _, y, dy in
          let r = 280 * y[5] * y[7]
          dy[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007
          dy[1] = 1.71 * y[0] - 8.75 * y[1]
          dy[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4]
          dy[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3]
          dy[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6]
          dy[5] = -r + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6]
          dy[6] = r - 1.81 * y[6]
          dy[7] = -r + 1.81 * y[6]
        },
        jacobian: { _, y, set in
          for (i, j, value) in [
            (0, 0, -1.71), (0, 1, 0.43), (0, 2, 8.32), (1, 0, 1.71), (1, 1, -8.75), (2, 2, -10.03),
            (2, 3, 0.43), (2, 4, 0.035), (3, 1, 8.32), (3, 2, 1.71), (3, 3, -1.12), (4, 4, -1.745),
            (4, 5, 0.43), (4, 6, 0.43), (5, 3, 0.69), (5, 4, 1.71), (5, 5, -280 * y[7] - 0.43),
            (5, 6, 0.69), (5, 7, -280 * y[5]), (6, 5, 280 * y[7]), (6, 6, -1.81), (6, 7, 280 * y[5]),
            (7, 5, -280 * y[7]), (7, 6, 1.81), (7, 7, -280 * y[5]),
          ] { set(i, j, value) }
        }),
      to: 321.8122, initialState: [1, 0, 0, 0, 0, 0, 0, 0.0057],
      solution: [
        0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2,
        0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2,
      ], accuracy: 1e-11, isStiff: true)
  }

  /// OREGO: the Oregonator, an oscillating reaction, to `t = 360`.
  ///
  ///     y1' = s (y2 - y1 y2 + y1 - q y1^2),   y2' = (-y2 - y1 y2 + y3)/s,   y3' = w (y1 - y3)
  public static var orego: ReferenceProblem {
    let (s, w, q) = (77.27, 0.161, 8.375e-6)
    return ReferenceProblem(
      "orego", "the Oregonator, an oscillating reaction", source: ivpTestSet + ", problem OREGO",
      AnalyticSystem(
        3,
        { _, y, dy in
          dy[0] = s * (y[1] + y[0] * (1 - q * y[0] - y[1]))
          dy[1] = (y[2] - (1 + y[0]) * y[1]) / s
          dy[2] = w * (y[0] - y[2])
        },
        jacobian: { _, y, set in
          set(0, 0, s * (1 - 2 * q * y[0] - y[1]))
          set(0, 1, s * (1 - y[0]))
          set(1, 0, -y[1] / s)
          set(1, 1, -(1 + y[0]) / s)
          set(1, 2, 1 / s)
          set(2, 0, w)
          set(2, 2, -w)
        }),
      to: 360, initialState: [1, 2, 3],
      solution: [0.1000814870318523e1, 0.1228178521549917e4, 0.1320554942846706e3], accuracy: 1e-11,
      isStiff: true)
  }
}
