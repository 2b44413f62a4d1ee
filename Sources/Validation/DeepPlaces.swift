import DeepNetworks
import GradientFlow
import Studies
import UntrustedNumbers

/// What the theory says of a place of the phase diagram, for two layers or more.
struct PlaceRegime {
  /// For tables.
  let name: String
  let isLinear: Bool
  let isCondensed: Bool
  /// The exponent that a distance to the linearised flow must have at most; `nil` outside the linear regime.
  let askedExponent: Double?
}

extension ValidationContext {
  /// Whether the runs are of networks with several hidden layers.
  var isDeep: Bool { settings.hidden.count > 1 }

  /// Exponents of the layers' mobilities: `-gamma'` for the first layer, `gamma'` for the last, as for two layers.
  func mobilityExponents(_ point: PhasePoint) -> [Double] {
    (0...settings.hidden.count).map {
      $0 == 0 ? 0 - point.gammaPrime : $0 == settings.hidden.count ? point.gammaPrime : 0
    }
  }

  /// The widths of the hidden layers, of which the widest has `m` units.
  func hiddenWidths(_ m: Int) -> [Int] {
    let widest = Double(settings.hidden.max()!)
    return settings.hidden.map { max(1, Int(saturating: (Double(m) * (Double($0) / widest)).rounded())) }
  }

  func regime(of point: PhasePoint) -> PlaceRegime {
    guard isDeep else {
      let asked: Double? =
        switch point.region {
        case .thetaLazy: (point.gamma - 1) / 2
        case .wLazy: (point.gamma - 1 - point.gammaPrime) / 2
        default: nil
        }
      return PlaceRegime(
        name: point.region.rawValue, isLinear: point.region.isLinear, isCondensed: point.region.isCondensed,
        askedExponent: asked)
    }
    let half = Double(settings.hidden.count + 1) / 2
    let exponents = LayerExponents(gamma: point.gamma, mobilityExponents: mobilityExponents(point))
    if point.gamma < half {
      return PlaceRegime(
        name: "linear", isLinear: true, isCondensed: false, askedExponent: (point.gamma - half) / 2)
    }
    let isCondensed = exponents.condensed.allSatisfy { $0 }
    return PlaceRegime(
      name: isCondensed ? "condensed" : point.gamma == half ? "critical" : "fast layers condensed",
      isLinear: false, isCondensed: isCondensed, askedExponent: nil)
  }

  /// The network of width `m` with `kappa`, for statements about starts.
  func deepNetwork(_ m: Int, kappa: Double) -> DeepNetwork {
    DeepNetwork(
      widths: [data.inputDimension] + hiddenWidths(m) + [1], kappa: kappa,
      activations: settings.hidden.map { _ in activation })
  }

  /// How far the flow linearised at the start would move from `f = 0`, relative to the start and by the kernels of infinite width: the largest over the
  /// layers of
  ///
  ///     |Delta W_l|^2 / |W_l(0)|^2 = mu_l z^T n K_l z / N_l,   n K z = y,
  ///
  /// with `N_l` the layer's number of weights. As for two layers, below about 1 a width is sufficiently large. Infinite for a singular kernel.
  func linearizedMotion(_ run: RunConfiguration) throws -> Double {
    let m = run.hidden.max()!
    let scaling = try DeepScaling(
      gamma: run.gamma!,
      mobilityExponents: run.mobilityExponents.isEmpty
        ? settings.hidden.map { _ in 0 } + [0] : run.mobilityExponents,
      width: m)
    let network = deepNetwork(m, kappa: scaling.kappa)
    let kernels = try InfiniteWidthKernels(of: network, at: data.inputs, mobilities: scaling.mobilities)
    let n = kernels.count
    let modes = try SymmetricEigendecomposition(kernels.sum, count: n)
    guard modes.values[0] > 0 else { return .infinity }
    let z = modes.vector(
      of: zip(modes.coefficients(of: data.targets), modes.values).map { $0 / ($1 * Double(n)) })
    return zip(kernels.layers, zip(network.blocks, scaling.mobilities)).map { kernel, layer in
      let form = (0..<n * n).reduce(0) { $0 + z[$1 / n] * kernel[$1] * z[$1 % n] }
      return (layer.1 * Double(n) * form / Double(layer.0.range.count)).squareRoot()
    }.max()!
  }
}
