import Foundation
import GradientFlow
import KinkAwareIntegrator
import ODECore
import Testing

@Suite("Kink-aware integration against an event-driven program")
struct OracleTests {
  static let cases = KinkCase.all.values.sorted { $0.name < $1.name }

  /// The oracle's own error is 1e-11 or so. The sum of some hundred local errors of at most rtol, damped by the
  /// flow, stays below rtol on all cases but for a tolerance of 1e-8, where one reaches 2.6e-8.
  @Test("RD_w, RD_a, f and the time of the stop are right to the tolerance", arguments: cases)
  func accuracy(_ reference: KinkCase) throws {
    for (rtol, allowed) in [(1e-4, 1e-4), (1e-6, 1e-6), (1e-8, 5e-8)] {
      let solution = try reference.solve(rtol: rtol)
      #expect(solution.returnCode == (reference.stop == nil ? .success : .stopped), "\(solution.message)")
      let (w, a) = reference.relativeDistances(solution.state)
      #expect(abs(w / reference.RD_w - 1) <= allowed, "rtol \(rtol)")
      #expect(abs(a / reference.RD_a - 1) <= allowed, "rtol \(rtol)")
      let pass = try reference.flow().forward(solution.state.span)
      #expect(largestDifference(pass.predictions, reference.f) <= allowed, "rtol \(rtol)")
      #expect(abs(solution.time / reference.t - 1) <= 10 * allowed, "rtol \(rtol)")
    }
  }

  @Test("the error goes on falling with the tolerance, down to 1e-9", arguments: cases)
  func convergence(_ reference: KinkCase) throws {
    func error(_ rtol: Double) throws -> Double {
      abs(try reference.relativeDistances(reference.solve(rtol: rtol).state).w / reference.RD_w - 1)
    }
    #expect(try error(1e-10) <= 1e-9)
  }

  @Test("two and five stages find the same solution", arguments: [2, 4, 5])
  func stages(_ stages: Int) throws {
    let reference = try #require(KinkCase.all["bench-m20-g1.75"])
    let solution = try reference.solve(rtol: 1e-7, stages: stages)
    #expect(abs(reference.relativeDistances(solution.state).w / reference.RD_w - 1) <= 1e-6)
  }

  @Test("as many neurons cross, are held and let go as in the oracle", arguments: cases)
  func events(_ reference: KinkCase) throws {
    // Where the driver stops within a step, events after the stop are counted too.
    guard reference.stop == nil else { return }
    let state = try KinkAware(rtol: 1e-9).makeState(for: reference.problem(reference.flow()), restart: nil)
    while state.time < reference.tend { try state.advance(to: reference.tend) }
    // Two neurons of an ASI pair, or two kinks of one neuron let go at once, may be counted otherwise.
    #expect(state.kinks.throughZero == reference.events.w0)
    // The oracle counts a passage through w = 0 as one through a kink besides.
    #expect(
      state.kinks.crossings + state.kinks.captures + state.kinks.throughZero == reference.events.cross
        + reference.events.capture)
    #expect(
      state.kinks.captures - state.kinks.releases == reference.events.capture - reference.events.release)
    #expect(state.kinks.signChanges == reference.events.asign)
    #expect(state.kinks.unresolved == 0)
  }

  @Test("a sliding neuron whose output weight changes sign leaves the ridge, or stays if told to")
  func repelling() throws {
    let reference = try #require(KinkCase.all["rand5-m30-g1.75"])
    #expect(reference.events.asign == 1)
    func end(_ choice: KinkAware.Repelling) throws -> (kinks: KinkEvents, w: Double) {
      let state = try KinkAware(rtol: 1e-8, repelling: choice)
        .makeState(for: reference.problem(reference.flow()), restart: nil)
      while state.time < reference.tend { try state.advance(to: reference.tend) }
      return (state.kinks, reference.relativeDistances(state.withState { [Double](copying: $0) }).w)
    }
    let (leaves, stays) = (try end(.steepest), try end(.stay))
    #expect(leaves.kinks.signChanges == 1 && stays.kinks.signChanges == 0)
    // The oracle leaves; staying is another solution.
    #expect(abs(leaves.w / reference.RD_w - 1) <= 1e-7)
    #expect(abs(stays.w / reference.RD_w - 1) >= 1e-6)
  }

  /// For the start `standard_normal((m, 3))` of NumPy's `default_rng(1)`; this method at tolerances 1e-9 and 1e-10 agrees
  /// to the digits given. At t = 1.1e8 the first flow has an independent reference, by an event-driven program
  /// (Benchmarks/Peers/reference/filippov.cpp and references.json): 15.7130226897889, where this method has
  /// 15.713022689834.
  @Test(
    "the bench points and the paper's four at m = 1000",
    arguments: [(1.75, 15.7194528694), (1.0, 0.76891901154)])
  func bench(_ gamma: Double, _ expected: Double) throws {
    let flow = try benchFlow(width: 1000, gamma: gamma)
    let start = try gaussianStart(flow)
    let problem = try ODEProblem(
      flow, to: .infinity, initialState: start,
      events: [Event("stop", direction: .falling, isTerminal: true) { _, y in log(flow.risk(y) / 1e-8) }])
    for (rtol, allowed) in [(1e-2, 1e-5), (1e-4, 1e-6), (1e-6, 2e-8)] {
      let end = try integrate(problem, with: KinkAware(rtol: rtol)).state
      let moved = (1000..<3000).reduce(0) { $0 + pow(end[$1] - start[$1], 2) }
      let size = (1000..<3000).reduce(0) { $0 + pow(start[$1], 2) }
      #expect(abs((moved / size).squareRoot() / expected - 1) <= allowed, "rtol \(rtol)")
    }
  }
}
