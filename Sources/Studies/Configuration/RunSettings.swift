/// Every key of a run, declared once. A new one is a line here, and its use.
///
/// Keys that are plug-ins' names may be followed by parameters: `softplus(beta: 20)`.
public struct RunSettings: Sendable {
  /// An ODE in place of a network: a system's name with parameters, or the file of a plug-in library that brings one.
  public let system = Setting<String?>(
    "system", nil, for: .systems, range: .named, completion: .plugins("systems"),
    "An ODE in place of a network: a name that 'phaseflow plugins' lists, or the file of a plug-in library.")
  /// A data set's name or file.
  public let data = Setting(
    "data", "four-points", for: .networks, range: .named, completion: .plugins("datasets"),
    "Data: four-points, bench-points, fashion-mnist[:n], FILE.csv or idx:IMAGES[,LABELS].")
  /// Data whose loss and accuracy are recorded beside those of training.
  public let testData = Setting<String?>(
    "test-data", nil, for: .networks, range: .named, completion: .plugins("datasets"),
    "Test data: their loss and accuracy are recorded beside those of the training data.")
  /// Whether labels become one output each; a loss of classes needs no word.
  public let oneHot = Setting(
    "one-hot", false, for: .networks,
    "Give each label 0, 1, 2, ... an output; always so with the loss cross-entropy.")
  /// `m`.
  public let width = Setting("width", 1000, for: .networks, range: .atLeast(1), "Number of neurons m.")
  /// The widths of the hidden layers of a network of any depth; empty for one of `width`.
  public let hidden = Setting(
    "hidden", [Int](), for: .networks, range: .init("whole numbers, at least 1") { $0.allSatisfy { $0 > 0 } },
    value: "m1,m2,...",
    "Widths of the hidden layers of a deeper network, the first layer first; in place of width.")
  /// Whether hidden layers from the second on have biases.
  public let bias = Setting(
    "bias", false, for: .networks,
    "Biases in the hidden layers from the second on (the first has the input's constant coordinate).")
  /// `kappa = m^-gamma` (14); `nil` when the original model's factors are given.
  public let gamma = Setting<Double?>(
    "gamma", 1, for: .networks, range: .finite, "The exponent of kappa = m^-gamma.")
  /// `kappa' = m^-gamma'` (14).
  public let gammaPrime = Setting<Double?>(
    "gamma-prime", 0, for: .networks, range: .finite, "The exponent of kappa' = m^-gamma'.")
  /// `mu_l = m^g_l`, first layer first; empty for 1 each.
  public let mobilityExponents = Setting(
    "mobility-exponents", [Double](), for: .networks,
    range: .init("finite numbers whose sum is 0") {
      $0.allSatisfy(\.isFinite) && abs($0.reduce(0, +)) <= 1e-12 * $0.reduce(1) { $0 + abs($1) }
    }, value: "g1,...,gL",
    "Exponents of the layers' mobilities mu_l = m^g_l, first layer first, with sum 0; for two layers -g,g means gamma-prime g."
  )
  /// Whether `f` is counted from its value at the start.
  public let centred = Setting(
    "centred", false, for: .networks,
    "Subtract the initial outputs, so that f = 0 at the start for any weights.")
  /// The `m` of (14), if it is not the width: the paper's runs with antisymmetric initialisation scale
  /// by the width of one copy and have twice as many neurons (its Figure 3 tells, see docs/mathematics.md).
  public let scalingWidth = Setting<Int?>(
    "scaling-width", nil, for: .networks, range: .atLeast(1),
    "The m of kappa and kappa', if not the width (the paper's ASI runs have width 2m).")
  /// The factors of the original model (1)-(6), in place of gamma and gamma'.
  public let alpha = Setting<Double?>(
    "alpha", nil, for: .networks,
    "Original model: f = (1/alpha) sum a sigma(w.x). Replaces gamma and gamma-prime.")
  /// The deviation of the output weights.
  public let beta1 = Setting<Double?>("beta1", nil, for: .networks, "Original model: a ~ N(0, beta1^2).")
  /// The deviation of the input weights.
  public let beta2 = Setting<Double?>("beta2", nil, for: .networks, "Original model: w ~ N(0, beta2^2 I).")
  /// The standard deviations of any number of layers, first layer first.
  public let betas = Setting(
    "betas", [Double](), for: .networks,
    range: .init("positive and finite") { $0.allSatisfy { $0 > 0 && $0.isFinite } }, value: "b1,...,bL",
    "Original model of a network with --hidden: W_l ~ N(0, b_l^2), the first layer first; with alpha.")
  /// A row of Table 1 that gives these factors, see `NamedInitialization`.
  public let initialization = Setting<String?>(
    "initialization", nil, for: .networks, value: "name",
    completion: .words(["lecun", "he", "xavier", "ntk", "mean-field", "e-et-al:1"]),
    "A row of the paper's Table 1 (see 'phaseflow initializations'): lecun, he, xavier, ntk, mean-field or e-et-al:BETA. Replaces gamma and gamma-prime."
  )
  /// Which of the two is integrated where these factors are given; end, recorded times, initial state and the weights
  /// written are that one's.
  public let model = Setting(
    "model", IntegratedModel.normalized, for: .networks, completion: .words(["normalized", "original"]),
    "Which model is integrated if alpha, beta1 and beta2 or an initialization are given: normalized, or original (in its own variables and time)."
  )
  /// `sigma`.
  public let activation = Setting(
    "activation", "relu", for: .networks, range: .named, completion: .plugins("activations"),
    "Activation, see 'phaseflow plugins'; with --hidden one for each hidden layer, separated by commas, or one for all."
  )
  /// `l(f, y)`.
  public let loss = Setting(
    "loss", "mse", for: .networks, range: .named, completion: .plugins("losses"),
    "Loss, see 'phaseflow plugins'.")
  /// What moves the parameters.
  public let dynamics = Setting(
    "dynamics", "gradient-flow", for: .networks, range: .named, completion: .plugins("dynamics"),
    "Dynamics: gradient-flow, weight-decay, heavy-ball, nesterov, see 'phaseflow plugins'.")
  /// The method.
  public let integrator = Setting(
    "integrator", RunConfiguration.defaultIntegrator, range: .named, completion: .plugins("integrators"),
    "Integrator, see 'phaseflow plugins'; auto picks one.")
  /// Relative tolerance. The field's usual 1e-3 costs 2 to 4 per cent of the relative distance on
  /// ReLU flows, without a warning; hence less.
  public let rtol = Setting("rtol", 1e-4, systems: 1e-6, range: .between(0, 1), "Relative tolerance.")
  /// Absolute tolerance.
  public let atol = Setting(
    "atol", 1e-7, systems: 1e-9,
    range: .init("at least 0 and finite", ["minimum": 0]) { $0 >= 0 && $0.isFinite }, "Absolute tolerance.")
  /// Absolute tolerances by component of a system, in place of `atol`; empty for that.
  public let componentAtol = Setting(
    "component-atol", [Double](), for: .systems,
    range: .init("numbers, at least 0 and finite") { $0.allSatisfy { $0 >= 0 && $0.isFinite } },
    "Absolute tolerances of a system's components, one for each, separated by commas; in place of atol.")
  /// Components of a system that are kept from falling below zero.
  public let positive = Setting(
    "positive", [String](), for: .systems,
    "Components of a system that cannot become negative, by name, or all: negative values count as zero for f and in the results."
  )
  /// No step of any method is longer.
  public let maxStep = Setting<Double?>(
    "max-step", nil, range: .positive, "Longest step, for every method.")
  /// The first step of any method is no longer.
  public let initialStep = Setting<Double?>(
    "initial-step", nil, range: .positive, "Longest first step, for every method.")
  /// For fixed-step methods.
  public let step = Setting(
    "step", StepChoice.automatic, range: .init("'auto', or positive and finite") { $0.isUsable },
    "Step of a fixed-step method: a number, or auto (a fraction of the stability limit).")
  /// Of the standard normal start (11); unused with an initial state.
  public let seed = Setting("seed", UInt64(1), for: .networks, "Seed of the Gaussian start.")
  /// Antisymmetric initialisation.
  public let asi = Setting(
    "asi", false, for: .networks, "Antisymmetric initialisation: f = 0 at the start; needs an even width.")
  /// The run ends when `R` falls to this; without it and an end time the data's customary one is used.
  public let stopLoss = Setting<Double?>(
    "stop-loss", nil, for: .networks,
    range: .init("positive and finite", ["exclusiveMinimum": 0]) { $0.map { $0 > 0 && $0.isFinite } ?? true },
    "End when the loss R falls to this value; without it and --t-end, at the loss at which the data's authors stop, or at 1e-4 of the initial loss."
  )
  /// The run ends at this time; `nil`: at the stop's loss, or where the system says.
  public let tEnd = Setting<Double?>(
    "t-end", nil, range: .init("a number") { $0.map { !$0.isNaN } ?? true },
    "End at this time; a system has a default end.")
  /// Observers; empty for none.
  public let observe = Setting(
    "observe", RunConfiguration.defaultObservers, systems: RunConfiguration.defaultSystemObservers,
    range: .noneEmpty, completion: .plugins("observers"), "Observers, separated by commas; 'none' for none.")
  /// An `.npy` file with the start.
  public let initialState = Setting<String?>(
    "initial-state", nil, range: .named, completion: .files(["npy"]),
    "Start from an .npy file of shape [m, d+1], columns a, w_1..w_d (bias last); [N] for a --system.")
  /// Plug-in libraries to load.
  public let plugin = Setting(
    "plugin", [String](), range: .noneEmpty, completion: .files(["so"]), isRepeated: true,
    "Load a plug-in library, FILE or NAME=FILE; may be given several times.")
  /// When rows of `trajectory.csv` are written.
  public let record = Setting(
    "record", "geometric:20", systems: "steps:\(RecordTimes.mostRows)", range: .named,
    completion: .words(["steps", "endpoints", "geometric:20", "linear:", "times:"]),
    "When to record: geometric:PER_DECADE, linear:SPACING, steps[:MOST], endpoints, times:T1,T2,...")
  /// Which components of the state are recorded; empty for all.
  public let recordComponents = Setting(
    "record-components", [String](), for: .systems, range: .noneEmpty,
    "Record only these components of a system, separated by commas; default: all.")
  /// Whether the error of the end is estimated by a second run.
  public let globalError = Setting(
    "global-error", false, for: .systems,
    "Estimate the error at the end by a second run at a tenth of the tolerances.")
  /// What sensitivities are taken with respect to; empty for none.
  public let sensitivity = Setting(
    "sensitivity", [String](), for: .systems, range: .noneEmpty,
    "Also integrate dy/dp for these parameters or initial values: columns like dy0/drate and dy0/dy1(0).")
  /// Whether the state is written at every recorded time rather than at the first and last only.
  public let recordNeurons = Setting(
    "record-neurons", false, for: .networks, "Write the neurons at every recorded time.")
  /// The run ends with `maxSteps` after this many accepted steps.
  public let maxSteps = Setting("max-steps", 20_000_000, range: .atLeast(1), "End after this many steps.")
  /// Whether the run ends where nothing moves any more.
  public let stopAtRest = Setting(
    "stop-at-rest", true, "End at a steady state, such as a plateau of the loss.")
  /// Whether the run is integrated in the span of the inputs where that has at most half their dimension: the same
  /// trajectory in fewer coordinates, see `SpanCoordinates`.
  public let reduceDimension = Setting(
    "reduce-dimension", true, for: .networks,
    "Integrate in the span of the inputs if it has at most half their dimension: the same trajectory, faster."
  )
  /// Whether products of inputs and neurons, and of neurons with each other, are made in single precision, see `FlowPath.mixed`.
  public let mixedPrecision = Setting(
    "mixed-precision", false, for: .networks,
    "Form matrix products in single precision with sums in double: faster for many inputs, relative errors of about 1e-7. One hidden layer, rtol from 1e-5 up."
  )
  /// Whether the changes of large hidden layers are kept as factors where these are fewer numbers, see `LowRankFlow`.
  public let lowRank = Setting(
    "low-rank", true, for: .networks,
    "Store the changes of wide hidden layers as low-rank factors (integrators auto and exponential)."
  )
  /// Threads; `nil` for as many cores as the work pays for. No result depends on it.
  public let threads = Setting<Int?>(
    "threads", nil,
    range: .init("from 1 to 1024", ["minimum": 1, "maximum": 1024]) {
      $0.map { (1...1024).contains($0) } ?? true
    },
    "Number of threads; default: as many cores as are worthwhile. Results are identical to the bit for any number."
  )

