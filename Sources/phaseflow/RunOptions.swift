import ArgumentParser
import PluginKit
import Studies

/// The flags that are also keys of a configuration file. Where a flag is given it wins.
///
/// A number may be negative, so the word after its flag is its value even if that begins with a dash.
struct RunOptions: ParsableArguments {
  @Argument(
    help: "A YAML file whose keys are the names of these flags.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Option(
    help:
      "An ODE of your own in place of a network: a name, see 'phaseflow plugins', or a plug-in library's file.",
    completion: .file(extensions: ["so"]))
  var system: String?
  @Option(help: "Data: four-points, bench-points, fashion-mnist[:n], FILE.csv or idx:IMAGES[,LABELS].")
  var data: String?
  @Option(parsing: .unconditional, help: "Number of neurons m.")
  var width: Int?
  @Option(parsing: .unconditional, help: "kappa = m^-gamma.")
  var gamma: Double?
  @Option(parsing: .unconditional, help: "kappa' = m^-gamma'.")
  var gammaPrime: Double?
  @Option(
    parsing: .unconditional,
    help: "The m of kappa and kappa', if not the width (the paper's ASI runs have width 2m).")
  var scalingWidth: Int?
  @Option(
    parsing: .unconditional,
    help: "Original model: f = (1/alpha) sum a sigma(w.x). Replaces gamma and gamma-prime.")
  var alpha: Double?
  @Option(parsing: .unconditional, help: "Original model: a ~ N(0, beta1^2).")
  var beta1: Double?
  @Option(parsing: .unconditional, help: "Original model: w ~ N(0, beta2^2 I).")
  var beta2: Double?
  @Option(
    help: .init(
      "A row of the paper's Table 1 (see 'phaseflow initializations'): lecun, he, xavier, ntk, mean-field or e-et-al:BETA. Replaces gamma and gamma-prime.",
      valueName: "name"))
  var initialization: String?
  @Option(
    help: .init(
      "Which model is integrated where alpha, beta1, beta2 or an initialization are given: normalized, or original, in its own variables and time.",
      valueName: "model"))
  var model: IntegratedModel?
  @Option(help: "Activation, see 'phaseflow plugins'.")
  var activation: String?
  @Option(help: "Loss, see 'phaseflow plugins'.")
  var loss: String?
  @Option(help: "Integrator, see 'phaseflow plugins'; auto picks one.")
  var integrator: String?
  @Option(parsing: .unconditional, help: "Relative tolerance.")
  var rtol: Double?
  @Option(parsing: .unconditional, help: "Absolute tolerance.")
  var atol: Double?
  @Option(
    parsing: .unconditional,
    help: "Step of a fixed-step method: a number, or auto (a fraction of the stability limit).")
  var step: String?
  @Option(parsing: .unconditional, help: "Seed of the Gaussian start.")
  var seed: UInt64?
  @Flag(
    inversion: .prefixedNo, help: "Antisymmetric initialisation: f = 0 at the start; needs an even width.")
  var asi: Bool?
  @Option(parsing: .unconditional, help: "End when the loss R falls to this.")
  var stopLoss: Double?
  @Option(parsing: .unconditional, help: "End at this time.")
  var tEnd: Double?
  @Option(help: "Observers, separated by commas; 'none' for none.")
  var observe: String?
  @Option(
    help:
      "Start from an .npy file of shape [m, d+1], columns a, w_1..w_d (bias last); [N] for a --system.",
    completion: .file(extensions: ["npy"]))
  var initialState: String?
  @Option(
    help: "Load a plug-in library, FILE or NAME=FILE; may be given several times.",
    completion: .file(extensions: ["so"]))
  var plugin: [String] = []
  @Option(help: "When to record: geometric:PER_DECADE, linear:SPACING, steps, endpoints, times:T1,T2,...")
  var record: String?
  @Flag(inversion: .prefixedNo, help: "Write the neurons at every recorded time.")
  var recordNeurons: Bool?
  @Option(parsing: .unconditional, help: "End after this many steps.")
  var maxSteps: Int?
  @Flag(
    inversion: .prefixedNo,
    help: "End where nothing moves any more, as on a plateau of the loss (the default).")
  var stopAtRest: Bool?
  @Flag(
    inversion: .prefixedNo,
    help:
      "Integrate in the span of the inputs where that has at most half their dimension (the default): the same trajectory, faster."
  )
  var reduceDimension: Bool?
  @Option(
    parsing: .unconditional,
    help: "Threads; without it as many cores as the work pays for. Results are the same to the bit.")
  var threads: Int?

