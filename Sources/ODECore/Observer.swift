/// Something that watches an integration: it adds columns to the record, and values and tables to the
/// summary.
///
/// ```swift
/// final class Peak: Observer {
///   let name = "peak"
///   let watchesSteps = true
///   private var peak = -Double.infinity
///   var memory: [Double] {
///     get { [peak] }
///     set { peak = newValue[0] }
///   }
///   func begin(_ moment: Moment) { peak = moment[0] }
///   func step(_ moment: Moment) { peak = max(peak, moment[0]) }
///   func finish(_ moment: Moment) -> [String: ObservedValue] { ["y0": .number(peak)] }
/// }
/// ```
///
/// The calls come in this order:
/// 1. ``begin(_:)`` once, at the problem's start, also in a resumed run; then, in a resumed run, ``memory`` is set.
/// 2. For each accepted step: ``step(_:)`` if ``watchesSteps``; then ``event(_:_:)`` for each event located in that
///    step, by time; then ``record(_:)`` for each requested time in it, by time. A step with a terminal event is
///    cut there: nothing beyond the event is ever shown.
/// 3. ``finish(_:)`` once, at the last time reached, whatever ended the run. The last time is also always
///    recorded, just before. The initial time is recorded just after `begin`.
///
/// A ``Moment`` is valid only during the call. An observer cannot change the numerics: steps are the same with and
/// without it. If it throws, the integration ends and the error reaches the caller.
///
/// `ODETestKit.ObserverConformance` checks what can be checked of this.
public protocol Observer: AnyObject {
  /// The name on the command line and the key in `summary.json`. An observer without a name keeps no memory and
  /// says nothing at the end.
  var name: String { get }
  /// The columns that ``record(_:)`` adds to the record; asked for once, before the run.
  var columns: [String] { get }
  /// Whether ``step(_:)`` is wanted.
  var watchesSteps: Bool { get }
  /// Whether a problem that is integrated in fewer coordinates (``ODEProblem/reduction``) may be shown in these,
  /// at no cost. Others get a copy in the problem's own coordinates.
  var acceptsReducedCoordinates: Bool { get }
  /// What must survive when a run is killed and resumed, as plain numbers. It is saved with each checkpoint.
  var memory: [Double] { get set }
  /// Tables for files of their own; asked for once, after ``finish(_:)``.
  var tables: [ObservedTable] { get }

  /// Why it cannot watch `problem`, in words for its user; `nil` if it can. Asked before anything is begun.
  func refusal(of problem: ODEProblem) -> String?

  /// The observer that watches `problem` in its place, under the same name; itself unless it says otherwise. One that has other
  /// columns for other kinds of problems gives another object for each kind. Asked before anything else.
  func specialised(for problem: ODEProblem) -> any Observer

  /// The integration is about to begin, at the initial state or at that of a checkpoint.
  func begin(_ moment: Moment) throws
  /// A step was accepted; called only if ``watchesSteps``.
  func step(_ moment: Moment) throws
  /// An event was located; `moment` is at its time.
  func event(_ crossing: EventCrossing, _ moment: Moment) throws
  /// One value for each of ``columns``.
  func record(_ moment: Moment) throws -> [Double]
  /// What goes into `summary.json` under ``name``.
  func finish(_ moment: Moment) throws -> [String: ObservedValue]
}

extension Observer {
  public var name: String { "" }
  public var columns: [String] { [] }
  public var watchesSteps: Bool { false }
  public var acceptsReducedCoordinates: Bool { false }
  public var memory: [Double] {
    get { [] }
    set {}
  }
  public var tables: [ObservedTable] { [] }
  public func refusal(of problem: ODEProblem) -> String? { nil }
  public func specialised(for problem: ODEProblem) -> any Observer { self }
  /// Does nothing.
  public func begin(_ moment: Moment) throws {}
  /// Does nothing.
  public func step(_ moment: Moment) throws {}
  /// Does nothing.
  public func event(_ crossing: EventCrossing, _ moment: Moment) throws {}
  public func record(_ moment: Moment) throws -> [Double] { [] }
  public func finish(_ moment: Moment) throws -> [String: ObservedValue] { [:] }
}

/// Observers that cannot watch a problem, or not together.
public enum ObserverError: Error, Equatable, CustomStringConvertible {
  /// One that cannot watch the problem.
  case refused(observer: String, reason: String)
  /// Two observers have this name.
  case sameName(String)
  /// Two observers have a column of this name.
  case sameColumn(String)
  /// Another number of values than it has columns.
  case wrongCount(observer: String, expected: Int, got: Int)

  public var description: String {
    switch self {
    case .refused(let observer, let reason): "observer '\(observer)': \(reason)"
    case .sameName(let name): "observer '\(name)' is named twice"
    case .sameColumn(let column): "two observers record a column '\(column)'"
    case .wrongCount(let observer, let expected, let got):
      "observer '\(observer)' announced \(expected) columns and recorded \(got) values"
    }
  }
}
