import GradientFlow
import PluginKit

/// `extremes`: the least and greatest value of each of the first ``mostComponents`` components, over the ends of
/// the accepted steps and the recorded times.
final class Extremes: SystemObserver {
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

  func begin(_ point: SystemPoint) {
    least = (0..<min(point.count, Self.mostComponents)).map { point[$0] }
    greatest = least
  }

  func step(_ point: SystemPoint) {
    for i in least.indices {
      least[i] = min(least[i], point[i])
      greatest[i] = max(greatest[i], point[i])
    }
  }

  func record(_ point: SystemPoint) -> [Double] {
    step(point)
    return []
  }

  func finish(_ point: SystemPoint) -> [String: ObservedValue] {
    let names = point.model.componentNames
    return Dictionary(
      least.indices.flatMap { i in
        [("\(names[i]).min", .number(least[i])), ("\(names[i]).max", .number(greatest[i]))]
      }, uniquingKeysWith: { $1 })
  }
}
