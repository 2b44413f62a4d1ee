/// The statements that come with the program, in the order of reports.
public enum Statements {
  public static let all: [any Statement] = [
    InvariantStatement.conservation, InvariantStatement.neuronBound, InvariantStatement.energy,
    ConcentrationStatement(), VanishingDistanceStatement.lossCurve(),
    VanishingDistanceStatement.linearization,
    LateRateStatement(), GuaranteedDecayStatement.theorem6b, GuaranteedDecayStatement.proposition18,
    GuaranteedDecayStatement.proposition21, ALazyStatement(), TableOneStatement(),
  ]
}
