import DeepNetworks
import Studies

/// What scaling arguments expect of RD in one family of a sweep, and where they see the phases' boundaries.
struct SweepTheory {
  /// The mobilities' exponents at gamma' = 0, and how they change with it.
  private let exponents: (origin: [Double], direction: [Double])

  /// - Parameter others: values of the family's other axes, as `key=value`.
  init(_ definition: SweepDefinition, others: [String] = []) {
    let base = (try? definition.base(with: others)) ?? definition.base
    let layers = max(base.hidden.count, 1) + 1
    let origin = base.mobilityExponents
    exponents = (
      origin.count == layers ? origin : [Double](repeating: 0, count: layers),
      definition.mobilityDirection(layers: layers)
    )
  }

  /// `g_l`.
  func mobilityExponents(_ gammaPrime: Double) -> [Double] {
    zip(exponents.origin, exponents.direction).map { $0 + gammaPrime * $1 }
  }

  /// The gamma where RD neither vanishes nor grows.
  func boundary(_ part: SweepPart, gammaPrime: Double) -> Double {
    switch part {
    case .w: PhaseRegion.boundaryW(gammaPrime: gammaPrime)
    case .a: PhaseRegion.boundaryA(gammaPrime: gammaPrime)
    case .theta:
      LayerExponents.boundary(ofLayer: nil, mobilityExponents: mobilityExponents(gammaPrime))
    case .layer(let l):
      LayerExponents.boundary(ofLayer: l, mobilityExponents: mobilityExponents(gammaPrime))
    }
  }

  /// `S`; `nil` where nothing is expected.
  func slope(_ part: SweepPart, gamma: Double, gammaPrime: Double) -> Double? {
    let layers = LayerExponents(gamma: gamma, mobilityExponents: mobilityExponents(gammaPrime))
    let two = ExpectedExponents(gamma: gamma, gammaPrime: gammaPrime)
    return switch part {
    case .w: two?.w
    case .a: two?.a
    case .theta: layers.slopes.count == 2 ? two?.theta : layers.theta
    case .layer(let l): layers.slopes.indices.contains(l - 1) ? layers.slopes[l - 1] : nil
    }
  }

  /// Corners of the boundary over gamma' in the interval between the first and the last of `levels`; empty for a single one.
  func boundary(_ part: SweepPart, over levels: [Double]) -> [(gamma: Double, gammaPrime: Double)] {
    guard let low = levels.first, let high = levels.last, low < high else { return [] }
    // Of two layers straight lines that meet at 0; of more layers as many as their mobilities have orders.
    let corners: [Double] =
      switch part {
      case .layer: (0...80).map { low + (high - low) * Double($0) / 80 }
      case .theta where exponents.origin.count > 2: (0...80).map { low + (high - low) * Double($0) / 80 }
      default: low < 0 && high > 0 ? [low, 0, high] : [low, high]
      }
    return corners.map { (boundary(part, gammaPrime: $0), $0) }
  }
}
