import Foundation
import GradientFlow

/// The original model (1)-(6) of a run: its factors, and where they stand in the phase diagram.
public struct OriginalModelSummary: Encodable, Equatable, Sendable {
  /// The row of Table 1, if the factors came from one.
  public let initialization: String?
  /// What the network's output is divided by.
  public let alpha: Double
  /// The deviation of the output weights.
  public let beta1: Double
  /// The deviation of the input weights.
  public let beta2: Double
  /// `-log(kappa)/log(m)` and `-log(kappa')/log(m)` at the run's width; `nil` for one neuron.
  public let gamma: Double?
  /// The second of the two.
  public let gammaPrime: Double?
  /// Their limits (14), which a row of Table 1 has.
  public let gammaLimit: Double?
  /// The second of the two.
  public let gammaPrimeLimit: Double?

  /// `nil` unless `subject` was given by its original model.
  init?(_ subject: NetworkSubject, _ initialization: String?) {
    guard let model = subject.originalModel else { return nil }
    self.initialization = initialization
    (alpha, beta1, beta2) = (model.alpha, model.beta1, model.beta2)
    let exponents = subject.scaling.exponents(width: subject.flow.shape.width)
    gamma = exponents.gamma.isFinite ? exponents.gamma : nil
    gammaPrime = exponents.gammaPrime.isFinite ? exponents.gammaPrime : nil
    // The configuration has made its model from this name.
    let place = initialization.flatMap { try? NamedInitialization($0) }?.place
    (gammaLimit, gammaPrimeLimit) = (place?.gamma, place?.gammaPrime)
  }

  /// Factors and places, in one line.
  var text: String {
    var text = initialization.map { $0 + "  " } ?? ""
    text += String(format: "alpha %.4g, beta1 %.4g, beta2 %.4g", alpha, beta1, beta2)
    if let gamma, let gammaPrime {
      text += String(format: "; at this width gamma %.4g, gamma' %.4g", gamma, gammaPrime)
    }
    if let gammaLimit, let gammaPrimeLimit {
      text +=
        String(format: "; for m -> infinity (%g, %g), ", gammaLimit, gammaPrimeLimit)
        + PhaseRegion(gamma: gammaLimit, gammaPrime: gammaPrimeLimit).rawValue
    }
    return text
  }
}
