import GradientFlow

extension GuaranteedDecayStatement {
  /// (56), with the factor `t` that it lacks in print.
  static let proposition18 = GuaranteedDecayStatement(
    identifier: "prop-18", title: "R(t) ≤ exp(−(mκ²/n)(λ_a/κ′ + κ′λ_w) t) R(0) for t < t*",
    reference: "Proposition 18, (56); its exponent lacks the factor t in print",
    conditions:
      "λ_min(G(θ⁰)) ≥ ¾ κ²(λ_a/κ′ + κ′λ_w) (53), and times with |G − G(θ⁰)|_F ≤ ¼ of the same (55); "
      + "allowed: a factor 1 + 10 rtol",
    premise: { _, scaling, kernels in
      let unit = unit(scaling, kernels)
      return Premise(
        rate: kernels.ratio * unit, smallest: 0.75 * unit, change: 0.25 * unit, usesGramAOnly: false,
        isGlobal: false)
    })

  /// (65).
  static let proposition21 = GuaranteedDecayStatement(
    identifier: "prop-21", title: "R(t) ≤ exp(−(mκ²/(κ′n)) λ_a t) R(0) for t < t_a*",
    reference: "Proposition 21, (65)",
    conditions: "λ_min(G^a(θ⁰)) ≥ ¾ κ²λ_a/κ′ (63), and times with |G^a − G^a(θ⁰)|_F ≤ ¼ of the same (61); "
      + "allowed: a factor 1 + 10 rtol",
    premise: { _, scaling, kernels in
      let unit = scaling.kappa * scaling.kappa / scaling.kappaPrime * kernels.lambdaA
      return Premise(
        rate: kernels.ratio * unit, smallest: 0.75 * unit, change: 0.25 * unit, usesGramAOnly: true,
        isGlobal: false)
    })

  /// (38). For `gamma < 1` it follows from (56), as `lambda_a/kappa' + kappa' lambda_w >= 2 sqrt(lambda_a lambda_w) >= 2 lambda`;
  /// beyond from (65) if `kappa' <= 1/2`.
  static let theorem6b = GuaranteedDecayStatement(
    identifier: "theorem-6b", title: "R(t) ≤ exp(−2mκ²λt/n) R(0) for all t in the linear regime",
    reference: "Theorem 6(b), (38)",
    conditions:
      "γ < 1 or γ′ > γ − 1, and runs whose Gram matrix stays near its start to the end, as the proof finds for large m: "
      + "(53) and (55) for γ < 1; (61), (63) and κ′ ≤ ½ beyond; allowed: a factor 1 + 10 rtol",
    premise: { point, scaling, kernels in
      let rate = kernels.ratio * 2 * scaling.kappa * scaling.kappa * min(kernels.lambdaA, kernels.lambdaW)
      switch point.region {
      case .thetaLazy:
        let unit = unit(scaling, kernels)
        return Premise(
          rate: rate, smallest: 0.75 * unit, change: 0.25 * unit, usesGramAOnly: false, isGlobal: true)
      case .wLazy where scaling.kappaPrime <= 0.5:
        let unit = scaling.kappa * scaling.kappa / scaling.kappaPrime * kernels.lambdaA
        return Premise(
          rate: rate, smallest: 0.75 * unit, change: 0.25 * unit, usesGramAOnly: true, isGlobal: true)
      default: return nil
      }
    })

  /// `kappa^2 (lambda_a/kappa' + kappa' lambda_w)`.
  private static func unit(_ scaling: Scaling, _ kernels: Kernels) -> Double {
    scaling.kappa * scaling.kappa
      * (kernels.lambdaA / scaling.kappaPrime + scaling.kappaPrime * kernels.lambdaW)
  }
}
