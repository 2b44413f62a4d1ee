import ODECore

/// `steps`: the shortest and longest accepted step and where the shortest one ended. The last step, which is cut
/// to land on the end, counts too.
final class StepSizes: Observer {
  let name = "steps"
  let watchesSteps = true
  private var shortest = Double.infinity
  private var longest = 0.0
  private var shortestAt = Double.nan

  var memory: [Double] {
    get { [shortest, longest, shortestAt] }
    set {
      if newValue.count == 3 { (shortest, longest, shortestAt) = (newValue[0], newValue[1], newValue[2]) }
    }
  }

  func step(_ moment: Moment) {
    let h = abs(moment.time - moment.previousTime)
    if h < shortest { (shortest, shortestAt) = (h, moment.time) }
    longest = max(longest, h)
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    ["shortest": .number(shortest), "longest": .number(longest), "shortestAt": .number(shortestAt)]
  }
}
