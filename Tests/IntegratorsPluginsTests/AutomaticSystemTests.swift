import Foundation
import IntegratorsPlugins
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("The automatic choice for a system that is no flow")
struct AutomaticSystemTests {
  private let lorenz = ClosureSystem(dimension: 3) { _, y, dy in
    dy[0] = 10 * (y[1] - y[0])
    dy[1] = y[0] * (28 - y[2]) - y[1]
    dy[2] = y[0] * y[1] - 8.0 / 3 * y[2]
  }

  @Test("keeps the integrator's contract")
  func contract() {
    var conformance = IntegratorConformance()
    conformance.accuracy = 1e-2
    #expect(conformance.violations(of: Automatic(rtol: 1e-6, atol: 1e-9)) == [])
  }

  @Test(
    "solves the IVP test set's stiff problems by rodas, at tight tolerances by BDF, to ten tolerances",
    arguments: ["robertson", "vdpol", "hires", "orego", "pollution"], [1e-3, 1e-6, 1e-8])
  func stiff(name: String, rtol: Double) throws {
    let reference = try #require(ReferenceProblem.all.first { $0.name == name })
    let solution = try integrate(
      reference.problem, with: Automatic(rtol: rtol, atol: rtol * reference.atolRatio))
    #expect(solution.returnCode == .success)
    let choice = try #require(solution.choice)
    #expect(choice.hasPrefix(rtol <= Automatic.multistepTolerance ? "cvode-bdf: " : "rodas: "), "\(choice)")
    // What moves fast at the start needs no trial; the rates of hires are slow beside the others'.
    if rtol == 1e-3 {
      #expect(choice.contains("the fastest motion at the start") == (name != "hires"), "\(choice)")
    }
    #expect(reference.error(of: solution.state) < 10 * rtol, "\(reference.error(of: solution.state))")
    // dormand-prince alone needs |h| rho < 3.3: 1e15 steps for Robertson's reaction.
    #expect(solution.statistics.accepted < 10_000)
  }

  @Test("counts what both methods do")
  func statistics() throws {
    final class Calls { var count = 0 }
    let calls = Calls()
    let system = ClosureSystem(dimension: 2) { t, y, dy in
      calls.count += 1
      dy[0] = -1e5 * (y[0] - cos(t))
      dy[1] = -y[1]
    }
    let observer = RecordingObserver()
    let solution = try integrate(
      ODEProblem(system, to: 10, initialState: [2, 1]), with: Automatic(rtol: 1e-6, atol: 1e-9),
      observers: [observer])
    #expect(solution.choice?.hasPrefix("cvode-bdf") == true)
    #expect(solution.statistics.nfev == calls.count)
    #expect(solution.statistics.accepted == observer.stepTimes.count)
    #expect(solution.statistics.accepted < 2000)
    // The slow solution is (cos t + eps sin t)/(1 + eps^2), eps = 1e-5, the other exp(-t).
    #expect(abs(solution.state[0] - (cos(10) + 1e-5 * sin(10))) < 1e-4)
    #expect(abs(solution.state[1] - exp(-10)) < 1e-6)
  }

  @Test("stays with its pair where nothing is stiff, with the same bits as that")
  func notStiff() throws {
    let problem = try ODEProblem(lorenz, to: 20, initialState: [1, 1, 1])
    // At 1e-3 ten long steps of dop853 look stiff, and a trial fails.
    for tolerance in [2e-3, 1e-3, 5e-4, 1e-6, 1e-9] {
      let chosen = try integrate(problem, with: Automatic(rtol: tolerance, atol: tolerance))
      let isTight = tolerance <= Automatic.tightTolerance
      let plain =
        isTight
        ? try integrate(problem, with: DOP853(rtol: tolerance, atol: tolerance))
        : try integrate(problem, with: DormandPrince(rtol: tolerance, atol: tolerance))
      #expect(chosen.choice?.hasPrefix(isTight ? "dop853: " : "dormand-prince: ") == true)
      if tolerance == 1e-3 {
        #expect(Double(chosen.statistics.nfev) < 1.05 * Double(plain.statistics.nfev))
        continue
      }
      // Six evaluations tell how fast the fastest motion is.
      #expect(chosen.state == plain.state && chosen.statistics.nfev == plain.statistics.nfev + 6)
    }
  }

  @Test("resumes before the switch and after it with the same bits")
  func resumes() throws {
    let reference = ReferenceProblem.hires
    let method = Automatic(rtol: 1e-4, atol: 1e-7)
    var checkpoints: [Checkpoint] = []
    var options = IntegrationOptions()
    options.checkpoint = { checkpoints.append($0) }
    options.checkpointInterval = .zero
    let whole = try integrate(reference.problem, with: method, options: options)
    let before = checkpoints.filter { $0.restart.method == "dop853" }
    #expect(before.count > 5 && checkpoints.count > before.count)
    for checkpoint in checkpoints {
      var resume = IntegrationOptions()
      resume.resume = checkpoint
      let rest = try integrate(reference.problem, with: method, options: resume)
      #expect(rest.returnCode == .success && rest.choice?.hasPrefix("radau: ") == true)
      #expect(rest.state == whole.state, "from t = \(checkpoint.time)")
    }
  }

