/// The runs of a sweep that differ in gamma, gamma', width and seed only.
struct SweepFamily {
  let betaExponent: Double?
  let others: [String]
  let rows: [SweepRow]
  let theory: SweepTheory

  /// All of them, in the order of the slopes.
  static func all(_ rows: [SweepRow], _ definition: SweepDefinition) -> [SweepFamily] {
    struct Key: Hashable {
      let betaExponent: Double?
      let others: [String]
    }
    return Dictionary(grouping: rows) { Key(betaExponent: $0.betaExponent, others: $0.others) }
      .map {
        SweepFamily(
          betaExponent: $0.betaExponent, others: $0.others, rows: $1,
          theory: SweepTheory(definition, others: $0.others))
      }
      .sorted {
        ($0.betaExponent ?? 0, $0.others.joined(separator: "\n"))
          < ($1.betaExponent ?? 0, $1.others.joined(separator: "\n"))
      }
  }

  /// Such as `β₂ = m^-0.5, activation=tanh`; "all" for the only one.
  var name: String {
    let parts = (betaExponent.map { ["β₂ = m^-\($0)"] } ?? []) + others
    return parts.isEmpty ? "all" : parts.joined(separator: ", ")
  }
}

/// The exponents of one family on the grid of a figure.
struct ExponentGrid {
  let part: SweepPart
  let gamma: [Double]
  let gammaPrime: [Double]
  let slopes: [SweepSlope]
  private let theory: SweepTheory

  init(_ family: SweepFamily, _ part: SweepPart, gamma: [Double], gammaPrime: [Double]) {
    (self.part, theory) = (part, family.theory)
    self.gamma = gamma
    self.gammaPrime = gammaPrime
    slopes = SweepSlopes(family.rows).slopes(part).filter {
      gamma.contains($0.gamma) && gammaPrime.contains($0.gammaPrime)
    }
  }

  /// One number for each cell, gamma first; NaN where there is no slope.
  func values(_ number: (SweepSlope) -> Double) -> [Double] {
    gammaPrime.flatMap { y in
      gamma.map { x in slopes.first { $0.gamma == x && $0.gammaPrime == y }.map(number) ?? .nan }
    }
  }

  /// Corners of the theoretical line over the grid.
  var boundary: [(gamma: Double, gammaPrime: Double)] { theory.boundary(part, over: gammaPrime) }

  /// What is expected of each cell, likewise.
  var expected: [Double] {
    gammaPrime.flatMap { y in gamma.map { theory.slope(part, gamma: $0, gammaPrime: y) ?? .nan } }
  }
}
