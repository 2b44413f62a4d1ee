import GradientFlow

/// The late decay of a run, and what the Gram matrix of its end predicts for it.
struct FinalModes {
  /// The line through `log R`, with its window.
  let fit: DecayFit
  /// The closed form from the residuals at the window's beginning, with time counted from there.
  let modes: ResidualModes
  /// The same without regard to neurons held at kinks.
  let plainModes: ResidualModes
  /// Neurons held at a kink in the end.
  let heldNeurons: Int
  /// How far the rate that `G` promises at the window's beginning is from the one that the end's `G` promises there, relative:
  /// whether `G` had settled. Both by one-sided derivatives.
  let unsettled: Double
  var begin: Double { fit.start }

  /// `nil` if the run has no exponential end or no residuals.
  ///
  /// With a piecewise linear activation the matrix is that of the flow in which neurons held at kinks slide.
  ///
  /// - Throws: ``EigenvalueError``; ``BLASError``.
  init?(_ run: TrainingRun, _ start: RunStart) throws {
    guard let times = run.trajectory["time"], let losses = run.trajectory["loss"],
      let fit = DecayFit(times: times, values: losses), fit.rule == .exponential, fit.rate > 0,
      let residuals = run.tables["residuals-path"]?.rows.first(where: { $0[0] >= fit.start }),
      let first = times.firstIndex(where: { $0 >= fit.start }),
      let promised = run.trajectory["gramRate"]?[first]
    else { return nil }
    let flow = start.flow
    var gram = try flow.gramMatrix(run.state.span).sum
    let e = Array(residuals.dropFirst())
    plainModes = try ResidualModes(gram: gram, width: flow.shape.width, residuals: e)
    unsettled = abs(promised / plainModes.decayRate(at: 0) - 1)
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
    modes = try ResidualModes(gram: gram, width: flow.shape.width, residuals: e)
  }

  /// `2 (m/n) lambda_min(G)`.
  var smallestRate: Double { 2 * modes.rates[0] }

  /// The line through the predicted `log R` over the same records.
  func rate(of modes: ResidualModes, _ times: [Double], factor: Double) -> Double? {
    let values = times.map { $0 < begin ? 0 : modes.risk(at: factor * ($0 - begin)) }
    return DecayFit(times: times, values: values, window: fit.window)?.rate
  }
}
