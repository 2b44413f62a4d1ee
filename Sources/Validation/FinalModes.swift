import GradientFlow

/// The late decay of a run, and what the Gram matrix of its end predicts for it.
struct FinalModes {
  /// The line through `log R`, with its window.
  let fit: DecayFit
  /// The closed form from the residuals at the window's beginning, with time counted from there.
  let modes: ResidualModes
  /// Neurons held at a kink in the end.
  let heldNeurons: Int
  var begin: Double { fit.start }

  /// `nil` if the run has no exponential end or no residuals.
  ///
  /// With a piecewise linear activation the matrix is that of the flow in which neurons held at kinks slide.
  ///
  /// - Throws: ``EigenvalueError``; ``BLASError``.
  init?(_ run: TrainingRun, _ start: RunStart) throws {
    guard let times = run.trajectory["time"], let losses = run.trajectory["loss"],
      let fit = DecayFit(times: times, values: losses), fit.rule == .exponential, fit.rate > 0,
      let residuals = run.tables["residuals-path"]?.rows.first(where: { $0[0] >= fit.start })
    else { return nil }
    let flow = start.flow
    var gram = try flow.gramMatrix(run.state.span).sum
    var held = 0
    if let slopes = flow.activation.slopes, slopes.negative != slopes.positive {
      let sliding = flow.withSnapshot(at: times.last!, of: run.state) {
        // Residuals decay half as fast as their squares.
        SlidingGram($0, plain: gram, slopes: slopes, rate: fit.rate / 2)
      }
      (gram, held) = (sliding.matrix, sliding.heldNeurons)
    }
    self.fit = fit
    heldNeurons = held
    modes = try ResidualModes(
      gram: gram, width: flow.shape.width, residuals: Array(residuals.dropFirst()))
  }

  /// `2 (m/n) lambda_min(G)`.
  var smallestRate: Double { 2 * modes.rates[0] }

  /// The line through the predicted `log R` over the same records.
  func predictedRate(_ times: [Double], factor: Double) -> Double? {
    let values = times.map { $0 < begin ? 0 : modes.risk(at: factor * ($0 - begin)) }
    return DecayFit(times: times, values: values, window: fit.window)?.rate
  }
}
