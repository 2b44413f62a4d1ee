import Studies

/// A measurable statement of the theory: it names the runs it needs and judges what they gave.
///
/// A statement is a value without state. What it may use, the runs included, comes from the ``ValidationContext``;
/// runs that several statements name are done once.
///
/// ```swift
/// struct EnergyFalls: Statement {
///   let identifier = "energy"
///   ...
///   func runs(_ context: ValidationContext) -> [RunConfiguration] { context.trainingRuns() }
///   func evaluate(_ context: ValidationContext) throws -> StatementResult {
///     for run in try context.results(context.trainingRuns()) { ... run.number("energy", "maxRise") ... }
///   }
/// }
/// ```
public protocol Statement: Sendable {
  /// Its name on the command line and in files: lower-case letters, digits and `-`.
  var identifier: String { get }
  /// What is stated, in one line.
  var title: String { get }
  /// Where, with equation numbers.
  var reference: String { get }
  /// Under which conditions it is judged.
  var conditions: String { get }
  /// Whether it holds for networks with several hidden layers, too; false unless given.
  var isOfAnyDepth: Bool { get }

  /// The runs that ``evaluate(_:)`` will ask for; they are done first, on all cores.
  func runs(_ context: ValidationContext) throws -> [RunConfiguration]

  /// Judges. Asking the context for a run that ``runs(_:)`` did not name is possible, but then it is done alone.
  ///
  /// - Throws: errors of runs; `CancellationError` if the user has interrupted.
  func evaluate(_ context: ValidationContext) throws -> StatementResult
}

extension Statement {
  public var isOfAnyDepth: Bool { false }
  public func runs(_ context: ValidationContext) throws -> [RunConfiguration] { [] }
}

/// What came of a statement, or of one case of it.
public enum Verdict: String, Codable, Sendable {
  /// It was so in every case in which its conditions are met.
  case holds
  /// It was not so in a case in which its conditions are met.
  case fails
  /// Its conditions are not met here, or a run did not get as far as the statement needs.
  case notApplicable = "not-applicable"
  /// There are numbers, but nothing that they should be.
  case measuredOnly = "measured-only"

  /// In words.
  public var text: String { rawValue.replacing("-", with: " ") }

  /// Of many cases: one failure fails all; what is not applicable does not count beside what is.
  public static func combined(_ verdicts: some Sequence<Verdict>) -> Verdict {
    let all = Set(verdicts)
    return [.fails, .holds, .measuredOnly].first(where: all.contains) ?? .notApplicable
  }
}
