import Foundation

extension ReferenceProblem {
  /// `y' = -y`, `y = exp(-t)`, to `t = 2`.
  public static var decay: ReferenceProblem {
    closedForm(
      "decay", "y' = -y", to: 2,
      AnalyticSystem(1, { _, y, dy in dy[0] = -y[0] }, jacobian: { _, _, set in set(0, 0, -1) })
    ) { [exp(-$0)] }
  }

  /// `x'' = -x` as a system, `(cos t, -sin t)`, to `t = 5`.
  public static var oscillator: ReferenceProblem {
    closedForm(
      "oscillator", "x'' = -x", to: 5,
      AnalyticSystem(
        2,
        { _, y, dy in
          dy[0] = y[1]
          dy[1] = -y[0]
        },
        jacobian: { _, _, set in
          set(0, 1, 1)
          set(1, 0, -1)
        })
    ) { [cos($0), -sin($0)] }
  }

  /// `y' = -2 t y^2`, `y = 1/(1 + t^2)`, to `t = 2`: nonlinear, and `f` depends on `t`.
  public static var rational: ReferenceProblem {
    closedForm(
      "rational", "y' = -2 t y^2", to: 2,
      AnalyticSystem(
        1, { t, y, dy in dy[0] = -2 * t * y[0] * y[0] },
        jacobian: { t, y, set in set(0, 0, -4 * t * y[0]) })
    ) { [1 / (1 + $0 * $0)] }
  }

  /// `y' = y (1 - y)`, `y(0) = 1/10`, `y = 1/(1 + 9 exp(-t))`, to `t = 5`.
  public static var logistic: ReferenceProblem {
    closedForm(
      "logistic", "y' = y (1 - y)", to: 5,
      AnalyticSystem(
        1, { _, y, dy in dy[0] = y[0] * (1 - y[0]) }, jacobian: { _, y, set in set(0, 0, 1 - 2 * y[0]) })
    ) { [1 / (1 + 9 * exp(-$0))] }
  }

  private static func closedForm(
    _ name: String, _ summary: String, to end: Double, _ system: AnalyticSystem,
    _ exact: @escaping (Double) -> [Double]
  ) -> ReferenceProblem {
    ReferenceProblem(
      name, summary, source: "closed form", system, to: end, initialState: exact(0), solution: exact(end),
      accuracy: 1e-15, exact: exact)
  }
}
