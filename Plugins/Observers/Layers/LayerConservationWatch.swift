import DeepNetworks
import ODECore

/// `conservation` of networks of any depth: the largest relative defect, over hidden units and time, of
/// ``/DeepNetworks/LayerConservation``, if every activation is 1-homogeneous.
///
/// - Columns: `conservationDefect`.
/// - Summary: `applicable`; `maxDefect`, over recorded times and, up to 200,000 parameters, over accepted steps, or
///   `not applicable`.
final class LayerConservationWatch: Observer {
  let name = "conservation"
  let columns = ["conservationDefect"]
  /// A look reads all parameters.
  let watchesSteps: Bool
  let acceptsReducedCoordinates = true
  private var law: LayerConservation?
  private var largest = 0.0

  init(parameters: Int) { watchesSteps = parameters <= 200_000 }

  var memory: [Double] {
    get { [largest] }
    set { if let value = newValue.first { largest = value } }
  }

  func refusal(of problem: ODEProblem) -> String? {
    if problem.mover != nil {
      return "the law holds along the gradient flow, and this run has other dynamics"
    }
    return problem.readsTooMuch
  }

  func begin(_ moment: Moment) {
    largest = 0
    let flow = moment.architecture!.flow
    guard let network = flow.architecture as? DeepNetwork, LayerConservation.applies(to: network) else {
      return
    }
    law = LayerConservation(network, flow.mobilities, moment.architecture!.squares)
  }

  func step(_ moment: Moment) { _ = measure(moment) }
  func record(_ moment: Moment) -> [Double] { [measure(moment)] }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    guard law != nil else { return ["maxDefect": .text("not applicable"), "applicable": .flag(false)] }
    _ = measure(moment)
    return ["maxDefect": .number(largest), "applicable": .flag(true)]
  }

  private func measure(_ moment: Moment) -> Double {
    guard let law else { return .nan }
    let defect = law.largestDefect(moment.architecture!.squares)
    if !(defect <= largest) { largest = defect }
    return defect
  }
}

extension ODEProblem {
  /// Why an observer that reads all of a network's parameters at every recorded time cannot watch it; `nil` if it can.
  var readsTooMuch: String? {
    let count = (system as? LowRankFlow)?.flow.dimension ?? system.dimension
    return count <= 20_000_000
      ? nil
      : "it reads all \(count) parameters at every recorded time, which would cost more than the run"
  }
}