  static let declared = RunSettings()

  /// All of them, in the order in which files and help show them.
  public static let all: [any AnySetting] = Mirror(reflecting: declared).children.map {
    $0.value as! any AnySetting
  }

  static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

  init() {}
}

extension Setting.Range where Value == Int {
  static func atLeast(_ least: Int) -> Self {
    .init("at least \(least)", ["minimum": Double(least)]) { $0 >= least }
  }
}

extension Setting.Range where Value == Int? {
  static func atLeast(_ least: Int) -> Self {
    .init("at least \(least)", ["minimum": Double(least)]) { $0.map { $0 >= least } ?? true }
  }
}

extension Setting.Range where Value == Double {
  static func between(_ low: Double, _ high: Double) -> Self {
    .init(
      "between \(SettingTree.number(low).specification!) and \(SettingTree.number(high).specification!)",
      ["exclusiveMinimum": low, "exclusiveMaximum": high]
    ) { $0 > low && $0 < high }
  }
}

extension Setting.Range where Value == Double? {
  static var finite: Self { .init("finite") { $0?.isFinite ?? true } }
  static var positive: Self {
    .init("positive and finite", ["exclusiveMinimum": 0]) { $0.map { $0 > 0 && $0.isFinite } ?? true }
  }
}

extension Setting.Range where Value == String {
  static var named: Self { .init("a name") { !$0.isEmpty } }
}

extension Setting.Range where Value == String? {
  static var named: Self { .init("a name") { $0 != "" } }
}

extension Setting.Range where Value == [String] {
  static var noneEmpty: Self { .init("names") { !$0.contains("") } }
}
