import ODECore

/// The states at the recorded times: by what runs of a system are compared.
///
/// An error is the largest over the components of `|y_i - ref_i| / max_t |ref_i|`: at the end (`errorEnd`) and at all
/// recorded times that both have (`errorPath`).
final class StatePath: ComparisonTrace {
  static let measures = [
    ComparisonMeasure(key: "End", name: "error at the end", label: "relative error at the end"),
    ComparisonMeasure(key: "Path", name: "on the way", label: "relative error on the way"),
  ]

  private var times: [Double] = []
  private var states: [[Double]] = []

  init() {}

  /// One given state.
  init(time: Double, state: [Double]) { (times, states) = ([time], [state]) }

  func record(_ moment: Moment) -> [Double] {
    times.append(moment.time)
    states.append(moment.withState(Array.init(copying:)))
    return []
  }

  let headline = ""
  var endTime: Double { times.last ?? .nan }

  func errors(against reference: any ComparisonTrace) -> [Double?] {
    guard let reference = reference as? StatePath, let last = states.last,
      let expected = reference.states.last
    else { return [nil, nil] }
    let scales = reference.scales
    let mine = Dictionary(zip(times, states), uniquingKeysWith: { $1 })
    let onTheWay = zip(reference.times, reference.states).compactMap { t, y in
      mine[t].map { largest($0, y, scales) }
    }
    return [largest(last, expected, scales), onTheWay.contains(nil) ? nil : onTheWay.compactMap { $0 }.max()]
  }

  private var scales: [Double] {
    states[0].indices.map { i in states.reduce(0) { max($0, abs($1[i])) } }
  }

  private func largest(_ y: [Double], _ reference: [Double], _ scales: [Double]) -> Double? {
    let errors = y.indices.map { abs(y[$0] - reference[$0]) / (scales[$0] > 0 ? scales[$0] : 1) }
    return errors.allSatisfy(\.isFinite) ? errors.max() : nil
  }
}
