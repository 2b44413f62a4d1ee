/// Why a step, or the start, failed.
enum StepFailure: Error {
  /// The iteration for the residual path does not contract. A shorter step may help.
  case noContraction
  /// A Taylor series, of a mode or of a neuron, has too many terms. A shorter step may help.
  case seriesTooLong
  /// The step fell below the resolution of time.
  case underflow
  /// The path became NaN or infinite however short the step.
  case notFinite
  /// Nothing moves any more and no end of time is given.
  case atRest
  /// The restart does not belong to this problem.
  case badMemory
  /// Kinks that hold one neuron are linearly dependent.
  case dependentKinks
}
