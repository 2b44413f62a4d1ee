import Figures
import GradientFlow
import ODECore
import PluginKit

/// A problem with observables: what a ``Run`` integrates, and everything about it that depends on its kind.
///
/// Three makers there are: ``NetworkSubject``, ``DeepSubject`` and ``SystemSubject``. A run, its recorder, checkpoints, summary, comparison
/// and pictures know no more of either than this.
public protocol Subject {
  /// What is integrated.
  var problem: ODEProblem { get }
  /// The start, in the problem's own coordinates.
  var initialState: [Double] { get }
  /// How a state in these coordinates is kept in files.
  var storage: StateStorage { get }
  /// The same of a state in the coordinates that are integrated.
  var integratedStorage: StateStorage { get }
  /// What makes the first columns of the record.
  var columns: [any Observer] { get }
  /// The fastest rate at the start, in units of one over time; 0 if it is not known. A geometric grid of recorded times
  /// begins at about a hundredth of its inverse.
  var fastestRate: Double { get }
  /// Numbers that a resumed run must find unchanged, beside its start: the data, and the coordinates of the machine's own
  /// making that the state is integrated in, if there are any.
  var fingerprinted: (data: [Double], coordinates: [Double]?) { get }
  /// Bytes that a run is expected to hold, but for a method's matrices.
  var estimatedMemory: Double { get }
  /// Parts that may come from plug-in libraries and know of faults of their own.
  var parts: [Any] { get }

  /// What the summary says of this kind of problem beside what it says of all.
  func facts(_ configuration: RunConfiguration, _ solution: Solution) -> any SubjectFacts
  /// The time that the summary tells for a time of integration.
  func summaryTime(_ time: Double) -> Double
  /// How far a run is: the loss, if there is one, and the share of the way from 0 to 1.
  func progress(_ progress: IntegrationProgress) -> (loss: Double?, fraction: Double)

  /// By what runs of different methods are compared.
  func makeTrace() -> any ComparisonTrace
  /// The same of one given state, in the problem's own coordinates.
  func makeTrace(of state: [Double], at time: Double) throws -> any ComparisonTrace

  /// What is drawn of its runs.
  var pictures: any RunPictures { get }
}

extension Subject {
  public func summaryTime(_ time: Double) -> Double { time }
  public var estimatedMemory: Double { 10 * 8 * Double(problem.system.dimension) }

  /// A state of ``problem`` in the problem's own coordinates; of a motion its positions.
  public func ambient(_ state: [Double]) -> [Double] { problem.ambientState(state) }
}

/// What a summary says of one kind of problem; encoded beside the other keys of `summary.json`.
public protocol SubjectFacts: Encodable, Sendable {
  /// Lines of the printed summary, label and text: what was run.
  var problemLines: [(label: String, text: String)] { get }
  /// What came of it.
  var resultLines: [(label: String, text: String)] { get }
}

/// Follows a run and compares it with another of the same problem.
public protocol ComparisonTrace: Observer {
  /// What ``errors(against:)`` gives, in order.
  static var measures: [ComparisonMeasure] { get }
  /// A number that a table shows of every run, with its name; empty for none.
  var headline: String { get }
  /// The last recorded time.
  var endTime: Double { get }
  /// One number for each measure; `nil` for an error relative to nothing.
  func errors(against reference: any ComparisonTrace) -> [Double?]
}

/// One kind of error.
public struct ComparisonMeasure: Sendable {
  /// `RD`: the key `errorRD` in `comparison.json`.
  public let key: String
  /// In tables: `error RD`.
  public let name: String
  /// The label of a picture's axis.
  public let label: FigureText
}