  /// Stick-slip, piecewise in closed form: `reference_solutions.py`. Chattering looks stiff, and a Jacobian that is taken across the jump
  /// lets an implicit method converge to nothing.
  @Test("never ends wrongly with success across dry friction", arguments: [0.3, 0.1, 1e-2, 1e-3])
  func friction(rtol: Double) throws {
    let reference = ReferenceProblem.stickSlip
    let solution = try integrate(reference.problem, with: Automatic(rtol: rtol, atol: 1e-3 * rtol))
    #expect(solution.returnCode == .success)
    #expect(reference.error(of: solution.state) < min(1e-2, 10 * rtol), "\(solution.state)")
    #expect(solution.remarks.contains { $0.name == "chattering" })
    #expect(solution.remarks.contains { $0.name == "tightened" } == (rtol > 1e-2))
    #expect(solution.choice?.hasPrefix("bogacki-shampine: f jumps") == true, "\(solution.choice ?? "-")")
  }

  /// `y' = -y + (floor(7 t) odd)`: jumps that are apart are no chattering. From 1/7 to 1/7, `y -> s + (y - s) exp(-1/7)`.
  @Test("keeps its pair where jumps are apart")
  func apart() throws {
    let system = ClosureSystem(dimension: 1) { t, y, dy in
      dy[0] = -y[0] + (Int(7 * t) % 2 == 0 ? 0 : 1)
    }
    var exact = 1.0
    for k in 0..<140 {
      let side = k % 2 == 0 ? 0.0 : 1.0
      exact = side + (exact - side) * exp(-1.0 / 7)
    }
    let solution = try integrate(
      ODEProblem(system, to: 20, initialState: [1]), with: Automatic(rtol: 1e-6, atol: 1e-9))
    #expect(solution.choice?.hasPrefix("dop853: ") == true, "\(solution.choice ?? "-")")
    #expect(abs(solution.state[0] - exact) < 1e-4, "\(solution.state[0] - exact)")
    #expect(solution.remarks.contains { $0.name == "chattering" })
  }

  @Test("takes rodas only where rounding of the largest component does not matter")
  func rounding() throws {
    let e5 = ReferenceProblem.e5
    let solution = try integrate(e5.problem, with: Automatic(rtol: 1e-3, atol: 1e-3 * e5.atolRatio))
    #expect(solution.choice?.hasPrefix("radau: ") == true, "\(solution.choice ?? "-")")
    #expect(e5.error(of: solution.state) < 0.1, "\(e5.error(of: solution.state))")
  }

  /// At 1e-2 a jump between the third and the fourth stage of Dormand and Prince's shows in no error estimate: with steps as long as that `x(20)` is
  /// -4.3 for 0.0125.
  @Test("pairs that jumps would fool are careful from the first ones on", arguments: [0.3, 0.1, 1e-2, 3e-3])
  func fooled(rtol: Double) throws {
    let reference = ReferenceProblem.stickSlip
    for pair in [
      DormandPrince(rtol: rtol, atol: 1e-3 * rtol) as any Integrator, DOP853(rtol: rtol, atol: 1e-3 * rtol),
    ] {
      let solution = try integrate(reference.problem, with: pair)
      #expect(reference.error(of: solution.state) < 1e-2, "\(pair.name): \(solution.state)")
      let remarks = Set(solution.remarks.map(\.name))
      #expect(remarks.isSuperset(of: ["chattering", "tightened"]), "\(solution.remarks)")
    }
  }

  @Test("smooth solutions show no jumps, and keep the tolerance that was asked for")
  func smooth() throws {
    for smooth in [ReferenceProblem.lorenz, .arenstorf, .pleiades, .kepler, .threeBody] {
      for rtol in [3e-3, 1e-3, 1e-6] {
        for pair in [
          DormandPrince(rtol: rtol, atol: 1e-3 * rtol) as any Integrator,
          DOP853(rtol: rtol, atol: 1e-3 * rtol),
        ] {
          let solution = try integrate(smooth.problem, with: pair)
          #expect(
            !solution.remarks.contains { ["chattering", "tightened"].contains($0.name) },
            "\(smooth.name) \(pair.name) \(rtol) \(solution.remarks)")
        }
      }
    }
  }

  /// The beam's frequencies, 6400, are undamped: no step of a pair is longer than 5e-4, and accuracy hides that stability holds it.
  @Test("leaves undamped stiff motion to radau from the start")
  func beam() throws {
    let reference = ReferenceProblem.beam
    let solution = try integrate(reference.problem, with: Automatic(rtol: 1e-3, atol: 1e-6))
    #expect(solution.returnCode == .success && reference.error(of: solution.state) < 1e-2)
    #expect(solution.statistics.nfev < 4000, "\(solution.statistics.nfev)")
  }

  @Test("begins with the implicit method where a band is declared")
  func banded() throws {
    for reference in [ReferenceProblem.heat, .allenCahn, .brusselator] {
      for (rtol, name) in [(1e-3, "radau"), (1e-6, "cvode-bdf")] {
        let solution = try integrate(reference.problem, with: Automatic(rtol: rtol, atol: 1e-3 * rtol))
        #expect(
          solution.choice?.hasPrefix("\(name): the system declares a band") == true,
          "\(solution.choice ?? "-")")
        #expect(reference.error(of: solution.state) < 10 * rtol)
      }
    }
  }
}
