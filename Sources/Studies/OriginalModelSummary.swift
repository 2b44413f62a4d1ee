import GradientFlow

/// The original model (1)-(6) of a run: its factors, and where they stand in the phase diagram.
public struct OriginalModelSummary: Encodable, Equatable, Sendable {
  /// The row of Table 1, if the factors came from one.
  public let initialization: String?
  public let alpha: Double
  public let beta1: Double
  public let beta2: Double
  /// `-log(kappa)/log(m)` and `-log(kappa')/log(m)` at the run's width; `nil` for one neuron.
  public let gamma: Double?
  public let gammaPrime: Double?
  /// Their limits (14), which a row of Table 1 has.
  public let gammaLimit: Double?
  public let gammaPrimeLimit: Double?

  /// `nil` unless `experiment` was given by its original model.
  init?(_ experiment: Experiment) {
    guard let model = experiment.originalModel else { return nil }
    initialization = experiment.configuration.initialization
    (alpha, beta1, beta2) = (model.alpha, model.beta1, model.beta2)
    let exponents = experiment.scaling.exponents(width: experiment.flow.shape.width)
    gamma = exponents.gamma.isFinite ? exponents.gamma : nil
    gammaPrime = exponents.gammaPrime.isFinite ? exponents.gammaPrime : nil
    // The configuration has made its model from this name.
    let place = initialization.flatMap { try? NamedInitialization($0) }?.place
    (gammaLimit, gammaPrimeLimit) = (place?.gamma, place?.gammaPrime)
  }
}
