import ODECore

/// The stabilised explicit Runge-Kutta-Chebyshev method of order 2, for stiff smooth systems whose
/// Jacobian has a spectrum on or near the negative real axis: gradient flows, diffusion.
///
/// A step has as many stages `s` as its size needs: its interval of stability on the negative real axis is
///
///     beta(s) ~ 2/3 (s^2 - 1) (1 - 2/15 eps),   eps = 2/13 (damping),
///
/// so the cost of a unit of time grows like `sqrt(rho / h)` evaluations, where a classical method needs
/// `rho / 3.3` steps. `s` follows from `rho`: the system's own estimate if it is
/// ``/ODECore/SpectralRadiusEstimating``, else a nonlinear power method; it is renewed every 25
/// accepted steps and after a rejected step. `s` is at most `sqrt(rtol / (10 u))`, `u = 2^-53`, where
/// rounding inside the recurrence, of about `s^2 u`, stays below the tolerance; it limits the step. A run that
/// is held back by this for a hundred steps, and would need more than `10^10` evaluations more, fails with
/// ``/ODECore/ReturnCode/tooStiff``.
///
/// Where it fails: eigenvalues near the imaginary axis (the stable strip is narrow there; error control
/// shortens the step), and a right-hand side with jumps, such as that of ReLU flows whose neurons slide along
/// kinks, across which second order is lost.
///
/// Dense output is the cubic Hermite interpolant. Memory: five states, six with the power method.
///
/// Sources: Sommeijer, Shampine, Verwer, *RKC: An explicit solver for parabolic PDEs*, J. Comput. Appl.
/// Math. 88 (1998) 315-326, doi:10.1016/S0377-0427(97)00219-7; coefficients: van der Houwen, Sommeijer,
/// *Z. Angew. Math. Mech.* 60 (1980) 479-485. As in their code but for the controller, which is
/// ``StepControl/controller``, the first step, ``StepControl/initialStep``, and the power method, which also finds
/// the modulus of a pair of complex eigenvalues.
public struct RKC: Integrator {
  /// Where the spectral radius comes from.
  public enum SpectralRadius: Sendable, Equatable {
    /// The system's own estimate, else the power method.
    case automatic
    /// The power method, also where the system has an estimate, which may be much too large.
    case powerMethod
  }

  public var name: String { "rkc" }
  /// Tolerances, norm and step limits.
  public var control: StepControl
  /// Where `rho` comes from.
  public var spectralRadius: SpectralRadius

  /// The control of the steps, and where the spectral radius comes from.
  public init(_ control: StepControl = StepControl(), spectralRadius: SpectralRadius = .automatic) {
    self.control = control
    self.spectralRadius = spectralRadius
  }

  /// - Parameters: see ``StepControl``.
  public init(
    rtol: Double = StepControl.defaultRtol, atol: Double = StepControl.defaultAtol,
    norm: any ErrorNorm = WRMSNorm(), controller: any StepController = PIController(),
    initialStep: Double? = nil, maxStep: Double = .infinity, spectralRadius: SpectralRadius = .automatic
  ) {
    self.init(
      StepControl(
        rtol: rtol, atol: atol, norm: norm, controller: controller, initialStep: initialStep,
        maxStep: maxStep), spectralRadius: spectralRadius)
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` if a setting is unusable (here `rtol` must be at least
  ///   ten rounding errors), or `f` is not finite at the start.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> RKCState {
    try RKCState(problem, control, spectralRadius, name, restart)
  }
}
