import ArgumentParser
import Studies

/// The flags that are also keys of a configuration file. Where a flag is given it wins.
///
/// A number may be negative, so the word after its flag is its value even if that begins with a dash.
struct RunOptions: ParsableArguments {
  @Argument(
    help: "A YAML file whose keys are the names of these flags.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

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
  @Option(help: "Seed of the Gaussian start.")
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
    help: "Start from an .npy file of shape [m, d+1], columns a, w_1..w_d (bias last).",
    completion: .file(extensions: ["npy"]))
  var initialState: String?
  @Option(help: "Load a plug-in library; may be given several times.", completion: .file(extensions: ["so"]))
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
  @Option(
    parsing: .unconditional,
    help: "Threads; without it as many cores as the work pays for. Results are the same to the bit.")
  var threads: Int?

  /// The file's configuration, or the default one, with the flags applied.
  func configuration() throws -> RunConfiguration {
    var c = try file.map { try RunConfiguration(yamlFile: $0) } ?? RunConfiguration()
    func set<T>(_ key: WritableKeyPath<RunConfiguration, T>, _ value: T?) {
      if let value { c[keyPath: key] = value }
    }
    if alpha != nil || beta1 != nil || beta2 != nil { (c.gamma, c.gammaPrime) = (nil, nil) }
    if gamma != nil || gammaPrime != nil, alpha == nil, c.alpha != nil {
      (c.alpha, c.beta1, c.beta2) = (nil, nil, nil)
      (c.gamma, c.gammaPrime) = (1, 0)
    }
    set(\.data, data)
    set(\.width, width)
    set(\.gamma, gamma.map(Optional.some))
    set(\.gammaPrime, gammaPrime.map(Optional.some))
    set(\.scalingWidth, scalingWidth.map(Optional.some))
    set(\.alpha, alpha.map(Optional.some))
    set(\.beta1, beta1.map(Optional.some))
    set(\.beta2, beta2.map(Optional.some))
    set(\.activation, activation)
    set(\.loss, loss)
    set(\.integrator, integrator)
    set(\.rtol, rtol)
    set(\.atol, atol)
    if let step {
      guard let choice = StepChoice(step) else {
        throw UsageError("--step is '\(step)'; it must be 'auto' or a positive number")
      }
      c.step = choice
    }
    set(\.seed, seed)
    set(\.asi, asi)
    set(\.stopLoss, stopLoss.map(Optional.some))
    set(\.tEnd, tEnd.map(Optional.some))
    if let observe {
      c.observe = observe == "none" ? [] : observe.split(separator: ",").map(String.init)
    }
    set(\.initialState, initialState.map(Optional.some))
    if !plugin.isEmpty { c.plugin = plugin }
    set(\.record, record)
    set(\.recordNeurons, recordNeurons)
    set(\.maxSteps, maxSteps)
    set(\.stopAtRest, stopAtRest)
    set(\.threads, threads.map(Optional.some))
    return c
  }
}
