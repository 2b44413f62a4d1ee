import DeepNetworks
import ODECore

/// `residuals` of networks of any architecture: `l'` of every output at every sample at the recorded times, outputs of one sample side by side.
///
/// - Columns: none, as their number depends on the data.
/// - Tables: `path`, with `time, e1, ..., e(nc)`.
final class ArchitectureResiduals: Observer {
  let name = "residuals"
  let acceptsReducedCoordinates = true
  private var rows: [[Double]] = []
  private var count = 0

  /// All numbers so far.
  var memory: [Double] {
    get { rows.flatMap { $0 } }
    set {
      rows = stride(from: 0, to: newValue.count - count, by: count + 1).map {
        Array(newValue[$0...$0 + count])
      }
    }
  }

  func begin(_ moment: Moment) {
    rows = []
    count = moment.architecture!.flow.data.targets.count
  }

  func record(_ moment: Moment) -> [Double] {
    rows.append([moment.time] + moment.architecture!.residuals)
    return []
  }

  var tables: [ObservedTable] {
    [ObservedTable(name: "path", columns: ["time"] + (0..<count).map { "e\($0 + 1)" }, rows: rows)]
  }
}
