import GradientFlow
import ODECore
import PluginKit
import Studies

/// What a statement may use: the data and its constants, the settings, and runs, each of which is done once however many
/// statements ask for it.
public final class ValidationContext {
  /// What was asked for.
  public let settings: ValidationSettings
  /// The plug-ins of the program, and the observers of this module.
  public let catalog: PluginCatalog
  /// The samples.
  public let data: Dataset
  /// The activation of all runs.
  public let activation: any Activation
  /// The data's constants that stand in bounds.
  public let constants: DataConstants
  /// The ladder of widths `m`, ascending.
  public let widths: [Int]
  let pool: RunPool

  /// - Throws: ``/Studies/UsageError`` for anything in the settings that cannot be.
  public init(
    _ settings: ValidationSettings, _ catalog: PluginCatalog, cancellation: Cancellation? = nil
  ) throws {
    try settings.check()
    self.catalog = catalog
    data = try UsageError.preparing { try catalog.datasets.make(settings.data) }
    guard data.sampleCount <= DenseMatrix.largestOrder else {
      throw UsageError(
        "data '\(settings.data)' has \(data.sampleCount) samples; the statements' matrices have a row and a column for each, "
          + "and validation takes at most \(DenseMatrix.largestOrder)")
    }
    let settings = settings.forDepth(data)
    widths = (settings.widths ?? ValidationSettings.widths(for: data)).sorted()
    self.settings = settings.with(widths: widths)
    activation = try UsageError.preparing { try catalog.activations.make(settings.activation) }
    constants = try DataConstants(data)
    pool = RunPool(catalog, threads: settings.threads, cancellation: cancellation)
    // One run is prepared, so that a wrong plug-in or an impossible stop is found before any work.
    let smallest = configuration(settings.points[0], width: widths[0], seed: 1)
    let experiment = try Experiment(smallest, catalog)
    guard experiment.integrator.isAdaptive else {
      throw UsageError("integrator is '\(settings.integrator)'; validation needs one with error control")
    }
  }

  /// A run at one place of the phase diagram, to the stop, observing what the built-in statements look at.
  public func configuration(_ point: PhasePoint, width: Int, seed: UInt64) -> RunConfiguration {
    var c = RunConfiguration()
    c.data = settings.data
    c.activation = settings.activation
    if isDeep {
      c.hidden = hiddenWidths(width)
      (c.gamma, c.mobilityExponents) = (point.gamma, mobilityExponents(point))
      // Gram matrices and lines through the start are asked for at every record.
      c.lowRank = false
    } else {
      c.width = width
      (c.gamma, c.gammaPrime) = (point.gamma, point.gammaPrime)
    }
    c.integrator = settings.integrator
    (c.rtol, c.atol) = (settings.rtol, settings.atol)
    // What makes f = 0 at the start.
    if isDeep { c.centred = settings.asi } else { c.asi = settings.asi }
    c.seed = seed
    c.stopLoss = stopLoss
    c.maxSteps = settings.maxSteps
    // A decay late in a run is short on a logarithmic axis, but records are expensive where Gram matrices are.
    let (n, d) = (data.sampleCount, data.inputDimension)
    c.record = n * (n + d) <= 1000 ? "geometric:80" : "geometric:20"
    c.observe = [
      "relative-distance", "conservation", "energy", "neuron-bound", "linearization", "gram", "residuals",
    ]
    if isDeep {
      c.observe = [
        "relative-distance", "conservation", "energy", "linearization", "gram", "loss-decay", "residuals",
      ]
    }
    c.plugin = settings.plugin
    return c
  }

  /// The network with `kappa = kappa' = 1`, for statements about starts.
  ///
  func unscaledNetwork(width: Int) throws -> Network {
    Network(
      width: width, inputDimension: data.inputDimension, scaling: try Scaling(kappa: 1, kappaPrime: 1),
      activation: activation)
  }

  /// Where runs stop.
  public var stopLoss: Double { settings.stopLoss ?? 1e-6 * constants.zeroRisk }

  /// Runs at `point` for each width and seed, widths first.
  public func ladder(_ point: PhasePoint) -> [RunConfiguration] {
    widths.flatMap { width in
      settings.seeds.values.map { configuration(point, width: width, seed: $0) }
    }
  }

  /// The same runs at a tenth of the tolerance, done: they tell what error of integration there is.
  func prepareFiner(_ runs: [RunConfiguration]) throws -> [RunConfiguration] {
    let finer = runs.map { configuration in
      var finer = configuration
      (finer.rtol, finer.atol) = (configuration.rtol / 10, configuration.atol / 10)
      return finer
    }
    try pool.prepare(finer) { _, _ in }
    return finer
  }

  /// The ladders at all places.
  public func ladders() -> [RunConfiguration] { settings.points.flatMap(ladder) }

  /// What a run gave.
  ///
  /// - Throws: errors of plug-ins; `CancellationError` if the user has interrupted.
  public func result(_ configuration: RunConfiguration) throws -> TrainingRun {
    try pool.result(configuration)
  }

  /// What runs gave, in order.
  public func results(_ configurations: [RunConfiguration]) throws -> [TrainingRun] {
    try configurations.map(pool.result)
  }
}
