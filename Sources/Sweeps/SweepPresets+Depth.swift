import Studies

/// Presets beyond the paper's two layers of ReLU.
extension SweepDefinition {
  /// Two hidden layers of `m` units on the paper's 1-d data, `f = 0` at the start.
  private static func twoHiddenLayers() -> SweepDefinition {
    var sweep = SweepDefinition()
    sweep.base.data = "four-points"
    sweep.base.hidden = [1, 1]
    sweep.base.centred = true
    sweep.base.rtol = 1e-3
    sweep.base.observe = ["relative-distance"]
    sweep.base.record = "geometric:5"
    sweep.keep.fit = true
    // At the middle of each gamma.
    sweep.accuracy.sample = 3
    sweep.accuracy.factor = 0.1
    return sweep
  }

  /// RD of each layer over the width in the three phases of three layers, all mobilities 1.
  static func threeLayerSlopes(_ quick: Bool) -> SweepDefinition {
    var sweep = twoHiddenLayers()
    sweep.gamma = [0.9, 1.5, 2.1]
    sweep.width = quick ? [100, 200, 400, 800] : [100, 1000, 2000, 5000, 10_000]
    sweep.seed = quick ? [1, 2, 3] : [1, 2]
    return sweep
  }

  /// `S` of each layer over gamma and the mobilities' exponents `-gamma'` of the first layer and `gamma'` of the last.
  static func threeLayer(_ quick: Bool) -> SweepDefinition {
    var sweep = twoHiddenLayers()
    sweep.gamma = AxisValues.evenly(from: 0.9, to: 2.4, count: quick ? 6 : 11)
    sweep.gammaPrime = AxisValues.evenly(from: -0.6, to: 0.6, count: quick ? 3 : 7)
    sweep.width = quick ? [100, 200, 400] : [100, 200, 400, 800, 1600]
    return sweep
  }

  /// Two layers that start with tiny weights, `beta_1 = beta_2 = m^-3/2` in the original model, until the loss begins to fall: their neurons gather in at
  /// most `2p` directions, `p` the activation's multiplicity at 0 (Zhou et al., arXiv 2105.11686; Chen, Li, Luo, Zhou, Xu, arXiv 2303.06561).
  static func initialCondensation(_ quick: Bool) -> SweepDefinition {
    var sweep = SweepDefinition()
    sweep.base.data = "sine-points"
    sweep.base.model = .original
    sweep.base.observe = ["condensation", "relative-distance"]
    // Of R(0) = 0.247; the best linear function has 0.137.
    sweep.base.stopLoss = 0.21
    // Growth from weights of size beta takes beta^(1-p) times as long.
    sweep.horizon = 0
    sweep.gamma = [3]
    sweep.betaExponent = [1.5]
    sweep.width = [quick ? 200 : 1000]
    sweep.seed = [1, 2, 3]
    sweep.others = [
      GridAxis(
        key: "activation",
        values: ["tanh", "sin", "sigmoid", "softplus", "power-tanh:1", "power-tanh:2"])
    ]
    sweep.keep.neurons = 1000
    sweep.accuracy.sample = 3
    return sweep
  }
}
