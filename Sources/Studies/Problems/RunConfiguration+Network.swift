import Foundation
import GradientFlow
import PluginKit

extension RunConfiguration {
  /// What the keys of a network must not say together.
  ///
  /// - Throws: ``UsageError``.
  package func checkNetwork() throws {
    if self.asi, self.initialState != nil {
      throw UsageError("asi draws its own initial state; leave it out with initial-state")
    }
    if self.asi, self.width % 2 != 0 {
      throw UsageError("width is \(self.width); it must be even with asi, which pairs neurons")
    }
    if self.mixedPrecision, self.rtol < 1e-5 {
      throw UsageError(
        "rtol is \(self.rtol); with mixed-precision it must be at least 1e-5, since products are rounded to 7 digits"
      )
    }
    try checkEnd()
  }

  /// The original model, if its three factors or a row of Table 1 are given.
  package func originalModel(inputDimension d: Int) throws -> OriginalModel? {
    switch (self.alpha, self.beta1, self.beta2, self.initialization) {
    case (nil, nil, nil, nil): return nil
    case (let alpha?, let beta1?, let beta2?, nil):
      return try OriginalModel(alpha: alpha, beta1: beta1, beta2: beta2)
    case (nil, nil, nil, let name?):
      return try NamedInitialization(name).model(width: self.width, inputDimension: d)
    default:
      throw UsageError("give all of alpha, beta1 and beta2, or an initialization, not both")
    }
  }

  /// `kappa` and `kappa'`, from gamma and gamma' (14) or from the original model's factors (8); of an original model without a normalised one, which
  /// needs a homogeneous activation, its own.
  ///
  /// - Parameter originalModel: what ``originalModel(inputDimension:)`` gives.
  package func scaling(
    of originalModel: OriginalModel?, for activation: any Activation
  ) throws -> Scaling {
    switch (self.gamma, self.gammaPrime, originalModel) {
    case (let gamma?, let gammaPrime?, nil):
      return try Scaling(gamma: gamma, gammaPrime: gammaPrime, width: self.scalingWidth ?? self.width)
    case (nil, nil, let model?):
      guard self.scalingWidth == nil else {
        throw UsageError(
          "scaling-width belongs to gamma and gamma-prime; leave it out beside the original model's factors")
      }
      // Without a normalised model there is one to integrate in its own variables all the same.
      if self.model == .original, activation.homogeneity == nil { return try model.ownScaling }
      return try model.scaling(for: activation)
    default:
      throw UsageError(
        "give one of: gamma and gamma-prime; all of alpha, beta1 and beta2; an initialization")
    }
  }

  /// `given` if it is the original model that is integrated, else `nil`.
  ///
  /// - Throws: ``UsageError`` if it should be and is not given.
  package func integratedModel(_ given: OriginalModel?) throws -> OriginalModel? {
    guard self.model == .original else { return nil }
    guard let given else {
      throw UsageError(
        "model is 'original', whose alpha, beta1 and beta2, or initialization, must be given too")
    }
    return given
  }

  func start(_ shape: NetworkShape, of model: OriginalModel?) throws -> SharedStart {
    if let file = self.initialState {
      return SharedStart(try StateFile.read(URL(filePath: file), shape: shape))
    }
    let start = try SharedStart.of(GaussianStart(seed: self.seed, isAntisymmetric: self.asi), shape)
    return try integratedModel(model).map {
      SharedStart($0.state(fromNormalized: start.state, shape: shape))
    } ?? start
  }
}
