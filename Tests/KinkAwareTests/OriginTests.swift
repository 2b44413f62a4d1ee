import ActivationsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import Testing

@testable import KinkAwareIntegrator

@Suite("Neurons at w = 0, where all kinks meet")
struct OriginTests {
  private static let own1 = try! Dataset(
    name: "own1", features: [[-0.9], [-0.4], [0.1], [0.6], [0.95]], targets: [0.2, -0.3, 0.4, -0.1, 0.5])

  private func problem(to end: Double) throws -> ODEProblem {
    let flow = try TwoLayerFlow(
      width: 400, data: Self.own1, scaling: Scaling(gamma: 1.5, gammaPrime: -1, width: 400),
      activation: ReLU(), loss: SquaredLoss())
    return try ODEProblem(flow, to: end, initialState: gaussianStart(flow, seed: 2, isAntisymmetric: true))
  }

  /// Tests/Oracles/minimizing_movements.py with SCALE 0.25 to TIME 5e3, a method without kinks, events or choices: its error
  /// is of first order in its step, 0.015 at most here; at SCALE 1 it is four times that. Where a neuron passes close by
  /// w = 0 a step of finite length may take another way; at each of both scales one neuron does, and not the same.
  @Test("they go where minimising movements go")
  func movements() throws {
    let url = try #require(
      Bundle.module.url(forResource: "own1-movements", withExtension: "npy", subdirectory: "Fixtures"))
    let expected = try StateFile.read(url).state
    let solution = try integrate(problem(to: 5e3), with: KinkAware(rtol: 1e-7))
    #expect(solution.returnCode == .success)
    let end = solution.state
    let distances: [Double] = (0..<400).map { k in
      let (x, y) = (end[400 + k] - expected[400 + k], end[800 + k] - expected[800 + k])
      return hypot(x, y)
    }
    let others = distances.indices.filter { distances[$0] > 0.02 }
    #expect(others.count <= 1, "\(others)")
    // Some two dozen neurons were there; rested at 0 they would be far from where they are.
    let met = try #require(solution.remarks.first { $0.name == "neuronsAtOrigin" })
    #expect(met.count! > 20 && met.text.hasPrefix("\(met.count!) neurons met w = 0"))
  }

  @Test("the end does not depend on the steps")
  func converged() throws {
    let ends = try [1e-3, 1e-5, 1e-7].map { rtol in
      try integrate(problem(to: 1e6), with: KinkAware(rtol: rtol)).state
    }
    let size = ends[2].map(abs).max()!
    #expect(largestDifference(ends[0], ends[2]) <= 1e-2 * size)
    #expect(largestDifference(ends[1], ends[2]) <= 1e-4 * size)
  }

  /// Tests/Oracles/origin_release.py: neuron B fits a line to the bench points; neuron A has `w = 0` and, while the
  /// residuals are positive, nowhere to go.
  @Test("a neuron at rest leaves at the time when the loss can fall, and not before")
  func leaves() throws {
    let flow = try TwoLayerFlow(
      width: 2, data: benchPoints, scaling: Scaling(kappa: 1, kappaPrime: 1), activation: ReLU(),
      loss: SquaredLoss())
    let start = [0.8, 1.5, 0, 0.1, 0, 0.9]
    let time = 0.3387594505783115
    let end = [
      0.8194884628998831, 1.2534773622757776, -0.16870638937688737, -0.1026651205289178,
      -0.05567310849437283, 0.36147665313907684,
    ]
    let state = try KinkAware(rtol: 1e-9).makeState(
      for: ODEProblem(flow, to: 10, initialState: start), restart: nil)
    for limit in [0.999 * time, 1.001 * time, 10] {
      while state.time < limit { try state.advance(to: limit) }
      // Until then A has not moved at all.
      state.withState { #expect(($0[2] == 0 && $0[4] == 0) == (limit < time)) }
    }
    #expect(state.kinks.throughZero == 1 && state.kinks.heldAtZero == 0)
    #expect(state.remarks.map(\.count) == [1])
    #expect(largestDifference(state.withState { [Double](copying: $0) }, end) <= 1e-8)
  }

  @Test("a resumed run counts the neurons that met w = 0 before, and goes on bit for bit")
  func resumed() throws {
    let integrator = KinkAware(rtol: 1e-4)
    let whole = try integrator.makeState(for: problem(to: 1e5), restart: nil)
    while whole.time < 3e3 { try whole.advance(to: 3e3) }
    let (memory, middle) = (whole.restart, whole.withState { [Double](copying: $0) })
    let before = try #require(whole.remarks.first?.count)
    while whole.time < 1e5 { try whole.advance(to: 1e5) }
    let rest = try ODEProblem(
      problem(to: 1e5).system, from: 3e3, to: 1e5, initialState: middle)
    let state = try integrator.makeState(
      for: rest, restart: JSONDecoder().decode(Restart.self, from: JSONEncoder().encode(memory)))
    #expect(before > 5 && state.remarks.first?.count == before)
    while state.time < 1e5 { try state.advance(to: 1e5) }
    #expect(Step(state) == Step(whole))
    #expect(state.remarks == whole.remarks)
  }

  /// In more than two dimensions. The first neuron has `w = 0` and `a e < 0` for the first sample only.
  @Test("a start at w = 0 leaves towards the sample that the loss needs")
  func space() throws {
    let data = try Dataset(
      name: "space", features: [[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, -0.5, -0.5]], targets: [1, -1, -1, -1])
    let flow = try TwoLayerFlow(
      width: 1, data: data, scaling: Scaling(kappa: 1, kappaPrime: 1), activation: ReLU(), loss: SquaredLoss()
    )
    let problem = try ODEProblem(flow, to: 1, initialState: [1, 0, 0, 0, 0])
    // By its one-sided derivatives it is at rest, so the driver would not begin.
    let state = try KinkAware(rtol: 1e-8).makeState(for: problem, restart: nil)
    while state.time < 1 { try state.advance(to: 1) }
    #expect(state.remarks.map(\.count) == [1])
    // The direction minimises g(u) = -(x_1.u)+ + sum of the others' (x_i.u)+: x_1 = (1, 0, 0, 1) less its parts along
    // x_2 and x_3, which hold: u is along (1, -1/3, -1/3, 1/3).
    let w = state.withState { Array([Double](copying: $0)[1...]) }
    let outputs: [Double] = (0..<4).map { i in zip(data.input(i), w).reduce(0.0) { $0 + $1.0 * $1.1 } }
    #expect(w[0] > 0.1 && outputs[0] > 0.1)
    #expect(abs(outputs[1]) <= 1e-14 && abs(outputs[2]) <= 1e-14 && outputs[3] < 0)
    #expect(abs(w[1] / w[0] + 1.0 / 3) <= 1e-12 && abs(w[3] / w[0] - 1.0 / 3) <= 1e-12)
  }
}
