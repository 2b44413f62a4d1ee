import ODECore

/// Outputs and residuals at the end of the last accepted step, from the modes' moments.
final class CurrentResiduals {
  private let problem: KinkProblem
  private let loss: SampleLoss
  private let sum: StateVector
  /// `f_i`, `e_i`, and the curvature `C_i = de_i/df_i`.
  let outputs: StateVector, residuals: StateVector, curvatures: StateVector
  /// `R`.
  private(set) var risk = 0.0
  /// The rounding of a residual.
  private(set) var noise = 0.0

  init(_ problem: KinkProblem, _ loss: SampleLoss) {
    self.problem = problem
    self.loss = loss
    sum = StateVector(count: problem.D)
    (outputs, residuals, curvatures) = (
      StateVector(count: problem.n), StateVector(count: problem.n), StateVector(count: problem.n)
    )
  }

  /// Anew, from the modes as they are.
  func evaluate(_ modes: ModeTable) {
    let f = outputs.pointer
    for i in 0..<problem.n { f[i] = 0 }
    for mode in modes.modes where mode.neurons.count > 0 {
      mode.outputSum(into: sum.pointer)
      mode.addOutputs(sum.pointer, to: f)
    }
    loss.residuals(f, into: residuals.pointer)
    loss.curvatures(f, into: curvatures.pointer)
    risk = loss.risk(f)
    noise = rounding(modes)
  }

  /// What `R` may rise by: its rounding, from that of the residuals, and what a plateau allows.
  var riskRounding: Double { 8 * noise * (2 * risk).squareRoot() + 64 * noise * noise + loss.riskRounding }

  /// `f` is a sum of terms `|alpha w.x| <= |x| |theta|^2 / 2`, each rounded.
  private func rounding(_ modes: ModeTable) -> Double {
    let p = problem
    var (sum, reach) = (0.0, 0.0)
    for mode in modes.modes { sum += mode.squares }
    for i in 0..<p.n {
      reach = max(
        reach, p.steepness * curvatures.pointer[i] * p.outer * sum * p.lengths.pointer[i] / 2,
        loss.isSquared ? p.steepness * loss.constant(i) : abs(residuals.pointer[i]))
    }
    return 2.2e-16 * reach
  }
}
