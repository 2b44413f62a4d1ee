import Foundation

/// How positive values scatter that belong to the same abscissa, such as those of one width and several seeds: for each abscissa the
/// geometric mean, and the mean over and times `exp(s)`, where `s` is the standard deviation of the logarithms (of `k` values with the
/// divisor `k - 1`). On a logarithmic axis that is the usual mean with a band of one standard deviation on both sides.
struct LogarithmicSpread: Equatable {
  /// Ascending, each once.
  let x: [Double]
  let mean: [Double]
  let lower: [Double]
  let upper: [Double]
  /// Whether some abscissa has several values.
  let isOfSeveral: Bool

  /// `x` and `y` have the same length; values that are not positive and finite are left out.
  init(x: [Double], y: [Double]) {
    let groups = Dictionary(grouping: zip(x, y).filter { $0.1 > 0 && $0.1.isFinite }, by: \.0)
      .mapValues { $0.map { log($0.1) } }.sorted { $0.key < $1.key }
    self.x = groups.map(\.key)
    isOfSeveral = groups.contains { $0.value.count > 1 }
    let moments = groups.map { _, logarithms -> (mean: Double, deviation: Double) in
      let count = Double(logarithms.count)
      let mean = logarithms.reduce(0, +) / count
      let squares = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, count > 1 ? (squares / (count - 1)).squareRoot() : 0)
    }
    mean = moments.map { exp($0.mean) }
    lower = moments.map { exp($0.mean - $0.deviation) }
    upper = moments.map { exp($0.mean + $0.deviation) }
  }

  /// The area between the lower and the upper values.
  func band(_ colour: Colour) -> Series {
    Series("", .region, colour: colour, opacity: 0.22, x: x + x.reversed(), y: lower + upper.reversed())
  }
}
