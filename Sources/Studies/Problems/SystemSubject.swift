import Foundation
import Files
import ODECore
import PluginKit

/// A system of a plug-in, with its start and its end.
public struct SystemSubject: Subject {
  /// The system with its start, names, events and invariants.
  public let model: SystemModel
  public let problem: ODEProblem
  public let columns: [any Observer]
  public let fastestRate: Double

  /// - Parameter configuration: the end that applies is filled in.
  /// - Throws: ``UsageError``, errors of the plug-in or of the file of the start.
  init(_ configuration: inout RunConfiguration, _ catalog: PluginCatalog) throws {
    let plain = try catalog.systems.make(configuration.system ?? "")
    let model =
      configuration.sensitivity.isEmpty
      ? plain : try plain.withSensitivities(to: configuration.sensitivity)
    guard let end = configuration.tEnd ?? model.finalTime else {
      throw UsageError("the system '\(model.name)' has no default end; give t-end")
    }
    configuration.tEnd = end
    let start = try configuration.initialState.map {
      // What is given is the system's own; sensitivities to parameters begin at zero, the start being fixed.
      let own = try StateStorage.vector(plain.initialState.count).read(URL(filePath: $0))
      let isOfStart = (model.system as? SensitivitySystem)?.variations.map { $0.name.hasSuffix("(0)") } ?? []
      let rest = model.initialState.dropFirst(own.count)
      return own + rest.enumerated().map { isOfStart[$0 / own.count] ? $1 : 0 }
    }
    problem = try model.problem(to: end, initialState: start)
    guard end.isFinite || model.events.contains(where: \.isTerminal) else {
      throw UsageError("t-end is \(end), and no event of '\(model.name)' ends a run")
    }
    self.model = model
    let recorded = try Self.recorded(configuration.recordComponents, model)
    columns = [ComponentColumns(recorded.map { model.componentNames[$0] }, recorded)]
    if configuration.record.hasPrefix("steps:") {
      configuration.record = RecordTimes.bounded(configuration.record, columns: recorded.count + 1)
    }
    fastestRate = configuration.record.hasPrefix("geometric") ? try Self.rate(problem) : 0
  }

  public var initialState: [Double] { problem.initialState }
  public var storage: StateStorage { .vector(model.initialState.count) }
  public var integratedStorage: StateStorage { storage }
  public var fingerprinted: (data: [Double], coordinates: [Double]?) { ([], nil) }
  public var parts: [Any] { [model.system] }

  public var pictures: any RunPictures { SystemPictures() }

  public func facts(_ configuration: RunConfiguration, _ solution: Solution) -> any SubjectFacts {
    SystemFacts(self, solution)
  }

  public func progress(_ progress: IntegrationProgress) -> (loss: Double?, fraction: Double) {
    let span = progress.finalTime - problem.initialTime
    let share = (progress.time - problem.initialTime) / span
    return (nil, span.isFinite ? min(1, max(0, share)) : 0)
  }

  public func makeTrace() -> any ComparisonTrace { StatePath() }

  public func makeTrace(of state: [Double], at time: Double) throws -> any ComparisonTrace {
    StatePath(time: time, state: state)
  }

  /// The components to record, by their places.
  private static func recorded(_ names: [String], _ model: SystemModel) throws -> [Int] {
    if names.isEmpty { return Array(model.componentNames.indices) }
    if let twice = names.firstRepeated { throw UsageError("record-components names '\(twice)' twice") }
    return try names.map { name in
      guard let i = model.componentNames.firstIndex(of: name) else {
        let near = nearMisses(of: name, among: model.componentNames)
        throw UsageError(
          "record-components: '\(model.name)' has no component '\(name)'; "
            + (near.isEmpty
              ? "it has \(model.componentNames.prefix(6).joined(separator: ", "))\(model.componentNames.count > 6 ? ", ..." : "")"
              : "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"))
      }
      return i
    }
  }

