import GradientFlow
import StatisticalInference
import Studies

/// The late decay of a run, and what the Gram matrix of its end predicts for it.
struct FinalModes {
  /// The line through `log R`, with its window.
  let fit: DecayFit
  /// The closed form from the residuals at the window's beginning, with time counted from there.
  let modes: ResidualModes
  /// Neurons held at a kink in the end.
  let heldNeurons: Int
  var begin: Double { fit.start }

  private let configuration: RunConfiguration
  private let start: RunStart
  private let residuals: [Double]

  /// `nil` if the run has no exponential end or no residuals.
  ///
  /// With a piecewise linear activation the matrix is that of the flow in which neurons held at kinks slide.
  ///
  /// - Throws: ``EigenvalueError``; ``BLASError``.
  init?(_ run: TrainingRun, _ start: RunStart, _ configuration: RunConfiguration) throws {
    guard let times = run.record["time"], let losses = run.record["loss"],
      let fit = DecayFit(times: times, values: losses), fit.rule == .exponential, fit.rate > 0,
      let row = run.tables["residuals-path"]?.rows.first(where: { $0[0] >= fit.start })
    else { return nil }
    self.fit = fit
    self.configuration = configuration
    self.start = start
    residuals = Array(row.dropFirst())
    (modes, heldNeurons) = try Self.modes(run.state, fit, start, residuals)
  }

  /// `2 (m/n) lambda_min(G)`.
  var smallestRate: Double { 2 * modes.rates[0] }

  /// The line through the predicted `log R` over the same records.
  func predictedRate(_ times: [Double], factor: Double) -> Double? {
    predictedRate(times, modes, factor: factor)
  }

  private func predictedRate(_ times: [Double], _ modes: ResidualModes, factor: Double = 1) -> Double? {
    let values = times.map { $0 < begin ? 0 : modes.risk(at: factor * ($0 - begin)) }
    return DecayFit(times: times, values: values, window: fit.window)?.rate
  }

  /// How far the slope over the window that the beginning's `G` promises is from the one that the end's `G` promises, for the
  /// same residuals, relative: whether `G` had settled. The beginning's `G` takes another run, up to there.
  ///
  /// - Throws: errors of that run.
  func unsettled(_ times: [Double], _ context: ValidationContext) throws -> Double {
    var state = start.state
    if begin > 0 {
      var half = configuration
      (half.stopLoss, half.tEnd, half.observe) = (nil, begin, [])
      state = try context.result(half).state
    }
    let (first, _) = try Self.modes(state, fit, start, residuals)
    guard let early = predictedRate(times, first), let late = predictedRate(times, modes) else { return .nan }
    return abs(early / late - 1)
  }

  private static func modes(
    _ state: [Double], _ fit: DecayFit, _ start: RunStart, _ residuals: [Double]
  ) throws -> (ResidualModes, heldNeurons: Int) {
    let flow = start.flow
    var gram = try flow.gramMatrix(state.span).sum
    var held = 0
    if let slopes = flow.activation.slopes, slopes.negative != slopes.positive {
      let sliding = flow.withSnapshot(at: 0, of: state) {
        // Residuals decay half as fast as their squares.
        SlidingGram($0, plain: gram, slopes: slopes, rate: fit.rate / 2)
      }
      (gram, held) = (sliding.matrix, sliding.heldNeurons)
    }
    return (try ResidualModes(gram: gram, width: flow.shape.width, residuals: residuals), held)
  }
}
