import DeepNetworks
import GradientFlow
import ODECore
import TrainingDynamics

/// `energy` of runs with other dynamics than the gradient flow: the largest rise of their energy, ``/TrainingDynamics/DynamicsSystem``, within an
/// accepted step, which along the exact solution never rises though the loss may.
///
/// - Columns: `energy`.
/// - Summary: `maxRise`, relative; `maxRiseTime` (null if there is none); `monotone`: whether no rise is above `1e-12` of the energy.
final class DynamicsEnergy: Observer {
  let name = "energy"
  let columns = ["energy"]
  let watchesSteps = true
  let acceptsReducedCoordinates = true
  private var (previous, maxRise, maxRiseTime, monotone) = (0.0, 0.0, Double.nan, true)

  var memory: [Double] {
    get { [previous, maxRise, maxRiseTime, monotone ? 1 : 0] }
    set {
      guard newValue.count == 4 else { return }
      (previous, maxRise, maxRiseTime, monotone) = (newValue[0], newValue[1], newValue[2], newValue[3] == 1)
    }
  }

  func refusal(of problem: ODEProblem) -> String? {
    guard let dynamics = (problem.mover as? DynamicsSystem)?.dynamics else { return nil }
    let norms = [Double](repeating: 0, count: dynamics.vectorCount)
    return dynamics.energy(1, potential: 0, squaredNorms: norms) == nil
      ? "the dynamics '\(dynamics.name)' say of no energy" : nil
  }

  func begin(_ moment: Moment) throws {
    (previous, maxRise, maxRiseTime) = (try energy(moment), 0, .nan)
    monotone = !previous.isNaN
  }

  func step(_ moment: Moment) throws {
    let energy = try energy(moment)
    defer { previous = energy }
    // Written so that NaN counts as a rise.
    if energy <= previous { return }
    let rise = (energy - previous) / abs(previous)
    if !(rise <= maxRise) { (maxRise, maxRiseTime) = (rise, moment.time) }
    if monotone { monotone = rise <= 1e-12 }
  }

  func record(_ moment: Moment) throws -> [Double] { [try energy(moment)] }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    ["maxRise": .number(maxRise), "maxRiseTime": .number(maxRiseTime), "monotone": .flag(monotone)]
  }

  private func energy(_ moment: Moment) throws -> Double {
    guard let motion = moment.motion, let system = motion.problem.system as? DynamicsSystem else {
      return .nan
    }
    let loss = moment.flow?.loss ?? moment.architecture?.loss
    return try motion.withState { try system.energy(motion.time, $0, potential: loss) } ?? .nan
  }
}
