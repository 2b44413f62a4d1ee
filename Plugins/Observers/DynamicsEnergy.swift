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
  private var rise = LargestRise()

  var memory: [Double] {
    get { rise.memory }
    set { rise.memory = newValue }
  }

  func refusal(of problem: ODEProblem) -> String? {
    guard let dynamics = (problem.mover as? DynamicsSystem)?.dynamics else { return nil }
    let norms = [Double](repeating: 0, count: dynamics.vectorCount)
    return dynamics.energy(1, potential: 0, squaredNorms: norms) == nil
      ? "the dynamics '\(dynamics.name)' say of no energy" : nil
  }

  func begin(_ moment: Moment) throws { rise.begin(try energy(moment)) }

  func step(_ moment: Moment) throws {
    rise.step(try energy(moment), at: moment.time) { 1e-12 * abs($0) }
  }

  func record(_ moment: Moment) throws -> [Double] { [try energy(moment)] }

  func finish(_ moment: Moment) -> [String: ObservedValue] { rise.values }

  private func energy(_ moment: Moment) throws -> Double {
    guard let motion = moment.motion, let system = motion.problem.system as? DynamicsSystem else {
      return .nan
    }
    let loss = moment.flow?.loss ?? moment.architecture?.loss
    return try motion.withState { try system.energy(motion.time, $0, potential: loss) } ?? .nan
  }
}
