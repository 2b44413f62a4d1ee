import Foundation
import GradientFlow
import PluginKit
import Studies

/// What the page's script reads.
struct SweepPage: Encodable {
  let title: String
  let subtitle: String
  /// Families and other axes: what tells apart runs of one `(gamma, gamma', width, seed)`.
  let lines: [String]
  let widths: [Int]
  let seeds: [Int]
  let quantities: [Quantity]
  let runs: [Run]
  /// For one input variable.
  let data: Points?
  /// `angle` or `projection`.
  let orientation: String

  struct Points: Encodable {
    let x: [Float]
    let y: [Float]
  }

  /// What can colour the map.
  struct Quantity: Encodable {
    /// `w`, `a`, `theta` for slopes, else a name of its own.
    let id: String
    let label: String
    /// The value of the palette's middle, and how far its ends are.
    let centre: Double
    let limit: Double
    let cells: [Cell]
    let boundary: [Star]
    /// Points `(gamma, gamma')` of theory's boundary.
    let theory: [[Double]]
  }

  struct Cell: Encodable {
    let line: Int
    let gamma: Double
    let gammaPrime: Double
    @Nullable var value: Double?
    @Nullable var error: Double?
    /// `c` of `RD = c m^S`.
    @Nullable var prefactor: Double?
    let regime: String
  }

  struct Star: Encodable {
    let line: Int
    let gamma: Double
    let gammaPrime: Double
  }

  struct Run: Encodable {
    let id: Int
    let line: Int
    let gamma: Double
    let gammaPrime: Double
    let width: Int
    let seed: Int
    let returnCode: String
    @Nullable var time: Double?
    @Nullable var loss: Double?
    @Nullable var accepted: Int?
    let rd: [String: Double]
    let sup: [String: Double]
    /// Columns by name, `time` among them.
    let curve: [String: [Float?]]?
    let before: Cloud?
    let after: Cloud?
    let fit: Fit?
  }

  struct Cloud: Encodable {
    let orientation: [Float]
    let amplitude: [Float]
  }

  struct Fit: Encodable {
    let x: [Float]
    let f: [Float]
  }
}

/// An optional that is written as `null` rather than left out.
@propertyWrapper
struct Nullable<Value: Encodable>: Encodable {
  let wrappedValue: Value?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

extension SweepPage {
  init(_ report: SweepReport) throws {
    let store = report.store
    let rows = try store.rows().filter { $0.checks == nil && $0.gamma != nil && $0.gammaPrime != nil }
    let done = rows.filter { $0.result != nil }
    guard !done.isEmpty else {
      throw UsageError("no run of '\(store.folder.relativePath)' is finished, so there is nothing to show yet")
    }
    let lineNames = Self.distinct(rows.map(Self.line))
    let number = { (row: SweepRow) in lineNames.firstIndex(of: Self.line(row))! }
    title = store.folder.lastPathComponent
    lines = lineNames.map { $0.isEmpty ? "all" : $0 }
    widths = Set(rows.map(\.width)).sorted()
    seeds = Set(rows.map(\.seed)).sorted()
    quantities = Self.quantities(done, number)
    runs = try done.map { try Run($0, line: number($0), report) }
    let base = store.definition.base
    let dataset = try report.catalog.datasets.make(base.data)
    data = dataset.inputDimension == 2 ? Points(dataset) : nil
    orientation = dataset.inputDimension == 2 ? "angle" : "projection"
    subtitle =
      "\(base.data), \(base.activation), \(done.count) of \(rows.count) runs finished; "
      + "widths \(widths.map(String.init).joined(separator: ", ")); seeds \(seeds.map(String.init).joined(separator: ", "))"
  }

  /// What tells apart the runs of one place.
  private static func line(_ row: SweepRow) -> String {
    (row.others + (row.betaExponent.map { ["beta2 = m^-\($0)"] } ?? [])).joined(separator: ", ")
  }

