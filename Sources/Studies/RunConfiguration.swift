/// Everything that decides a run: what `phaseflow run` takes as flags and as keys of a YAML file.
///
/// Keys and flags have the same names. A configuration written to `config.yaml` replays the run.
public struct RunConfiguration: Codable, Hashable, Sendable {
  /// A data set's name or file.
  public var data = "four-points"
  /// `m`.
  public var width = 1000
  /// `kappa = m^-gamma` (14); `nil` when the original model's factors are given.
  public var gamma: Double? = 1
  /// `kappa' = m^-gamma'` (14).
  public var gammaPrime: Double? = 0
  /// The `m` of (14), if it is not the width: the paper's runs with antisymmetric initialisation scale
  /// by the width of one copy and have twice as many neurons (its Figure 3 tells, see docs/mathematics.md).
  public var scalingWidth: Int?
  /// The factors of the original model (1)-(6), in place of gamma and gamma'.
  public var alpha: Double?
  public var beta1: Double?
  public var beta2: Double?
  /// Which of the two is integrated where these factors are given; ``tEnd``, recorded times, ``initialState`` and the
  /// weights written are that one's.
  public var model = IntegratedModel.normalized
  /// A row of Table 1 that gives these factors, see `NamedInitialization`.
  public var initialization: String?
  /// `sigma`, a name of the catalogue with its arguments.
  public var activation = "relu"
  /// `l(f, y)`, a name of the catalogue.
  public var loss = "mse"
  /// The method, a name of the catalogue with its arguments.
  public var integrator = RunConfiguration.defaultIntegrator
  /// Relative tolerance. The field's usual 1e-3 costs 2 to 4 per cent of the relative distance on
  /// ReLU flows, without a warning; hence less.
  public var rtol = 1e-4
  /// Absolute tolerance.
  public var atol = 1e-7
  /// For fixed-step methods.
  public var step = StepChoice.automatic
  /// Of the standard normal start (11); unused with an `initialState`.
  public var seed: UInt64 = 1
  /// Antisymmetric initialisation.
  public var asi = false
  /// The run ends when `R` falls to this; without it and ``tEnd`` the data's customary one is used.
  public var stopLoss: Double?
  /// The run ends at this time.
  public var tEnd: Double?
  /// Observers, names of the catalogue; empty for none.
  public var observe = RunConfiguration.defaultObservers
  /// An `.npy` file with the start, `[m, d+1]`.
  public var initialState: String?
  /// Plug-in libraries to load.
  public var plugin: [String] = []
  /// When rows of `trajectory.csv` are written: `geometric:PER_DECADE`, `linear:SPACING`, `steps`, `endpoints` or
  /// `times:T1,T2,...`.
  public var record = "geometric:20"
  /// Whether the neurons are written at every recorded time rather than at the first and last only.
  public var recordNeurons = false
  /// The run ends with `maxSteps` after this many accepted steps.
  public var maxSteps = 20_000_000
  /// Whether the run ends where nothing moves any more.
  public var stopAtRest = true
  /// Whether the run is integrated in the span of the inputs where that has at most half their dimension: the same
  /// trajectory in fewer coordinates, see `SpanCoordinates`.
  public var reduceDimension = true
  /// Threads; `nil` for as many cores as the work pays for. No result depends on it.
  public var threads: Int?

  public static let defaultIntegrator = "auto"
  public static let defaultObservers = [
    "relative-distance", "loss-decay", "condensation", "conservation", "energy",
  ]

  public init() {}
}

/// The model whose variables and time a run's are.
public enum IntegratedModel: String, Codable, Sendable, CaseIterable {
  /// (9)-(13).
  case normalized
  /// (1)-(6), for a run that is given by the original model's factors.
  case original
}

/// The step of a fixed-step method.
public enum StepChoice: Hashable, Sendable {
  /// A stated fraction of the stability limit, updated along the run.
  case automatic
  case value(Double)

  /// `auto` or a number.
  public init?(_ text: String) {
    if text == "auto" {
      self = .automatic
    } else if let value = Double(text) {
      self = .value(value)
    } else {
      return nil
    }
  }
}
