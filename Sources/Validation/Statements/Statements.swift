/// The statements that come with the program, in the order of reports.
public enum Statements {
  public static let all: [any Statement] = [
    NormStatement(), LargestEntryStatement(), InitialRiskStatement(),
    InvariantStatement.conservation, InvariantStatement.neuronBound, InvariantStatement.energy,
    LazyBoundStatement.theorem6a, LazyBoundStatement.theorem6c, LazyBoundStatement.theorem6d,
    CondensedBoundStatement(), PhaseDiagramStatement(), ExponentsStatement(), ScalingStatement(),
  ]
}
