import Foundation
import GradientFlow
import ODECore
import Testing

@testable import KinkAwareIntegrator

@Suite("The Filippov problem where kinks meet")
struct FilippovCornerTests {
  /// At the kink of `x_2 = (0.33, 1)` with samples 0, 1 off and 3 on: below, the force is `e_3 x_3`, above it is that and
  /// `e_2 x_2`. A neuron with alpha > 0 is pushed against the force.
  @Test("a kink that attracts holds, with the velocity along it; one that does not is crossed")
  func single() throws {
    let problem = try Bench().problem
    let x2 = [0.33, 1], x3 = [1.0, 1]
    let square = 0.33 * 0.33 + 1
    let ratio = (0.33 + 1) / square
    // e_3 = -1 pushes upwards, e_2 = 2 downwards: 0 < ratio/2 < 1.
    let corner = FilippovCorner(problem: problem, residuals: [0, 0, 2, -1], sign: 1)
    #expect(corner.velocitySquared([-1, -1, 1, 1], at: [2]) == nil)
    #expect(corner.velocitySquared([-1, -1, -1, 1], at: [2]) == nil)
    let along = zip(x3, x2).map { $0 - ratio * $1 }
    let held = try #require(corner.velocitySquared([-1, -1, 0, 1], at: [2]))
    #expect(abs(held - along.reduce(0) { $0 + $1 * $1 }) <= 1e-15)
    #expect(corner.wayOut(from: [-1, -1, -1, 1], corner: [2], preferring: .mostHeld) == [-1, -1, 0, 1])
    // e_2 = 1 is too weak: it crosses.
    let weak = FilippovCorner(problem: problem, residuals: [0, 0, 1, -1], sign: 1)
    #expect(weak.velocitySquared([-1, -1, 0, 1], at: [2]) == nil)
    #expect(weak.wayOut(from: [-1, -1, -1, 1], corner: [2], preferring: .mostHeld) == [-1, -1, 1, 1])
  }

  @Test("a kink that repels is left to the steeper side")
  func repelling() throws {
    // With alpha < 0 the forces of the first corner above point away from the kink: |x_3|^2 against |2 x_2 - x_3|^2.
    let corner = FilippovCorner(problem: try Bench().problem, residuals: [0, 0, 2, -1], sign: -1)
    #expect(corner.velocitySquared([-1, -1, 0, 1], at: [2]) == nil)
    let low = try #require(corner.velocitySquared([-1, -1, -1, 1], at: [2]))
    let high = try #require(corner.velocitySquared([-1, -1, 1, 1], at: [2]))
    #expect(abs(low - 2) <= 1e-15 && abs(high - (0.34 * 0.34 + 1)) <= 1e-15)
    #expect(corner.wayOut(from: [-1, -1, 0, 1], corner: [2], preferring: .steepest) == [-1, -1, -1, 1])
  }

  /// To first order R changes by `g(u) |w|`, `g(u) = sign sum_i e_i sigma(x_i.u)`; minimising movements leave `w = 0` in
  /// the direction in which `g` is least, with the speed `-min g`. The minimum by a search over a fine grid of angles:
  /// near it `g` is `min g cos` of the angle or has a corner there, so 1e5 angles miss it by less than 1e-4 |e|.
  @Test("from w = 0 the way out is the steepest descent of all directions", arguments: 1...60)
  func origin(_ seed: Int) throws {
    let slope = [0, 0.2, -0.7][seed % 3]
    let problem = try Bench(TwoSlopes(negative: slope, positive: 1)).problem
    let random = try GaussianStart(seed: UInt64(seed)).state(for: NetworkShape(width: 4, inputDimension: 1))
    let e = Array(random[0..<4])
    let sign = seed % 2 == 0 ? 1.0 : -1
    var least = 0.0
    for step in 0..<100_000 {
      let angle = Double(step) * 2 * .pi / 100_000
      var g = 0.0
      for i in 0..<4 {
        let z = problem.x(i)[0] * cos(angle) + problem.x(i)[1] * sin(angle)
        g += e[i] * max(slope * z, z)
      }
      // max(slope z, z) is the activation for slopes below 1.
      least = min(least, sign * g)
    }
    let corner = FilippovCorner(problem: problem, residuals: e, sign: sign)
    guard let way = corner.descentFromOrigin() else {
      #expect(least > -1e-12)
      return
    }
    let speed = try #require(corner.velocitySquared(way, at: [0, 1, 2, 3])).squareRoot()
    #expect(abs(speed + least) <= 1e-4 * e.map(abs).max()!, "\(speed) against \(-least)")
  }

  @Test("where the loss falls in no direction the neuron rests")
  func rest() throws {
    let problem = try Bench().problem
    // All residuals positive and alpha > 0: every output only adds to the loss.
    #expect(FilippovCorner(problem: problem, residuals: [1, 2, 3, 4], sign: 1).descentFromOrigin() == nil)
    #expect(FilippovCorner(problem: problem, residuals: [1, 2, 3, 4], sign: -1).descentFromOrigin() != nil)
  }

  /// `e_i = 1` but `e_3 = 1 - 4 t`: on each ray `g(u) = sum_i e_i (x_i.u)+` is linear in t, and the first zero is known.
  @Test("rays tell when a resting neuron can descend")
  func rays() throws {
    let bench = try Bench()
    bench.setPath([1, 1, 1, 1], [0, 0, 0, -4])
    let x = (0..<4).map { [bench.problem.x($0)[0], bench.problem.x($0)[1]] }
    // Of each ray: g = a + b t.
    var expected = Double.infinity
    for k in 0..<4 {
      for turn in [-1.0, 1] {
        let u = [-turn * x[k][1], turn * x[k][0]]
        let on: [Double] = (0..<4).map { i in i == k ? 0 : max(u[0] * x[i][0] + u[1] * x[i][1], 0) }
        let (a, b) = (on.reduce(0, +), -4 * on[3])
        if a > 0, b < -a { expected = min(expected, -a / b) }
      }
    }
    // The kink of sample 2: only sample 3 is on there, so the loss can fall from e_3 = 0 on.
    #expect(expected == 0.25)
    let rays = OriginRays(bench.problem)
    #expect(abs(rays.firstDescent(along: bench.path, 1, after: 0) - expected) <= 1e-9)
    let rest = try bench.modes.modeAtRest(1)
    rest.prepareEvents(along: bench.path)
    #expect(rest.events.release.when == rays.firstDescent(along: bench.path, 1, after: 0))
    // With alpha < 0 it can descend at once.
    #expect(rays.firstDescent(along: bench.path, -1, after: 0) == 0)
  }
}
