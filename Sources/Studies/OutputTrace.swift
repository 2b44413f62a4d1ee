import GradientFlow
import ODECore

/// `f` at the data along a run, and RD_w at its end: what comparisons compare.
final class OutputTrace: Observer {
  private(set) var times: [Double] = []
  private(set) var outputs: [[Double]] = []
  /// `RD(theta_w)` (16) at the last saved time.
  private(set) var relativeDistance = 0.0

  private let flow: TwoLayerFlow
  private let distance: DistanceFromStart

  /// Of a run, in the coordinates that are integrated.
  convenience init(_ experiment: Experiment) {
    self.init(experiment.integratedFlow, experiment.problem.initialState)
  }

  init(_ flow: TwoLayerFlow, _ initialState: [Double]) {
    (self.flow, distance) = (flow, DistanceFromStart(initialState.span, shape: flow.shape))
  }

  func save(_ t: Double, _ y: Span<Double>) throws {
    times.append(t)
    outputs.append(flow.forward(y).predictions)
    relativeDistance = distance(y).w
  }

  /// `|RD_w - RD_w,ref| / RD_w,ref`; `nil` for an error relative to nothing.
  func distanceError(against reference: OutputTrace) -> Double? {
    let error = abs(relativeDistance - reference.relativeDistance) / reference.relativeDistance
    return error.isFinite ? error : nil
  }

  /// `max_t |f - f_ref| / max_t |f_ref|` over the times that both have; `nil` for an error relative to nothing.
  func outputError(against reference: OutputTrace) -> Double? {
    let mine = Dictionary(zip(times, outputs), uniquingKeysWith: { $1 })
    var (worst, scale) = (0.0, 0.0)
    for (t, expected) in zip(reference.times, reference.outputs) {
      scale = max(scale, norm(expected))
      if let got = mine[t] { worst = max(worst, norm(zip(got, expected).map { $0 - $1 })) }
    }
    let error = worst / scale
    return error.isFinite ? error : nil
  }

  private func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