  private static func distinct(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  // MARK: The map

  private static func quantities(_ rows: [SweepRow], _ number: (SweepRow) -> Int) -> [Quantity] {
    let slopes = SweepSlopes(rows)
    let lineOf = Dictionary(rows.map { (Key($0.betaExponent, $0.others), number($0)) }) { first, _ in first }
    let maps = Parameters.allCases.compactMap { part -> Quantity? in
      let cells = slopes.slopes(part)
      guard !cells.isEmpty else { return nil }
      return Quantity(part, cells) { lineOf[Key($0, $1)]! }
    }
    return maps + [distances(rows, number)]
  }

  /// Without two widths there is no slope; the distance itself is always there.
  private static func distances(_ rows: [SweepRow], _ number: (SweepRow) -> Int) -> Quantity {
    let widest = rows.map(\.width).max()!
    let cells = Dictionary(grouping: rows.filter { $0.width == widest }) {
      Place(line: number($0), gamma: $0.gamma!, gammaPrime: $0.gammaPrime!)
    }.sorted { $0.key < $1.key }.map { place, rows in
      let logs = rows.compactMap { $0.result?.final[.w] }.filter { $0 > 0 }.map { log10($0) }
      return Cell(
        line: place.line, gamma: place.gamma, gammaPrime: place.gammaPrime,
        value: logs.isEmpty ? nil : logs.reduce(0, +) / Double(logs.count), error: nil, prefactor: nil,
        regime: Cell.regime(place.gamma, place.gammaPrime))
    }
    let largest = cells.compactMap(\.value).map(abs).max() ?? 1
    return Quantity(
      id: "distance", label: "log10 RD(θ_w) at m = \(widest)", centre: 0, limit: largest > 0 ? largest : 1,
      cells: cells, boundary: [], theory: Quantity.theory(.w, cells))
  }

  private struct Key: Hashable {
    let betaExponent: Double?
    let others: [String]
    init(_ betaExponent: Double?, _ others: [String]) { (self.betaExponent, self.others) = (betaExponent, others) }
  }

  private struct Place: Hashable, Comparable {
    let line: Int
    let gamma: Double
    let gammaPrime: Double
    static func < (a: Place, b: Place) -> Bool {
      (a.line, a.gammaPrime, a.gamma) < (b.line, b.gammaPrime, b.gamma)
    }
  }
}

extension SweepPage.Quantity {
  /// A map of slopes.
  fileprivate init(_ part: Parameters, _ slopes: [SweepSlope], _ line: (Double?, [String]) -> Int) {
    id = part.rawValue
    label = "S_" + (part == .theta ? "θ" : part.rawValue)
    centre = 0
    cells = slopes.map {
      SweepPage.Cell(
        line: line($0.betaExponent, $0.others), gamma: $0.gamma, gammaPrime: $0.gammaPrime,
        value: $0.fit.exponent, error: $0.fit.exponentError, prefactor: exp($0.fit.logPrefactor),
        regime: SweepPage.Cell.regime($0.gamma, $0.gammaPrime))
    }
    let largest = slopes.map { abs($0.fit.exponent) }.max()!
    limit = largest > 0 ? largest : 1
    boundary = PhaseBoundary.points(slopes).map {
      SweepPage.Star(line: line($0.betaExponent, $0.others), gamma: $0.gamma, gammaPrime: $0.gammaPrime)
    }
    theory = Self.theory(part, cells)
  }

  /// The boundary over the range of the cells; its corner is at gamma' = 0.
  fileprivate static func theory(_ part: Parameters, _ cells: [SweepPage.Cell]) -> [[Double]] {
    guard let low = cells.map(\.gammaPrime).min(), let high = cells.map(\.gammaPrime).max(), low < high else { return [] }
    let corner = low < 0 && high > 0 ? [0.0] : []
    return ([low] + corner + [high]).map { [PhaseBoundary.theory(part, gammaPrime: $0), $0] }
  }
}

extension SweepPage.Cell {
  fileprivate static func regime(_ gamma: Double, _ gammaPrime: Double) -> String {
    let region = PhaseRegion(gamma: gamma, gammaPrime: gammaPrime)
    return region.isLinear ? "theory: linear" : region.isCondensed ? "theory: condensed" : "theory: critical"
  }
}

extension SweepPage.Run {
  fileprivate init(_ row: SweepRow, line: Int, _ report: SweepReport) throws {
    let result = row.result!
    id = row.id
    self.line = line
    gamma = row.gamma!
    gammaPrime = row.gammaPrime!
    width = row.width
    seed = row.seed
    returnCode = result.returnCode
    time = result.time
    loss = result.loss
    accepted = result.accepted
    func named(_ distances: [Parameters: Double]) -> [String: Double] {
      Dictionary(uniqueKeysWithValues: distances.map { ($0.key.rawValue, $0.value) })
    }
    rd = named(result.final)
    sup = named(result.supremum)
    let columns = try report.store.curves(of: row.id)
    curve = columns.isEmpty ? nil : Self.curve(columns, report.curvePoints)
    func cloud(_ final: Bool) throws -> SweepPage.Cloud? {
      try report.store.neurons(of: row.id, final: final).map { SweepPage.Cloud($0, report.neuronPoints) }
    }
    before = try cloud(false)
    after = try cloud(true)
    fit = try report.store.fit(of: row.id).map { SweepPage.Fit(x: $0.x.map(rounded), f: $0.f.map(rounded)) }
  }

  /// The columns that the page draws, thinned evenly. A value that is not finite becomes `null`.
  private static func curve(_ columns: [String: [Double]], _ most: Int) -> [String: [Float?]] {
    let names = ["time": "time", "loss": "loss", "rdW": "w", "rdA": "a", "rdTheta": "theta"]
    let kept = evenly(columns["time"]?.count ?? 0, most)
    var result: [String: [Float?]] = [:]
    for (name, short) in names {
      result[short] = columns[name].map { values in kept.map { values[$0].isFinite ? rounded(values[$0]) : nil } }
    }
    return result
  }
}

extension SweepPage.Cloud {
  fileprivate init(_ scatter: NeuronScatter, _ most: Int) {
    let kept = evenly(scatter.orientation.count, most)
    orientation = kept.map { rounded(scatter.orientation[$0]) }
    amplitude = kept.map { rounded(scatter.amplitude[$0]) }
  }
}

extension SweepPage.Points {
  fileprivate init(_ data: Dataset) {
    x = (0..<data.sampleCount).map { rounded(data.inputs[$0 * data.inputDimension]) }
    y = data.targets.map(rounded)
  }
}

/// At most `most` of `0..<count`, evenly, the ends among them.
private func evenly(_ count: Int, _ most: Int) -> [Int] {
  count <= most ? Array(0..<count) : (0..<most).map { $0 * (count - 1) / (most - 1) }
}

/// To four significant digits: all that a picture shows, and a third of the file.
private func rounded(_ value: Double) -> Float {
  guard value != 0, value.isFinite else { return Float(value) }
  let scale = pow(10, 3 - floor(log10(abs(value))))
  return scale.isFinite && scale > 0 ? Float((value * scale).rounded() / scale) : Float(value)
}
