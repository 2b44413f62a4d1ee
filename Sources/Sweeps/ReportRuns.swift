import Figures
import Foundation
import Studies

/// Reads runs for the page, thinned to what a page of many runs can hold.
struct ReportRuns {
  private let store: SweepStore
  private let parts: [SweepPart]
  /// The most neurons of each run and moment.
  private let neurons: Int
  /// The most rows of its curves.
  private let curveRows: Int
  private static let fitPoints = 101

  init(_ store: SweepStore, runs: Int, _ parts: [SweepPart]) {
    (self.store, self.parts) = (store, parts)
    // Some two million numbers in all at the most, 15 MB of text.
    neurons = max(50, min(1000, 300_000 / runs))
    curveRows = max(30, min(200, 150_000 / runs))
  }

  /// One run, with as much as the store kept of it.
  func run(_ row: SweepRow) throws -> SweepReportData.Run {
    let result = row.result!
    var run = try SweepReportData.Run(
      id: row.id, width: row.width, seed: row.seed, ended: result.returnCode,
      loss: result.loss.flatMap(rounded),
      distances: parts.map { result.final($0).flatMap(rounded) },
      command: row.command())
    let shown = ["time", "loss"] + parts.map(\.column)
    let curves = try store.curves(of: row.id).filter { shown.contains($0.key) }
    if !curves.isEmpty { run.curve = curves.mapValues { thinned($0, most: curveRows) } }
    run.initial = try scatter(row, final: false)
    run.final = try scatter(row, final: true)
    run.fit = try store.fit(of: row.id).map { thinned($0.f, most: Self.fitPoints) }
    return run
  }

  /// The grid of the learned functions, the same for all runs; `nil` if none were kept.
  func grid(_ rows: [SweepRow]) throws -> [Double]? {
    for row in rows {
      if let fit = try store.fit(of: row.id) { return thinned(fit.x, most: Self.fitPoints).compactMap { $0 } }
    }
    return nil
  }

  private func scatter(_ row: SweepRow, final: Bool) throws -> SweepReportData.Neurons? {
    try store.neurons(of: row.id, final: final).map { scatter in
      let kept = FigureLibrary.representatives(of: scatter.amplitude, most: neurons)
      return SweepReportData.Neurons(
        orientation: kept.map { rounded(scatter.orientation[$0]) },
        amplitude: kept.map { rounded(scatter.amplitude[$0]) }, total: scatter.total)
    }
  }

  /// Evenly chosen, the first and the last among them.
  private func thinned(_ values: [Double], most: Int) -> [Double?] {
    let count = min(values.count, most)
    guard count > 1 else { return values.prefix(count).map(rounded) }
    return (0..<count).map { rounded(values[$0 * (values.count - 1) / (count - 1)]) }
  }

  /// To five digits; `nil` for what JSON cannot say.
  private func rounded(_ value: Double) -> Double? {
    value.isFinite ? Double(String(format: "%.4e", value)) : nil
  }
}
