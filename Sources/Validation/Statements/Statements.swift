/// The statements that come with the program, in the order of reports.
public enum Statements {
  public static let all: [any Statement] = [
    InvariantStatement.conservation, InvariantStatement.neuronBound, InvariantStatement.energy,
  ]
}
