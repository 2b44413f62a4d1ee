import DeepNetworks
import ExponentialIntegrators
import GradientFlow
import ImplicitRungeKutta
import KinkAwareIntegrator
import ODECore
import PluginKit
import RungeKutta
import SundialsIntegrators
import TrainingDynamics
import UntrustedNumbers

/// Picks a method by the problem, and says why (``IntegratorState/choice``).
///
/// A system that is no network is integrated by ``DormandPrince`` (``DOP853`` at tight tolerances), and by ``Radau`` (``CVODEBDF`` at tight tolerances
/// and where matrices are too large) from where that gets farther per evaluation, and back; from the start where the fastest motion is by far faster than the
/// run is long, or a band is declared. `IntegratorState.choice` says from when on. Likewise a network under other dynamics than the gradient
/// flow, with ``CVODEBDF`` and the flow's own Newton systems. What the rules rest on, for a two-layer flow:
/// - where neurons can be followed exactly, and share few activation patterns, ``KinkAware`` is by far the fastest and
///   the most accurate; with many patterns it costs more than an explicit pair at a loose tolerance;
/// - the late phase is stiff, its rates spreading like the eigenvalues of the Gram matrix; an explicit method then takes
///   steps in proportion to their ratio, an implicit one with the flow's own Newton solver does not care;
/// - an exponential integrator does not care either: ``ResidualMagnus`` steps over kinks in passing, with an error that follows the
///   change of the weights, where every other method spends its steps; for smooth activations and more than a few inputs it is cheaper
///   than Newton's systems, at tight tolerances Krogstad's method (docs/exponential.md has the measurements);
/// - kinks break the high orders of an implicit multistep method: each one that a neuron crosses throws BDF back to order
///   one, and an explicit pair is cheaper.
public struct Automatic: Integrator {
  public let name = "auto"
  /// Relative tolerance.
  public var rtol: Double
  /// Absolute tolerance.
  public var atol: Double
  /// Absolute tolerances by component, for systems.
  public var atols: [Double]?
  /// See `StepControl.threads`.
  public var threads: Int?

  /// The ratio of the Gram matrix's eigenvalues from which on a smooth flow counts as stiff. Dormand-Prince takes about
  /// twice as many evaluations as this ratio for each factor e of the loss, BDF a few hundred in all.
  public static let stiffRatio = 50.0
  /// Below this relative tolerance methods that step over kinks spend their time there, and order 2 does not pay.
  public static let chatteringTolerance = 1e-5
  /// What the relative tolerance is multiplied by for ``ResidualMagnus``, whose tolerance is that of a whole run's change, not of
  /// a step: at the default of 1e-4 distances and outputs come out to about 1e-3. Few samples are cheap, and get a tenth; in the linear regime steps are
  /// few and changes small, and up to ``manySamples`` get a fifth; more samples make them accurate enough.
  public static let changeTolerance = 1e2
  /// See ``changeTolerance``.
  public static let (fewShare, linearShare) = (0.1, 0.2)
  /// See ``changeTolerance``.
  public static let (fewSamples, manySamples) = (32, 256)
  /// Beyond two layers few samples get these multiples of that tolerance. In the linear regime a layer between others moves least, and its distance has the
  /// largest error. Beyond it what single units do at kinks of upper layers dominates the estimate, and distances are far better.
  public static let deepShares = (linear: 0.5, condensed: 5.0)
  /// The width below which the latter falls in proportion: each unit then counts for more.
  public static let wideLayer = 500.0
  /// The loosest tolerance that the latter may come to.
  public static let loosestDeep = 1e-2
  /// The loosest tolerance of ``ResidualMagnus`` that is chosen.
  public static let loosestChange = 0.1
  /// Beyond so many samples for each input a kernel costs hundreds of right-hand sides.
  public static let samplesPerInput = 128
  /// Up to so many inputs Newton's systems of smooth neurons are cheaper than products with kernels.
  public static let smallBlock = 16
  /// The largest `d` at which work of order `d^2` for a neuron, in following it through its kinks or in the blocks of
  /// Newton's system, is cheaper than an explicit method's stages.
  public static let largestBlock = 64
  /// From this relative tolerance down ``DOP853`` takes fewer evaluations than ``DormandPrince`` for the same error on systems.
  public static let tightTolerance = 1e-3
  /// The same, below, on networks, whose kinks break high orders.
  public static let tightNetworkTolerance = 1e-5
  /// From this relative tolerance down ``CVODEBDF`` comes before ``Radau``.
  public static let multistepTolerance = 1e-6
  /// Where a solution chatters across a jump of `f` errors average out, and ``BogackiShampine``'s are a fraction of its tolerance: what that is
  /// multiplied by, and where it ends.
  public static let (chatteringShare, loosestChattering) = (3.0, 1e-2)
  /// From this relative tolerance up ``Rodas`` comes before ``Radau``.
  public static let rosenbrockTolerance = 1e-3
  /// The roundings of the largest component that ``Rodas`` is given.
  public static let roundings = 1e3
  /// What the tolerances are multiplied by for BDF: its errors are 10 to 100 of its tolerances.
  public static let multistepShare = 0.01
  /// The most unknowns of a system whose full matrices are factorised.
  public static let largestMatrix = 200
  /// The most outputs at samples of a flow of any architecture whose kernel is made.
  public static let largestKernel = 2048
  /// The largest `n` whose Gram matrix is looked at; more samples count as stiff.
  public static let largestGram = 512

