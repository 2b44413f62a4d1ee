import Foundation
import GradientFlow
import KinkAwareIntegrator
import ODECore
import Testing

@Suite("A kink-aware run can be stopped and resumed")
struct ResumptionTests {
  @Test(
    "resumed after any step it goes on bit for bit",
    arguments: ["bench-m20-g1.75-gp0.4", "bench-m20-g1", "rand5-m30-g1.75", "rand7-m12-g1", "many-m6-g0.5"])
  func exact(_ name: String) throws {
    let reference = try #require(KinkCase.all[name])
    let flow = try reference.flow()
    let integrator = KinkAware(rtol: 1e-4)
    let whole = try integrator.makeState(for: reference.problem(flow), restart: nil)
    var memories: [(time: Double, state: [Double], restart: Restart)] = []
    var steps: [Step] = []
    let end = reference.t
    while whole.time < end {
      try whole.advance(to: end)
      memories.append((whole.time, whole.withState { [Double](copying: $0) }, whole.restart))
      steps.append(Step(whole))
    }
    for position in stride(from: 0, to: steps.count - 1, by: max(1, steps.count / 7)) {
      let (time, start, memory) = memories[position]
      let saved = try JSONDecoder().decode(Restart.self, from: JSONEncoder().encode(memory))
      let state = try integrator.makeState(
        for: ODEProblem(flow, from: time, to: end, initialState: start), restart: saved)
      for expected in steps[(position + 1)...] {
        try state.advance(to: end)
        try #require(Step(state) == expected, "resumed after step \(position + 1) of \(steps.count)")
      }
    }
  }

  @Test("from the state alone it goes on as accurately")
  func fromState() throws {
    let reference = try #require(KinkCase.all["bench-m20-g1"])
    let flow = try reference.flow()
    let integrator = KinkAware(rtol: 1e-9)
    let whole = try integrator.makeState(for: reference.problem(flow), restart: nil)
    while whole.time < reference.t / 3 { try whole.advance(to: reference.t / 3) }
    // Neurons are sliding by then.
    #expect(whole.kinks.captures > whole.kinks.releases)
    let rest = try ODEProblem(
      flow, from: whole.time, to: reference.t, initialState: whole.withState { [Double](copying: $0) })
    for restart in [nil, Restart(stepSize: whole.restart.stepSize)] {
      let state = try integrator.makeState(for: rest, restart: restart)
      while state.time < reference.t { try state.advance(to: reference.t) }
      let w = reference.relativeDistances(state.withState { [Double](copying: $0) }).w
      #expect(abs(w / reference.RD_w - 1) <= 1e-7)
    }
  }

  @Test("a restart of another problem is refused")
  func foreign() throws {
    let one = try #require(KinkCase.all["bench-m20-g1"])
    let other = try #require(KinkCase.all["bench-m10-g1.75"])
    let memory = try KinkAware().makeState(for: one.problem(one.flow()), restart: nil).restart
    var spoiled = memory
    spoiled.errorHistory[40] = .nan
    var short = memory
    short.errorHistory.removeLast()
    for (reference, restart) in [(other, memory), (one, spoiled), (one, short), (one, Restart(stepSize: -1))]
    {
      let failure = #expect(throws: IntegrationFailure.self) {
        _ = try KinkAware().makeState(for: reference.problem(reference.flow()), restart: restart)
      }
      #expect(failure?.code == .initialFailure)
    }
  }
}
