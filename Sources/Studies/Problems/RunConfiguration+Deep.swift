import DeepNetworks
import Foundation
import GradientFlow
import PluginKit

extension RunConfiguration {
  /// The subject of a network: of two layers and one output on its own fast path, of any other kind on that of networks of any
  /// depth. Fills in what the run decides.
  mutating func network(completing catalog: PluginCatalog) throws -> any Subject {
    let data = try NetworkData(self, catalog)
    if isDeep(data) {
      if self.mixedPrecision {
        throw UsageError(
          "mixed-precision is for one hidden layer, one output and a start that is not centred")
      }
      return try DeepSubject(&self, data, catalog)
    }
    try adoptTwoLayers()
    return try NetworkSubject(&self, data, catalog)
  }

  /// Whether the network on these data has more than two layers, several outputs, or a centred output.
  package func isDeep(_ data: NetworkData) -> Bool {
    self.hidden.count > 1 || data.training.outputCount > 1 || self.centred
  }

  /// Says what was given in terms of any depth in those of two layers.
  private mutating func adoptTwoLayers() throws {
    if let key = self.bias ? "bias" : self.betas.isEmpty ? nil : "betas" {
      throw UsageError("\(key) belongs to a network with several hidden layers, like --hidden 1000,1000")
    }
    if let only = self.hidden.first {
      if self.width != only, self.width != RunConfiguration().width {
        throw UsageError("width is \(self.width) and hidden is \(only); give one of them")
      }
      self.width = only
      self.hidden = []
    }
    guard !self.mobilityExponents.isEmpty else { return }
    try checkMobilities(layers: 2)
    if let prime = self.gammaPrime, prime != 0, prime != self.mobilityExponents[1] {
      throw UsageError("gamma-prime and mobility-exponents both set the mobilities; give one of them")
    }
    self.gammaPrime = self.mobilityExponents[1]
    self.mobilityExponents = []
  }

  private func checkMobilities(layers: Int) throws {
    let count = self.mobilityExponents.count
    guard count == 0 || count == layers else {
      throw UsageError("mobility-exponents has \(count) numbers for the \(layers) layers of weights")
    }
  }

  /// Widths of all layers.
  func deepWidths(_ data: NetworkData) -> [Int] {
    [data.inputDimension] + (self.hidden.isEmpty ? [self.width] : self.hidden) + [data.training.outputCount]
  }

  /// What the keys of a network of any depth must not say together.
  ///
  /// - Throws: ``UsageError``.
  func checkDeep(_ widths: [Int]) throws {
    // Before anyone counts them in whole numbers.
    guard DeepSubject.weightCount(widths) < 1e15 else {
      throw UsageError(
        "a network \(widths.map(String.init).joined(separator: "-")) has more weights than any machine can hold; take smaller widths"
      )
    }
    // A complete configuration tells the default width, too.
    if !self.hidden.isEmpty, self.width != RunConfiguration().width {
      throw UsageError("width is for a single hidden layer; leave it out with hidden")
    }
    for key in ["beta1", "beta2"] where givesValue(key) {
      throw UsageError("\(key) is for two layers; give betas, one for each of the \(widths.count - 1) layers")
    }
    if widths.count > 3, givesValue("gamma-prime"), self.gammaPrime != 0 {
      throw UsageError(
        "gamma-prime is for two layers; give mobility-exponents, one for each of the \(widths.count - 1) layers"
      )
    }
    if !self.mobilityExponents.isEmpty, givesValue("gamma-prime"), self.gammaPrime != 0 {
      throw UsageError("gamma-prime and mobility-exponents both set the mobilities; give one of them")
    }
    try checkMobilities(layers: widths.count - 1)
    if self.asi, self.initialState != nil {
      throw UsageError("asi draws its own initial state; leave it out with initial-state")
    }
    try checkEnd()
  }

  /// The activation of every hidden layer.
  func deepActivations(_ count: Int, _ catalog: PluginCatalog) throws -> [any Activation] {
    let names = PluginSpecification.split(self.activation)
    guard names.count == 1 || names.count == count else {
      throw UsageError(
        "activation has \(names.count) names for \(count) hidden layers; give one, or one for each")
    }
    let made = try names.map(catalog.activations.make)
    return (0..<count).map { made[made.count == 1 ? 0 : $0] }
  }

  /// The original model, if its factors or a named initialisation are given.
  func deepModel(_ widths: [Int], _ activations: [any Activation]) throws -> DeepOriginalModel? {
    let model: DeepOriginalModel
    switch (self.alpha, self.betas.isEmpty, self.initialization) {
    case (nil, true, nil): return nil
    case (let alpha?, false, nil):
      guard self.betas.count == widths.count - 1 else {
        throw UsageError(
          "betas has \(self.betas.count) numbers for the \(widths.count - 1) layers of weights")
      }
      model = try DeepOriginalModel(alpha: alpha, betas: self.betas)
    case (nil, true, let name?):
      model = try DeepInitialization(name).model(widths: widths)
    default: throw UsageError("give alpha and betas, or an initialization, not both")
    }
    guard self.model == .original || (activations.allSatisfy { $0.homogeneity == 1 } && !self.bias) else {
      throw UsageError(
        "the original model has a normalised one for 1-homogeneous activations and without bias only; "
          + "integrate it in its own variables, with model: original")
    }
    return model
  }

  /// `kappa` and `mu_l` of the run.
  func deepScaling(_ model: DeepOriginalModel?, _ widths: [Int]) throws -> DeepScaling {
    let layers = widths.count - 1
    if let model {
      guard self.gamma == nil, self.mobilityExponents.isEmpty, self.scalingWidth == nil else {
        throw UsageError("give gamma and mobility-exponents, or the original model's factors, not both")
      }
      return self.model == .original
        ? try DeepScaling(kappa: 1 / model.alpha, mobilities: widths.dropFirst().map { _ in 1 })
        : try model.scaling
    }
    if self.model == .original {
      throw UsageError("model is 'original', whose alpha and betas, or initialization, must be given too")
    }
    guard let gamma = self.gamma else {
      throw UsageError("give one of: gamma; alpha and betas; an initialization")
    }
    var exponents = self.mobilityExponents
    if exponents.isEmpty {
      let prime = layers == 2 ? self.gammaPrime ?? 0 : 0
      exponents = layers == 2 ? [0 - prime, prime] : [Double](repeating: 0, count: layers)
    }
    let m = self.scalingWidth ?? widths.dropFirst().dropLast().max()!
    return try DeepScaling(gamma: gamma, mobilityExponents: exponents, width: m)
  }

  /// Whether changes of large layers may be kept as factors: only one method can move these.
  var keepsFactors: Bool { self.lowRank && ["auto", "exponential"].contains(self.integrator) }

  /// What a compression of factors may leave out: a few hundredths of what the method allows.
  var factorTolerance: Double { (self.integrator == "auto" ? 0.3 : 0.01) * self.rtol }

  /// The start of `network`.
  func deepStart(_ network: DeepNetwork, _ model: DeepOriginalModel?) throws -> [Double] {
    if let file = self.initialState {
      return try StateStorage.vector(network.parameterCount).read(URL(filePath: file))
    }
    var start = try DeepStart(seed: self.seed, isAntisymmetric: self.asi).state(for: network)
    guard let model, self.model == .original else { return start }
    for block in network.blocks {
      for i in block.range { start[i] *= model.betas[block.layer - 1] }
    }
    return start
  }
}