  /// Both tolerances; `atols` by component in place of `atol`.
  public init(rtol: Double, atol: Double, atols: [Double]? = nil, threads: Int? = nil) {
    self.atols = atols
    self.rtol = rtol
    self.atol = atol
    self.threads = threads
  }

  /// Of the most that may be chosen: which method it is, is decided at the start.
  public func matrixMemory(for problem: ODEProblem) -> Double {
    guard let flow = problem.system as? TwoLayerFlow, takesResiduals(flow, problem) else { return 0 }
    return smoothExponential(flow).matrixMemory(for: problem)
  }

  private func takesResiduals(_ flow: TwoLayerFlow, _ problem: ODEProblem) -> Bool {
    flow.data.sampleCount <= Self.samplesPerInput * flow.data.inputDimension
      && ResidualMagnus(rtol: rtol).refusal(of: problem) == nil
  }

  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> ErasedState {
    if let flow = problem.system as? LowRankFlow {
      let magnus = ResidualMagnus(rtol: deepTolerance(flow.flow))
      return ErasedState(
        try magnus.makeState(for: problem, restart: restart), method: magnus.name,
        reason: "changes of large layers are kept as factors, which it moves exactly")
    }
    if let flow = problem.system as? ArchitectureFlow, let (method, reason) = choose(flow, problem) {
      return ErasedState(
        try method.makeState(for: problem, restart: restart), method: method.name, reason: reason)
    }
    guard let flow = problem.system as? TwoLayerFlow else { return try begin(problem, restart) }
    let (method, reason) = restart?.method.flatMap { resumed($0, flow, problem) } ?? choose(flow, problem)
    let restart = restart?.stepSize == 0 ? nil : restart
    return ErasedState(
      try method.makeState(for: problem, restart: restart), method: method.name, reason: reason)
  }

  /// For a system of which nothing is known.
  private func begin(_ problem: ODEProblem, _ restart: Restart?) throws -> ErasedState {
    var control = control
    control.atols = atols
    // A step held at 0.8 of the limit would never look stiff.
    control.limitsStepByStability = false
    let isNetwork = problem.system is ArchitectureFlow || problem.system is DynamicsSystem
    let isTight = isNetwork ? rtol < Self.tightNetworkTolerance : rtol <= Self.tightTolerance
    let pair = isTight ? ExplicitPair.dop853(control) : .dormandPrince(control)
    let factor = max(1, min(Self.chatteringShare, Self.loosestChattering / rtol))
    control.rtol *= factor
    control.atol *= factor
    control.atols = atols?.map { $0 * factor }
    let chatteringPair = isNetwork ? nil : ExplicitPair.bogackiShampine(control)
    let (stiff, enduring) = implicit(for: problem)
    let methods = SwitchingMethods(
      pair: pair, chatteringPair: chatteringPair, stiff: stiff, enduring: enduring,
      isDeclaredStiff: Self.declaresBand(problem.system), looksAtStart: !isNetwork,
      knowledge: (problem.system as? DynamicsSystem).map {
        "no method knows more of the dynamics '\($0.dynamics.name)'"
      } ?? "nothing is known of the system")
    return ErasedState(try SwitchingState(problem, methods, restart), method: pair.name, reason: "")
  }

