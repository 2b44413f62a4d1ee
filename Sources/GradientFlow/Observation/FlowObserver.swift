/// Something that watches a gradient flow: it sees the network, not the bare state vector.
///
/// ```swift
/// final class LargestNeuron: FlowObserver {
///   let name = "largest-neuron"
///   let columns = ["largestA"]
///   func record(_ s: FlowSnapshot) -> [Double] {
///     [(0..<s.width).map { abs(s.a($0)) }.max() ?? 0]
///   }
///   func finish(_ s: FlowSnapshot) -> [String: ObservedValue] { ["a": .number(record(s)[0])] }
/// }
/// ```
///
/// Order of calls: ``begin(_:)`` once at the start; then, as the run goes on, ``step(_:)`` at the end of
/// each accepted step (only if ``watchesSteps``) and ``record(_:)`` at each recorded time, the first
/// and the last included; ``finish(_:)`` once, after the last record.
///
/// A snapshot is valid only during the call. Observers never change the steps taken.
public protocol FlowObserver: AnyObject {
  /// The name on the command line and the key in `summary.json`.
  var name: String { get }
  /// The columns that ``record(_:)`` adds to `trajectory.csv`.
  var columns: [String] { get }
  /// Whether ``step(_:)`` is wanted.
  var watchesSteps: Bool { get }
  /// Whether nothing that it looks at changes if all `x_i` and all `w_k` are turned together: inner products
  /// `w_k . x_i`, `x_i . x_j`, norms, `a_k`, and sums of these, but not coordinates of `w_k`, directions in the space
  /// of the inputs, or products `w_k . w_l` of two neurons.
  ///
  /// A run that is integrated in fewer coordinates (``SpanCoordinates``) then hands over the network in
  /// these, at no cost. Others get a copy in the inputs' own coordinates, which costs `O(m d r)`.
  var isRotationInvariant: Bool { get }
  /// What must survive when a run is killed and resumed, as plain numbers. It is saved with each
  /// checkpoint and, in the resumed run, set right after ``begin(_:)``, which again sees the start.
  var memory: [Double] { get set }

  func begin(_ snapshot: FlowSnapshot) throws
  func step(_ snapshot: FlowSnapshot) throws
  /// One value for each of ``columns``.
  func record(_ snapshot: FlowSnapshot) throws -> [Double]
  /// What goes into `summary.json` under ``name``.
  func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue]
  /// Tables for files of their own, `NAME-TABLE.csv`; asked for once, after ``finish(_:)``.
  var tables: [ObservedTable] { get }
}

extension FlowObserver {
  public var columns: [String] { [] }
  public var watchesSteps: Bool { false }
  public var isRotationInvariant: Bool { false }
  public var memory: [Double] {
    get { [] }
    set {}
  }
  public func begin(_ snapshot: FlowSnapshot) throws {}
  public func step(_ snapshot: FlowSnapshot) throws {}
  public func record(_ snapshot: FlowSnapshot) throws -> [Double] { [] }
  public func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] { [:] }
  public var tables: [ObservedTable] { [] }
}

/// A value in `summary.json`.
public enum ObservedValue: Equatable, Sendable {
  /// Written as `null` if not finite.
  case number(Double)
  case integer(Int)
  case text(String)
  case flag(Bool)
  case numbers([Double])
}

/// A table of an observer, written as CSV.
public struct ObservedTable: Equatable, Sendable {
  /// The file's name is `OBSERVER-NAME.csv`.
  public let name: String
  /// The header's words.
  public let columns: [String]
  /// One number for each of ``columns``.
  public let rows: [[Double]]

  public init(name: String, columns: [String], rows: [[Double]]) {
    self.name = name
    self.columns = columns
    self.rows = rows
  }
}
