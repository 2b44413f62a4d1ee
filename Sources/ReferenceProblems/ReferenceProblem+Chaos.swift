import ODECore

extension ReferenceProblem {
  /// Lorenz' attractor from `(1, 1, 1)` to `t = 15`, where an error has grown by some 1e5.
  ///
  ///     x' = 10 (y - x),   y' = x (28 - z) - y,   z' = x y - 8/3 z
  public static var lorenz: ReferenceProblem {
    let (sigma, rho, beta) = (10.0, 28.0, 8.0 / 3)
    return ReferenceProblem(
      "lorenz", "Lorenz' attractor, chaotic", source: "Lorenz, J. Atmos. Sci. 20 (1963) 130-141",
      knownFrom: "extrapolation with 40 digits, Tests/Oracles/reference_solutions.py",
      AnalyticSystem(
        3,
        { _, y, dy in
          dy[0] = sigma * (y[1] - y[0])
          dy[1] = y[0] * (rho - y[2]) - y[1]
          dy[2] = y[0] * y[1] - beta * y[2]
        },
        jacobian: { _, y, set in
          set(0, 0, -sigma)
          set(0, 1, sigma)
          set(1, 0, rho - y[2])
          set(1, 1, -1)
          set(1, 2, -y[0])
          set(2, 0, y[1])
          set(2, 1, y[0])
          set(2, 2, -beta)
        }),
      to: 15, initialState: [1, 1, 1], solution: lorenzSolution, accuracy: 1e-11, isChaotic: true,
      componentNames: ["x", "y", "z"])
  }
}