  /// What stands in where a system is stiff: ``Radau`` while its matrices are cheap, else ``CVODEBDF``. At tight tolerances, where an error
  /// estimate of order 3 costs most, BDF comes first; at loose ones, where the Jacobian costs no evaluations, ``Rodas``.
  private func implicit(for problem: ODEProblem) -> (any Integrator, enduring: (any Integrator)?) {
    let banded = Self.declaresBand(problem.system)
    // Newton's systems through those of the gradient flow.
    if problem.system is LinearDynamicsSystem { return (CVODEBDF(rtol: rtol, atol: atol), nil) }
    guard banded || problem.system.dimension <= Self.largestMatrix else {
      return (CVODEBDF(rtol: rtol, atol: atol, atols: atols), nil)
    }
    var radau = control
    radau.atols = atols
    radau.norm = MaxNorm()
    if rtol >= Self.rosenbrockTolerance, problem.system is any DenseJacobianProviding, !banded,
      resolves(problem.initialState)
    {
      return (Rodas(rtol: rtol, atol: atol, atols: atols), Radau(radau))
    }
    guard rtol <= Self.multistepTolerance else { return (Radau(radau), nil) }
    let share = Self.multistepShare
    let bdf = CVODEBDF(
      rtol: max(share * rtol, 1e-13), atol: share * atol, atols: atols.map { $0.map { share * $0 } })
    return (bdf, Radau(radau))
  }

  /// Whether what absolute tolerances let pass is more than the rounding of the largest component, which ``Rodas`` spreads over all.
  private func resolves(_ y: [Double]) -> Bool {
    let largest = y.map(abs).max() ?? 0
    return (atols?.min() ?? atol) > Self.roundings * Double.ulpOfOne * largest
  }

  private static func declaresBand(_ system: any ODESystem) -> Bool {
    (system as? any BandStructured)?.bandwidths != nil
  }

  private var control: StepControl { StepControl(rtol: rtol, atol: atol, threads: threads) }
  private var explicit: DormandPrince { DormandPrince(control) }
  private var stabilised: RKC { RKC(control) }
  private var krogstad: ExponentialRungeKutta { ExponentialRungeKutta(.krogstad, control) }
  private func smoothExponential(_ flow: TwoLayerFlow) -> any Integrator {
    rtol < Self.chatteringTolerance && !outrunsGram(flow) ? krogstad : ResidualMagnus(rtol: rtol)
  }
  /// `kappa m = m^(1 - gamma)`: where it is large, neurons hardly turn, the less so the more inputs share the work.
  private func isLinear(_ flow: TwoLayerFlow) -> Bool { flow.scaling.kappa * Double(flow.shape.width) > 1 }
  /// Whether the Gram matrix at the start says nothing of later ones, though residuals can be integrated: then Krogstad's method and Newton's
  /// systems take many times the steps.
  private func outrunsGram(_ flow: TwoLayerFlow) -> Bool {
    !isLinear(flow) && flow.data.sampleCount <= flow.data.inputDimension
  }
  private func changeTolerance(_ samples: Int, isLinear: Bool) -> Double {
    let share =
      samples <= Self.fewSamples
      ? Self.fewShare : isLinear && samples <= Self.manySamples ? Self.linearShare : 1
    return min(share * Self.changeTolerance * rtol, Self.loosestChange)
  }

  private func deepTolerance(_ flow: ArchitectureFlow) -> Double {
    let (samples, plain) = (flow.data.sampleCount, changeTolerance(flow.data.sampleCount, isLinear: false))
    guard samples <= Self.fewSamples, let network = flow.architecture as? DeepNetwork,
      network.activations[0].slopes != nil
    else { return plain }
    // kappa m^(L/2) = m^(L/2 - gamma): large in the linear regime.
    let hidden = network.widths[1...network.activations.count].map { Double($0).squareRoot() }
    let isLinear = hidden.reduce(network.kappa * hidden.max()!, *) > 2
    if isLinear { return Self.deepShares.linear * plain }
    let narrowness = min(1, hidden.min()! * hidden.min()! / Self.wideLayer)
    return max(plain, min(Self.deepShares.condensed * narrowness * plain, Self.loosestDeep))
  }

  private func candidates(_ flow: TwoLayerFlow) -> [any Integrator] {
    [
      explicit, stabilised, CVODEBDF(rtol: rtol, atol: atol), KinkAware(rtol: rtol),
      smoothExponential(flow),
    ]
  }

  /// The method that the run began with, and why, which the state that it is resumed from may no longer tell.
  private func resumed(_ name: String, _ flow: TwoLayerFlow, _ problem: ODEProblem) -> (
    any Integrator, String
  )? {
    let now = choose(flow, problem)
    if now.0.name == name { return now }
    return candidates(flow).first { $0.name == name }.map { ($0, "chosen before the run was resumed") }
  }