  /// The relative speed at the start stands for the fastest rate.
  private static func rate(_ problem: ODEProblem) throws -> Double {
    let start = StateVector(problem.initialState)
    let slope = StateVector(count: start.count)
    try start.withSpan { y in
      try slope.withMutableSpan { try problem.system.derivative(problem.initialTime, y, into: &$0) }
    }
    func size(_ v: StateVector) -> Double { v.array.reduce(0) { max($0, abs($1)) } }
    let rate = size(slope) / max(size(start), .leastNormalMagnitude)
    return rate.isFinite ? rate : 0
  }
}

/// Components of the state, a column each.
private final class ComponentColumns: Observer {
  let columns: [String]
  private let places: [Int]

  init(_ names: [String], _ places: [Int]) { (columns, self.places) = (names, places) }

  func record(_ moment: Moment) -> [Double] { places.map { moment[$0] } }
}

/// What a summary says of a system.
public struct SystemFacts: SubjectFacts {
  /// An event that was located.
  public struct Crossing: Encodable, Sendable {
    /// The event's name.
    public let name: String
    /// When it happened.
    public let time: Double
    /// Whether the event's function went from negative to positive.
    public let isRising: Bool
  }

  /// The system, as the run names it.
  public let system: String
  /// The number of components.
  public let dimension: Int
  /// Where the run began.
  public let initialTime: Double
  /// `y` at the end, left out for more than ``mostComponents``: `state-final.npy` has them all.
  public let state: [Double?]?
  /// The names of ``state``.
  public let componentNames: [String]?
  /// The first ``mostEvents`` of ``eventCount``.
  public let events: [Crossing]
  /// How many crossings were located.
  public let eventCount: Int
  /// Against what is known of the solution; left out where nothing is known of this start and end.
  public let referenceError: Double?
  /// Where it is known from.
  public let referenceSource: String?
  private let firstComponents: String
  private let tEnd: Double

  /// A larger state stands in its file only.
  public static let mostComponents = 100
  /// Of more events the first so many are listed.
  public static let mostEvents = 1000

  init(_ subject: SystemSubject, _ solution: Solution) {
    let model = subject.model
    system = model.name
    dimension = model.initialState.count
    initialTime = model.initialTime
    tEnd = subject.problem.finalTime
    let isShort = dimension <= Self.mostComponents
    state = isShort ? solution.state.map { $0.isFinite ? $0 : nil } : nil
    componentNames = isShort ? model.componentNames : nil
    events = solution.crossings.prefix(Self.mostEvents).map {
      Crossing(name: $0.name, time: $0.time, isRising: $0.isRising)
    }
    eventCount = solution.crossings.count
    let known =
      solution.returnCode.isSuccess && subject.problem.initialState == model.initialState
      ? model.known.flatMap { $0.time == solution.time ? $0 : nil } : nil
    referenceError = known?.error(of: solution.state).finite
    referenceSource = known?.source
    let shown = min(dimension, 8)
    firstComponents =
      (0..<shown).map { "\(model.componentNames[$0]) \(solution.state[$0])" }.joined(separator: ", ")
      + (shown < dimension ? ", ... (\(dimension) in all)" : "")
  }

  private enum CodingKeys: String, CodingKey {
    case system, dimension, initialTime, state, componentNames, events, eventCount,
      referenceError, referenceSource
  }

  public var problemLines: [(label: String, text: String)] {
    [("system", "\(system)  N = \(dimension), t from \(initialTime) to \(tEnd)")]
  }

  public var resultLines: [(label: String, text: String)] {
    var lines = [("y", firstComponents)]
    if let referenceError, let referenceSource {
      lines.append(("error", String(format: "%.3g against ", referenceError) + referenceSource))
    }
    if eventCount > 0 {
      let first = events.prefix(5).map { $0.name + String(format: " at %.6g", $0.time) }
      lines.append(
        ("events", "\(eventCount): \(first.joined(separator: ", "))\(eventCount > 5 ? ", ..." : "")"))
    }
    return lines
  }
}
