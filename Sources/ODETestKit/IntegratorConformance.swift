import Foundation
import ODECore

/// The test that every integrator must pass: what ``/ODECore/IntegratorState`` and
/// ``/ODECore/Observer`` promise, each promise one check.
///
/// Violations are values, so any test framework will do:
///
/// ```swift
/// @Test("my method keeps the integrator's contract")
/// func contract() {
///   #expect(IntegratorConformance().violations(of: MyMethod(rtol: 1e-6)) == [])
/// }
/// ```
///
/// The checks integrate ``ProbeSystem`` over four time units, forwards and backwards.
public struct IntegratorConformance {
  /// The largest error allowed at the end, and of the dense output inside steps; the solution's size
  /// is 1. Backwards one component grows by `exp(4)`, and its error is taken relative to that.
  public var accuracy = 1e-2
  /// How far the dense output at a step's ends may be from the states there. Methods that
  /// interpolate their own history (Adams, BDF) need about the local error.
  public var interpolationTolerance = 1e-12
  /// Whether a run resumed from a checkpoint has the same bits as one that was never stopped; else it
  /// need only be accurate.
  public var restartIsExact = true

  /// The default problems and bounds.
  public init() {}

  /// One requirement.
  struct Check<I: Integrator> {
    let name: String
    let body: (I) throws -> [String]
  }

  /// What `integrator` does that it must not, or does not that it must; empty if it conforms.
  public func violations<I: Integrator>(of integrator: I) -> [String] {
    let checks: [Check<I>] = [
      Check(name: "lands on the limit", body: landing),
      Check(name: "accuracy", body: accurate),
      Check(name: "interpolation", body: interpolation),
      Check(name: "interpolation changes nothing", body: interpolationIsPassive),
      Check(name: "observers change nothing", body: observersArePassive),
      Check(name: "order of calls", body: callOrder),
      Check(name: "errors of the system", body: systemErrors),
      Check(name: "NaN and infinity", body: nonFinite),
      Check(name: "backward integration", body: backward),
      Check(name: "statistics", body: statistics),
      Check(name: "restart", body: restart),
      Check(name: "integrator is a value", body: independence),
    ]
    return checks.flatMap { check in
      do {
        return try check.body(integrator).map { "\(check.name): \($0)" }
      } catch {
        return ["\(check.name): unexpected error: \(error)"]
      }
    }
  }

  static var endTime: Double { 4 }

  /// The probe from 0 to the end, or back from there.
  func problem(
    _ system: ProbeSystem = ProbeSystem(), from start: Double = 0, to end: Double = endTime,
    initialState: [Double]? = nil, events: [Event] = []
  ) throws -> ODEProblem {
    try ODEProblem(
      system, from: start, to: end, initialState: initialState ?? ProbeSystem.solution(start),
      events: events)
  }

  /// The error of `y` at `t` in units of the solution's size; NaN counts as infinite.
  func error(_ y: [Double], _ t: Double) -> Double {
    zip(y, ProbeSystem.solution(t)).map {
      let e = abs($0 - $1)
      return e.isNaN ? .infinity : e
    }.max()!
  }

  /// Advances to the end and returns every step's end and state.
  func trace(_ state: some IntegratorState, to end: Double, mostSteps: Int = 100_000) throws -> [Sample] {
    var samples: [Sample] = []
    while state.time != end {
      try state.advance(to: end)
      samples.append(Sample(state))
      guard samples.count < mostSteps else { throw NeverEnds(steps: mostSteps, time: state.time) }
    }
    return samples
  }

  /// ``/ODECore/integrate(_:with:observers:saving:options:)`` with a limit on the steps, since a broken
  /// integrator may never arrive; no honest one needs as many here.
  func run(
    _ problem: ODEProblem, with integrator: some Integrator, observers: [any Observer] = [],
    saving: SaveTimes = .endpoints
  ) throws -> Solution {
    var options = IntegrationOptions()
    options.maxSteps = 100_000
    return try integrate(
      problem, with: integrator, observers: observers, saving: saving, options: options)
  }

  struct Sample: Equatable {
    let time: Double
    let state: [Double]

    init(_ state: some IntegratorState) {
      time = state.time
      self.state = state.withState { [Double](copying: $0) }
    }

    /// Bit for bit, so that NaN equals itself.
    static func == (a: Sample, b: Sample) -> Bool {
      a.time == b.time && a.state.map(\.bitPattern) == b.state.map(\.bitPattern)
    }
  }

  struct NeverEnds: Error, CustomStringConvertible {
    let steps: Int
    let time: Double
    var description: String { "\(steps) steps and only at t = \(time)" }
  }
}