  /// An exponential method for a flow of any architecture while kernels are cheap beside a right-hand side, and one sentence why;
  /// `nil` for what serves any system.
  private func choose(_ flow: ArchitectureFlow, _ problem: ODEProblem) -> (any Integrator, String)? {
    let rows = flow.data.targets.count
    let magnus = ResidualMagnus(rtol: flow.architecture.hasKinks ? deepTolerance(flow) : rtol)
    guard rows <= Self.largestKernel, problem.direction > 0, magnus.refusal(of: problem) == nil else {
      return nil
    }
    if !flow.architecture.hasKinks, rtol < Self.chatteringTolerance {
      return (krogstad, "smooth, at a tight tolerance: the kernel's part exactly, the rest to order 4")
    }
    return (
      magnus,
      "the \(rows) residuals' kernel is taken exactly, to \(Float(magnus.control.rtol)) of the change of the weights"
    )
  }

  /// The method for `flow` and one sentence why.
  private func choose(_ flow: TwoLayerFlow, _ problem: ODEProblem) -> (any Integrator, String) {
    let implicit = CVODEBDF(rtol: rtol, atol: atol)
    let (n, width, isLinear) = (flow.data.sampleCount, flow.shape.width, isLinear(flow))
    let exponential = ResidualMagnus(rtol: changeTolerance(n, isLinear: isLinear))
    let takesResiduals = takesResiduals(flow, problem)
    if KinkAware.canIntegrate(flow) == nil, problem.direction > 0,
      rtol < Self.chatteringTolerance
        || flow.data.inputDimension <= Self.largestBlock && Self.patterns(flow) <= Double(width)
    {
      return (KinkAware(rtol: rtol), "piecewise linear: neurons are followed exactly over and along kinks")
    }
    if !flow.activation.kinks.isEmpty, takesResiduals {
      return (
        exponential,
        "many activation patterns: kinks are stepped over, to \(Float(exponential.control.rtol)) of the change of the weights"
      )
    }
    if !flow.activation.kinks.isEmpty, isLinear, n <= flow.data.inputDimension {
      return (stabilised, "linear regime and no more samples than inputs: few kinks are met")
    }
    guard flow.activation.kinks.isEmpty else {
      return (
        explicit, "many activation patterns: an implicit method pays for every kink that a neuron crosses"
      )
    }
    if takesResiduals, outrunsGram(flow) {
      return (
        smoothExponential(flow),
        "smooth, beyond the linear regime and no more samples than inputs: rates change by far, the residuals' part is taken exactly"
      )
    }
    let ratio = gramRatio(flow, problem.initialState)
    let rates = "rates of the flow differ by a factor of \(Int(saturating: min(ratio, 1e9)))"
    guard ratio > Self.stiffRatio else { return (explicit, "smooth and not stiff: \(rates)") }
    if takesResiduals, flow.data.inputDimension > Self.smallBlock {
      return (
        smoothExponential(flow),
        "smooth and stiff: \(rates); Newton's systems of so many inputs are expensive"
      )
    }
    guard flow.newtonSolution == .exact, flow.data.inputDimension <= Self.largestBlock else {
      return (
        stabilised, "smooth and stiff: \(rates); Newton's systems of so many inputs or samples are expensive"
      )
    }
    return (implicit, "smooth and stiff: \(rates)")
  }

  /// A bound on the number of ways in which the kinks of one neuron can lie (Cover 1965 where all go through zero): the
  /// number of groups of neurons that ``KinkAware`` has to handle.
  static func patterns(_ flow: TwoLayerFlow) -> Double {
    let (breakpoints, d) = (flow.activation.pieces?.breakpoints ?? [], flow.data.inputDimension)
    let kinks = flow.data.sampleCount * breakpoints.count
    func cells(_ hyperplanes: Int, _ dimension: Int) -> Double {
      var (term, sum) = (1.0, 0.0)
      for j in 0...max(dimension, 0) where j <= hyperplanes {
        sum += term
        term *= Double(hyperplanes - j) / Double(j + 1)
      }
      return sum
    }
    return breakpoints.allSatisfy { $0 == 0 } ? 2 * cells(kinks - 1, d - 1) : cells(kinks, d)
  }

  /// The ratio of the Gram matrix's extreme eigenvalues; infinite if it is singular, or too large to ask.
  private func gramRatio(_ flow: TwoLayerFlow, _ state: [Double]) -> Double {
    guard flow.data.sampleCount <= Self.largestGram,
      let eigenvalues = try? flow.gramMatrix(state.span).eigenvalues(), eigenvalues[0] > 0
    else { return .infinity }
    return eigenvalues.last! / eigenvalues[0]
  }
}
