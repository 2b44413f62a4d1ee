import Figures
import Foundation
import GradientFlow

/// Places along which one of `m kappa` and `kappa'` changes, inside one regime of a data set.
struct ScalingRay {
  let name: String
  /// The changing quantity's name and values.
  let label: FigureText
  let variable: [Double]
  let places: [Scaling]
  /// Of `RD` in the changing quantity.
  let expected: [ParameterPart: Double]

  /// Which width the rays are taken at: the median of the ladder.
  static func width(_ context: ValidationContext) -> Int {
    context.widths[context.widths.count / 2]
  }

  /// As nothing but the scaling changes, the limit can be gone into much deeper than by widths.
  private static let largestEstimate = 0.01

  /// Two rays in `m kappa` at `kappa' = 1`, and three in `kappa'`. Along the linear ones the linearised flow moves at most a
  /// hundredth of the start (``LazyBounds/linearizedEstimate(isThetaLazy:)``), and where `kappa'` changes one layer does 10/11 of
  /// the work or more; along the condensed ones the start can express a hundredth of the largest target.
  ///
  /// - Throws: `EigenvalueError`, `BLASError`.
  static func all(_ context: ValidationContext) throws -> [ScalingRay] {
    let data = context.constants
    let size = (2 * Double(data.sampleCount) * data.zeroRisk / Double(data.inputDimension + 1)).squareRoot()
    let mixed = size / (largestEstimate * (try data.smallestEigenvalue(kappaPrime: 1)).squareRoot())
    let byA = size / (largestEstimate * data.lambdaA.squareRoot())
    let byW = size / (largestEstimate * data.lambdaW.squareRoot())
    let share = ExponentsStatement.largestShare
    let ratios = data.layerRatios ?? 1...1
    let (small, large) = (
      (share / ratios.upperBound).squareRoot(), (1 / (share * ratios.lowerBound)).squareRoot()
    )
    let condensed = 2 * data.targetBound / (3 * data.leadingInputNorm) / 100
    let up = (0..<5).map { pow(2.0, Double($0)) }
    func ray(
      _ name: String, strength: [Double], ratio: [Double], _ w: Double, _ a: Double, _ theta: Double
    ) throws -> ScalingRay {
      let changesStrength = strength[0] != strength[1]
      let m = Double(width(context))
      return ScalingRay(
        name: name, label: changesStrength ? "mκ" : "κ′", variable: changesStrength ? strength : ratio,
        places: try zip(strength, ratio).map { try Scaling(kappa: $0 / m, kappaPrime: $1) },
        expected: [.w: w, .a: a, .theta: theta])
    }
    let one = up.map { _ in 1.0 }
    return [
      try ray("linear, κ′ = 1", strength: up.map { mixed * $0 }, ratio: one, -1, -1, -1),
      // Small kappa': the output weights do the work, |Delta theta_w| / |Delta theta_a| ~ kappa'^2.
      try ray(
        "linear, κ′ small", strength: up.map { _ in byA }, ratio: up.map { small / $0 }, 2, 0, 0),
      try ray(
        "linear, κ′ large", strength: up.map { _ in byW }, ratio: up.map { large * $0 }, 0, -2, 0),
      try ray("condensed, κ′ = 1", strength: up.map { condensed / ($0 * $0) }, ratio: one, -0.5, -0.5, -0.5),
      // m kappa << kappa' << 1: the end is balanced, kappa' |theta_a| ~ |theta_w|.
      try ray(
        "condensed, κ′ small", strength: up.map { _ in condensed * 1e-4 }, ratio: up.map { 0.25 / ($0 * $0) },
        0.5, -0.5,
        -0.5),
    ]
  }
}