  /// With --system, or a file that has that key: what to run in place of a network; the library whose file is
  /// named there is among those to load.
  ///
  /// - Throws: ``UsageError`` for flags that belong to networks.
  func systemConfiguration() throws -> SystemConfiguration? {
    let fromFile = try file.flatMap {
      SystemConfiguration.describes(yamlFile: $0) ? try SystemConfiguration(yamlFile: $0) : nil
    }
    guard var c = fromFile ?? system.map(SystemConfiguration.init(system:)) else { return nil }
    if fromFile == nil, let file {
      throw UsageError("'\(file)' describes a network; leave out --system, or the file")
    }
    let ofNetworks: [(String, Bool)] = [
      ("data", data != nil), ("width", width != nil), ("gamma", gamma != nil),
      ("gamma-prime", gammaPrime != nil), ("alpha", alpha != nil), ("beta1", beta1 != nil),
      ("beta2", beta2 != nil), ("model", model != nil), ("activation", activation != nil),
      ("loss", loss != nil),
      ("seed", seed != nil), ("asi", asi != nil), ("stop-loss", stopLoss != nil),
      ("record-neurons", recordNeurons != nil), ("reduce-dimension", reduceDimension != nil),
    ]
    if let flag = ofNetworks.first(where: \.1)?.0 {
      throw UsageError("--\(flag) belongs to a network, not to the system '\(c.system)'; leave it out")
    }
    func set<T>(_ key: WritableKeyPath<SystemConfiguration, T>, _ value: T?) {
      if let value { c[keyPath: key] = value }
    }
    set(\.system, system)
    set(\.integrator, integrator)
    set(\.rtol, rtol)
    set(\.atol, atol)
    set(\.step, try stepChoice())
    set(\.tEnd, tEnd.map(Optional.some))
    set(\.observe, observerList)
    set(\.initialState, initialState.map(Optional.some))
    if !plugin.isEmpty { c.plugin = plugin }
    set(\.record, record.map(Optional.some))
    set(\.maxSteps, maxSteps)
    try c.resolveFile()
    return c
  }

  private func stepChoice() throws -> StepChoice? {
    guard let step else { return nil }
    guard let choice = StepChoice(step) else {
      throw UsageError("--step is '\(step)'; it must be 'auto' or a positive number")
    }
    return choice
  }

  private var observerList: [String]? {
    observe.map { $0 == "none" ? [] : PluginSpecification.split($0) }
  }

  /// The file's configuration, or the default one, with the flags applied.
  func configuration() throws -> RunConfiguration {
    var c = try file.map { try RunConfiguration(yamlFile: $0) } ?? RunConfiguration()
    func set<T>(_ key: WritableKeyPath<RunConfiguration, T>, _ value: T?) {
      if let value { c[keyPath: key] = value }
    }
    replaceScaling(of: &c)
    set(\.data, data)
    set(\.width, width)
    set(\.gamma, gamma.map(Optional.some))
    set(\.gammaPrime, gammaPrime.map(Optional.some))
    set(\.scalingWidth, scalingWidth.map(Optional.some))
    set(\.alpha, alpha.map(Optional.some))
    set(\.beta1, beta1.map(Optional.some))
    set(\.beta2, beta2.map(Optional.some))
    set(\.initialization, initialization.map(Optional.some))
    set(\.model, model)
    set(\.activation, activation)
    set(\.loss, loss)
    set(\.integrator, integrator)
    set(\.rtol, rtol)
    set(\.atol, atol)
    set(\.step, try stepChoice())
    set(\.seed, seed)
    set(\.asi, asi)
    set(\.stopLoss, stopLoss.map(Optional.some))
    set(\.tEnd, tEnd.map(Optional.some))
    set(\.observe, observerList)
    set(\.initialState, initialState.map(Optional.some))
    if seed != nil, c.initialState != nil {
      throw UsageError("--seed draws a start, but the initial state is given; leave one of them out")
    }
    if !plugin.isEmpty { c.plugin = plugin }
    set(\.record, record)
    set(\.recordNeurons, recordNeurons)
    set(\.maxSteps, maxSteps)
    set(\.stopAtRest, stopAtRest)
    set(\.reduceDimension, reduceDimension)
    set(\.threads, threads.map(Optional.some))
    return c
  }

  /// A scaling that is given as flags replaces the file's if that is given otherwise. Flags that contradict each other
  /// are left for the run to refuse.
  private func replaceScaling(of c: inout RunConfiguration) {
    let givesExponents = gamma != nil || gammaPrime != nil
    let givesFactors = alpha != nil || beta1 != nil || beta2 != nil
    let givesName = initialization != nil
    if givesExponents || givesName { (c.alpha, c.beta1, c.beta2) = (nil, nil, nil) }
    if givesExponents || givesFactors { c.initialization = nil }
    if givesFactors || givesName { (c.gamma, c.gammaPrime, c.scalingWidth) = (nil, nil, nil) }
    if givesExponents, !givesFactors, !givesName, c.gamma == nil { (c.gamma, c.gammaPrime) = (1, 0) }
  }
}

extension IntegratedModel: ExpressibleByArgument {}
