import DeepNetworks
import Figures
import GradientFlow
import ODECore

/// `f` at the data along a run, and RD_w at its end: by what runs of a network are compared; of a deeper network RD of the
/// first layer.
///
/// - `errorRD = |RD_w - RD_w,ref| / RD_w,ref` at the end, RD_w as in (16);
/// - `errorF = max_t |f(t) - f_ref(t)|_2 / max_t |f_ref(t)|_2` over the `n` outputs at the data and the recorded times
///   that both have.
final class OutputTrace: ComparisonTrace {
  static let measures = [
    ComparisonMeasure(key: "RD", name: "error RD", label: "relative error of RD_{" + .symbol("w") + "}"),
    ComparisonMeasure(key: "F", name: "f", label: "relative error of f at the data"),
  ]

  let acceptsReducedCoordinates: Bool
  private var times: [Double] = []
  private var outputs: [[Double]] = []
  /// `RD(theta_w)` (16) at the last recorded time.
  private(set) var relativeDistance = 0.0

  private let predictions: (Span<Double>) -> [Double]
  private let distance: (Span<Double>) -> Double

  /// - Parameter isReduced: whether `flow` and `initialState` are in reduced coordinates.
  init(_ flow: TwoLayerFlow, _ initialState: [Double], isReduced: Bool) {
    acceptsReducedCoordinates = isReduced
    predictions = { flow.forward($0).predictions }
    let distance = DistanceFromStart(initialState.span, shape: flow.shape)
    self.distance = { distance($0).w }
  }

  /// Of a network of any depth, whose first layer stands for `w`.
  init(_ flow: ArchitectureFlow, _ initialState: [Double]) {
    acceptsReducedCoordinates = false
    predictions = { flow.forward($0).predictions }
    let distances = LayerDistances(initialState.span, of: flow)
    distance = { distances($0).layers[0] }
  }

  /// The same with the changes of large layers as factors.
  init(_ flow: LowRankFlow) {
    acceptsReducedCoordinates = true
    predictions = { flow.forward($0).predictions }
    distance = { flow.distances($0).layers[0] }
  }

  func record(_ moment: Moment) -> [Double] {
    moment.withState { y in
      times.append(moment.time)
      outputs.append(predictions(y))
      relativeDistance = distance(y)
    }
    return []
  }

  var headline: String { "RD_w " + significant(relativeDistance) }
  var endTime: Double { times.last ?? .nan }

  func errors(against reference: any ComparisonTrace) -> [Double?] {
    guard let reference = reference as? OutputTrace else { return [nil, nil] }
    let distance = abs(relativeDistance - reference.relativeDistance) / reference.relativeDistance
    return [distance.finite, outputError(against: reference).finite]
  }

  private func outputError(against reference: OutputTrace) -> Double {
    let mine = Dictionary(zip(times, outputs), uniquingKeysWith: { $1 })
    var (worst, scale) = (0.0, 0.0)
    for (t, expected) in zip(reference.times, reference.outputs) {
      scale = max(scale, norm(expected))
      if let got = mine[t] { worst = max(worst, norm(zip(got, expected).map { $0 - $1 })) }
    }
    return worst / scale
  }

  private func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
