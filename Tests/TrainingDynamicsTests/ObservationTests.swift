import ActivationsPlugins
import DynamicsPlugins
import GradientFlow
import LossesPlugins
import ODECore
import RungeKutta
import Testing
import TrainingDynamics

/// Keeps what it was shown.
private final class Witness: Observer {
  let name = "witness"
  let columns = ["first"]
  let watchesSteps = true
  private(set) var counts: Set<Int> = []
  private(set) var wholes: Set<Int> = []
  private(set) var midway: [Double] = []
  private(set) var losses: [Double] = []
  let acceptsReducedCoordinates: Bool
  init(reduced: Bool) { acceptsReducedCoordinates = reduced }

  func record(_ moment: Moment) -> [Double] {
    counts.insert(moment.count)
    if let motion = moment.motion { wholes.insert(motion.count) }
    losses.append(moment.flow!.loss)
    return [moment[0]]
  }

  func step(_ moment: Moment) throws {
    var y = [Double](repeating: .nan, count: moment.count)
    var span = y.mutableSpan
    try moment.interpolate(at: (moment.previousTime + moment.time) / 2, into: &span)
    midway = y
  }
}

@Suite("Observers of a motion")
struct ObservationTests {
  @Test("are shown the positions, in either coordinates, and can ask for the rest", arguments: [false, true])
  func positions(_ reduced: Bool) throws {
    // Three samples in eight dimensions: the span has three.
    let features = (0..<3).map { (i: Int) -> [Double] in
      (0..<7).map { (j: Int) -> Double in Double((i * 5 + j * 3) % 7) - 3 }
    }
    let data = try Dataset(name: "thin", features: features, targets: [0.3, -0.2, 0.1])
    let flow = try TwoLayerFlow(
      width: 4, data: data, scaling: Scaling(kappa: 0.3, kappaPrime: 1), activation: Tanh(),
      loss: SquaredLoss())
    let start = NetworkDynamicsTests.state(flow.dimension)
    let representation = try FlowRepresentation(of: flow, from: start, in: SpanCoordinates(data.inputs))
    let full = try ODEProblem(flow, to: 1, initialState: start)
    let problem = try ODEProblem(
      representation.integrated, to: 1, initialState: representation.integratedStart,
      reduction: Lift(full: full, representation: representation)
    ).moved(by: HeavyBall(epsilon: 0.5))
    let n = representation.integrated.dimension
    let witness = Witness(reduced: reduced)
    let method = DormandPrince(rtol: 1e-8, atol: 1e-9)
    let solution = try integrate(problem, with: method, observers: [witness], saving: .linear(spacing: 0.25))
    #expect(solution.record.columns == ["time", "first"])
    let shown = reduced ? n : flow.dimension
    #expect(witness.counts == [shown])
    #expect(witness.wholes == [2 * n])
    #expect(witness.midway.count == shown)
    #expect(witness.midway.allSatisfy { $0.isFinite })
    // The same motion without a reduction.
    let own = try integrate(full.moved(by: HeavyBall(epsilon: 0.5)), with: method).state
    let lifted = problem.ambientState(solution.state)
    #expect(lifted.count == flow.dimension)
    #expect(zip(lifted, own).allSatisfy { abs($0 - $1) < 1e-6 })
    let loss = flow.risk(Array(own.prefix(flow.dimension)).span)
    #expect(abs(witness.losses.last! - loss) < 1e-7)
  }

  @Test("do not miss an event that inertia undoes within a step")
  func eventWithinStep() throws {
    // q = exp(-t) (cos wt + sin wt / w), w^2 = 5, is -0.2447 at the step's ends t = 1.375 and -0.239 at 1.5, with its least value -0.2452 between.
    let flow = Quadratic([3], mu: [1], minimum: [0])
    let low = Event("low", direction: .falling, isTerminal: true, searchesInside: false) { _, y in
      y[0] + 0.245
    }
    let problem = try ODEProblem(flow, to: 3, initialState: [1], events: [low])
    let solution = try integrate(
      problem.moved(by: HeavyBall(epsilon: 0.5)), with: ClassicalRK4(step: .value(0.125)))
    #expect(solution.returnCode == .stopped)
    #expect(solution.time > 1.375 && solution.time < 1.405)
  }

  private struct Lift: CoordinateReduction {
    let full: ODEProblem
    let representation: FlowRepresentation
    func lift(_ y: Span<Double>, into result: StateVector) { representation.lift(y, into: result) }
  }
}
