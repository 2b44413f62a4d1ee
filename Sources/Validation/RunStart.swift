import GradientFlow
import PluginKit
import Studies

/// A run's problem again, at its start and in the coordinates that are integrated: what closed forms need.
struct RunStart {
  let flow: TwoLayerFlow
  /// `theta^0`.
  let state: [Double]

  /// - Throws: ``UsageError``, which the run itself would have thrown.
  init(_ configuration: RunConfiguration, _ catalog: PluginCatalog) throws {
    let subject = try Experiment(configuration, catalog).network!
    flow = subject.integratedFlow
    state = subject.problem.initialState
  }

  /// The residuals' closed form under the Gram matrix of the start.
  ///
  /// - Parameter factor: what the rates are multiplied by: 1, but for tests of what a wrong theory comes to.
  /// - Throws: ``EigenvalueError``; ``BLASError``.
  func modes(factor: Double) throws -> ResidualModes {
    try ResidualModes(
      gram: flow.gramMatrix(state.span).sum.map { factor * $0 }, width: flow.shape.width,
      residuals: flow.forward(state.span).residuals)
  }
}
