import Figures
import Files
import ODECore
import Foundation
import GradientFlow
import Studies

/// What the store keeps of one finished run, made ready before any lock is taken.
struct RunOutput {
  let record: SweepResult
  let provenance = Provenance()
  var wallSeconds = 0.0
  var threads = 1
  var curve: (columns: String, data: Data)?
  var neurons: [(moment: String, total: Int, data: Data)] = []
  var weights: Data?
  var fit: Data?

  /// A run that could not be made.
  init(_ run: Int, failure: String) { record = SweepResult(run, failure: failure) }

  init(_ run: Int, _ outcome: Run.Outcome, _ kept: SweepDefinition.Kept) throws {
    record = try SweepResult(run, outcome.summary)
    wallSeconds = outcome.summary.statistics.wallSeconds
    let network = outcome.experiment.trained!
    threads = network.threads
    if kept.curves > 0 { curve = Self.curve(outcome.record, kept.curves) }
    let state = kept.neurons > 0 || kept.weights || kept.fit ? outcome.state : []
    if kept.neurons > 0 {
      neurons = [("initial", network.initialState), ("final", state)].map {
        let (orientation, amplitude) = network.neurons($1)
        return ($0, amplitude.count, Self.scatter(orientation, amplitude, kept.neurons))
      }
    }
    if kept.weights { weights = network.storage.array(state.span).data }
    if kept.fit, let (x, f) = try network.learnedFunction(state) { fit = Self.matrix([x, f]).data }
  }

  private static func curve(_ record: Record, _ most: Int) -> (String, Data) {
    let names = ["time", "loss"] + record.columns.filter { $0 != "time" && $0 != "loss" }.sorted()
    let rows = evenlyChosen(most, of: record.rowCount)
    let columns = names.map { name in
      let column = record[name]!
      return rows.map { column[$0] }
    }
    return (names.joined(separator: ","), matrix(columns).data)
  }

  private static func scatter(_ orientation: [Double], _ amplitude: [Double], _ most: Int) -> Data {
    let rows = FigureLibrary.representatives(of: amplitude, most: most)
    return matrix([rows.map { orientation[$0] }, rows.map { amplitude[$0] }]).data
  }

  /// At most `most` of `count` positions, evenly spread, the first and the last among them.
  static func evenlyChosen(_ most: Int, of count: Int) -> [Int] {
    if count <= most { return Array(0..<count) }
    if most == 1 { return [count - 1] }
    return (0..<most).map { $0 * (count - 1) / (most - 1) }
  }

  private static func matrix(_ columns: [[Double]]) -> NumPyFile {
    let rows = columns[0].count
    return NumPyFile(
      shape: [rows, columns.count], values: (0..<rows).flatMap { i in columns.map { $0[i] } })
  }
}
