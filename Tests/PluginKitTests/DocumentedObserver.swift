import PhaseFlowPlugin

/// The norm |y| of the solution; of a network also its loss and its largest output weight at the end.
final class Norm: ObserverPlugin {
  static let name = "norm"
  static let summary = "the norm of the solution"
  let columns = ["norm"]
  init(_ parameters: Parameters) {}

  func record(_ moment: Moment) -> [Double] {
    [(0..<moment.count).reduce(0) { $0 + moment[$1] * moment[$1] }.squareRoot()]
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    guard let view = moment.network else { return [:] }
    let sizes = (0..<view.network.shape.width).map { abs(view.a($0)) }
    return ["loss": .number(view.loss), "largestA": .number(sizes.max() ?? 0)]
  }
}
