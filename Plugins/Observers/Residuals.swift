import DeepNetworks
import GradientFlow
import ODECore

/// `residuals`: the residuals `e_i = f(x_i) - y_i` (for other losses `l'_i`) at the recorded times.
///
/// - Columns: none, as their number depends on the data.
/// - Tables: `path`, with `time, e1, ..., en`.
public final class Residuals: FlowObserver {
  public let name = "residuals"
  public let isRotationInvariant = true
  private var rows: [[Double]] = []
  private var count = 0

  /// The observer has no parameters.
  public init() {}

  /// Networks of any depth have an observer of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    problem.system is ArchitectureFlow || problem.system is LowRankFlow ? ArchitectureResiduals() : self
  }

  /// All numbers so far.
  public var memory: [Double] {
    get { rows.flatMap { $0 } }
    set {
      rows = stride(from: 0, to: newValue.count - count, by: count + 1).map {
        Array(newValue[$0...$0 + count])
      }
    }
  }

  public func begin(_ snapshot: FlowSnapshot) {
    rows = []
    count = snapshot.flow.data.sampleCount
  }

  public func record(_ snapshot: FlowSnapshot) -> [Double] {
    rows.append([snapshot.time] + snapshot.residuals)
    return []
  }

  public var tables: [ObservedTable] {
    [
      ObservedTable(
        name: "path", columns: ["time"] + (0..<count).map { "e\($0 + 1)" }, rows: rows)
    ]
  }
}
