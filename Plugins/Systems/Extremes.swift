import ODECore

/// `extremes`: the least and greatest value of each of the first ``mostComponents`` components, over the ends of
/// the accepted steps and the recorded times.
final class Extremes: Observer {
  static let mostComponents = 50

  let name = "extremes"
  let watchesSteps = true
  private var least: [Double] = []
  private var greatest: [Double] = []

  var memory: [Double] {
    get { least + greatest }
    set {
      let count = newValue.count / 2
      (least, greatest) = (Array(newValue.prefix(count)), Array(newValue.suffix(count)))
    }
  }

  func begin(_ moment: Moment) {
    least = (0..<min(moment.count, Self.mostComponents)).map { moment[$0] }
    greatest = least
  }

  func step(_ moment: Moment) {
    for i in least.indices {
      least[i] = min(least[i], moment[i])
      greatest[i] = max(greatest[i], moment[i])
    }
  }

  func record(_ moment: Moment) -> [Double] {
    step(moment)
    return []
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    Dictionary(
      least.indices.flatMap { i -> [(String, ObservedValue)] in
        let name = moment.problem.componentName(i)
        return [("\(name).min", .number(least[i])), ("\(name).max", .number(greatest[i]))]
      }, uniquingKeysWith: { $1 })
  }
}
