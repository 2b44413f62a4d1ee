import Foundation
import ODECore
import ODETestKit
import Testing

@testable import RungeKutta

@Suite("The stability of embedded pairs")
struct StabilityLimitTests {
  @Test("intervals on the negative real axis are those of the literature")
  func intervals() throws {
    // Hairer, Wanner, Solving ODEs II, IV.2 and figure 2.1: 2 for orders 1 and 2, 2.51 for 3, 2.785 for 4,
    // 3.3 for DOPRI5. To more digits they are zeros of R(z) - 1 or R(z) + 1; for order 3 and s = 3
    // that is z^2 + 3z + 6 + 12/z = 0, real zero 2.512745326618329.
    #expect(abs(BogackiShampine.tableau.realStabilityInterval - 2.512745326618329) < 1e-12)
    #expect(abs(ClassicalRK4.tableau.realStabilityInterval - ClassicalRK4.stabilityLimit) < 1e-12)
    #expect(abs(Euler.tableau.realStabilityInterval - 2) < 1e-12)
    #expect(abs(DormandPrince.tableau.realStabilityInterval - 3.3066) < 1e-3)
  }

  @Test("the polynomial of dormand-prince is that of the literature")
  func polynomial() {
    // Hairer, Wanner, Solving ODEs II, IV.2, DOPRI5: 1 + z + z^2/2 + z^3/6 + z^4/24 + z^5/120 + z^6/600.
    let expected = [1, 1, 1 / 2.0, 1 / 6.0, 1 / 24.0, 1 / 120.0, 1 / 600.0, 0]
    let got = DormandPrince.tableau.stabilityPolynomial
    #expect(got.count == 8 && zip(got, expected).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  /// Two uncoupled decays, the fast one long over.
  private final class Stiff: SpectralRadiusEstimating {
    let dimension = 2
    var askedAfter: [Double] = []
    func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      dy[0] = -y[0]
      dy[1] = -1000 * y[1]
    }
    func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double {
      askedAfter.append(t)
      return 1000
    }
  }

  private func run(_ integrator: some Integrator) throws -> (Solution, Stiff, [Double]) {
    let system = Stiff()
    let observer = RecordingObserver()
    let solution = try integrate(
      ODEProblem(system, to: 20, initialState: [1, 1]), with: integrator, observers: [observer])
    return (solution, system, observer.stepTimes)
  }

  @Test("steps are at most 0.8 of the interval over rho, and fast modes die out")
  func limit() throws {
    for (pair, interval) in [
      (EmbeddedRungeKutta(DormandPrince.tableau, StepControl(rtol: 1e-3, atol: 1e-6)), 3.3066),
      (EmbeddedRungeKutta(BogackiShampine.tableau, StepControl(rtol: 1e-3, atol: 1e-6)), 2.5127),
    ] {
      let (solution, system, stepEnds) = try run(pair)
      let steps = zip(stepEnds.dropFirst(), stepEnds).map { $0 - $1 }
      // The last one may be stretched by a hundredth.
      #expect(steps.max()! <= 1.011 * 0.8e-3 * interval && steps.max()! > 0.79e-3 * interval)
      #expect(abs(solution.state[1]) < 1e-100, "\(solution.state[1])")
      // After 25, 50 more, 100 more, and from then on every 200 steps: rho does not change.
      #expect(system.askedAfter.count == 4 + (solution.statistics.accepted - 176) / 200)
      let times = [0] + stepEnds
      #expect(system.askedAfter.prefix(5) == [times[0], times[25], times[75], times[175], times[375]])
      #expect(solution.statistics.rejected <= 1)
    }
  }

  @Test("without the limit a mode that should have died lives on at the size of the tolerance")
  func withoutLimit() throws {
    let (solution, system, stepEnds) = try run(
      BogackiShampine(rtol: 1e-3, atol: 1e-6, limitsStepByStability: false))
    let steps = zip(stepEnds.dropFirst(), stepEnds).map { $0 - $1 }
    #expect(steps.max()! > 0.95e-3 * 2.5127)
    #expect(abs(solution.state[1]) > 1e-9, "\(solution.state[1])")
    // For the first step only.
    #expect(system.askedAfter == [0])
  }

  @Test("rho is estimated every 25 steps while it changes")
  func changingRho() throws {
    final class Ramp: SpectralRadiusEstimating {
      let dimension = 1
      var askedAt: [Double] = []
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
        dy[0] = -t * y[0]
      }
      func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double {
        askedAt.append(t)
        return t
      }
    }
    let ramp = Ramp()
    let observer = RecordingObserver()
    // Steps of 0.01: rho grows by a fifth and more in 25 of them up to t = 1.25, by a twentieth at t = 5.
    _ = try integrate(
      ODEProblem(ramp, to: 3, initialState: [1]), with: DormandPrince(initialStep: 0.01, maxStep: 0.01),
      observers: [observer])
    let times = [0] + observer.stepTimes
    #expect(ramp.askedAt == stride(from: 0, to: 300, by: 25).map { times[$0] })
  }

  @Test("systems without an estimate are not limited")
  func noEstimate() throws {
    let plain = ClosureSystem(dimension: 2) { _, y, dy in (dy[0], dy[1]) = (-y[0], -1000 * y[1]) }
    let problem = try ODEProblem(plain, to: 20, initialState: [1, 1])
    let on = try integrate(problem, with: DormandPrince(rtol: 1e-3))
    let off = try integrate(problem, with: DormandPrince(rtol: 1e-3, limitsStepByStability: false))
    #expect(on.statistics.accepted == off.statistics.accepted && on.state == off.state)
  }

  @Test("a problem too stiff for any step ends in stepSizeUnderflow")
  func tooStiff() throws {
    final class Extreme: SpectralRadiusEstimating {
      let dimension = 1
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) { dy[0] = 0 }
      func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double { t > 1.5 ? 1e20 : 1 }
    }
    let solution = try integrate(
      ODEProblem(Extreme(), from: 1, to: 1000, initialState: [1]), with: DormandPrince())
    #expect(solution.returnCode == .stepSizeUnderflow && solution.message.contains("too stiff"))
    #expect(solution.time > 1.5)
  }
}
