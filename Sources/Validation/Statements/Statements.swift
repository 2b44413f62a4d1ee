/// The statements that come with the program, in the order of reports.
public enum Statements {
  /// What a start is like.
  static let starts: [any Statement] = [
    NormStatement(), LargestEntryStatement(), InitialRiskStatement(), ConcentrationStatement(),
    TableOneStatement(),
  ]
  /// What every flow keeps.
  static let invariants: [any Statement] = [
    InvariantStatement.conservation, InvariantStatement.neuronBound, InvariantStatement.energy,
  ]
  /// How far parameters move.
  static let distances: [any Statement] = [
    LazyBoundStatement.theorem6a, LazyBoundStatement.theorem6c, LazyBoundStatement.theorem6d,
    CondensedBoundStatement(),
    PhaseDiagramStatement(), ExponentsStatement(), ScalingStatement(),
  ]
  /// How the loss decays, and how near the linearised flow is.
  static let decay: [any Statement] = [
    VanishingDistanceStatement.lossCurve(), VanishingDistanceStatement.linearization, LateRateStatement(),
    GuaranteedDecayStatement.theorem6b, GuaranteedDecayStatement.proposition18,
    GuaranteedDecayStatement.proposition21,
    ALazyStatement(),
  ]

  /// All statements, in the order of the report.
  public static let all: [any Statement] = starts + invariants + distances + decay
}
