import CKinkFlow
import Foundation
import GradientFlow
import ODECore
import Testing

@testable import KinkAwareIntegrator

@Suite("Neurons are followed through their events")
struct EventTracerTests {
  /// One neuron that only sample 3, `x = (1, 1)`, moves: `b = -(kappa/n) e_3 x_3 = (c, c)`, so `w` moves along (1, 1) by
  /// `alpha(t) = A cosh(r t) + B sinh(r t)`, `r = c sqrt 2`, and `h_i = w.x_i` is known in closed form.
  private let e3 = -0.8
  private var c: Double { -0.5 / 4 * e3 }
  private func neuron(_ t: Double, _ alpha: Double, _ w: [Double]) -> [Double] {
    let r = c * 2.0.squareRoot()
    let along = (w[0] + w[1]) / 2.0.squareRoot()
    let a = alpha * cosh(r * t) + along * sinh(r * t)
    let s = along * cosh(r * t) + alpha * sinh(r * t) - along
    return [a, w[0] + s / 2.0.squareRoot(), w[1] + s / 2.0.squareRoot()]
  }

  private func tracer(_ bench: Bench) -> EventTracer {
    EventTracer(bench.problem, bench.modes, bench.path, bench.pool)
  }

  @Test("a neuron that crosses a kink ends where the closed form puts it, on the other side")
  func crossing() throws {
    let bench = try Bench()
    let start = [1.0, 0.9, -0.35]
    // h_2 = 0.33 w_1 + w_2 = -0.053 < 0 < h_3, and h_2 grows.
    bench.setPath([0, 0, 0, e3], length: 1)
    let mode = try bench.modes.mode([-1, -1, -1, 1])
    mode.neurons.append(start, id: 0)
    let tracer = tracer(bench)
    try tracer.run()
    #expect(tracer.neurons.count == 1 && tracer.counts.crossings == 1 && tracer.counts.captures == 0)
    let item = tracer.neurons.items[0]
    #expect(bench.modes[Int(item.place)].pattern.array == [-1, -1, 1, 1])
    // As e_2 = 0 the motion is the same beyond the kink.
    let end = neuron(1, start[0], Array(start[1...]))
    for q in 0..<3 { #expect(abs(tracer.neurons.theta[q] - end[q]) <= 1e-15) }
    let at = neuron(item.time, start[0], Array(start[1...]))
    #expect(abs(0.33 * at[1] + at[2]) <= 1e-15 && item.time > 0.1 && item.time < 0.9)
    // Half way, the same way.
    tracer.neurons.remember(bench.modes)
    try tracer.runAgain(until: 0.5)
    let half = neuron(0.5, start[0], Array(start[1...]))
    for q in 0..<3 { #expect(abs(tracer.neurons.theta[q] - half[q]) <= 1e-15) }
  }

  @Test("a kink that attracts holds the neuron, which then slides")
  func capture() throws {
    let bench = try Bench()
    bench.setPath([0, 0, 2, e3], length: 1)
    let mode = try bench.modes.mode([-1, -1, -1, 1])
    mode.neurons.append([1.0, 0.9, -0.35], id: 0)
    let tracer = tracer(bench)
    try tracer.run()
    #expect(tracer.counts.captures == 1)
    let place = bench.modes[Int(tracer.neurons.items[0].place)]
    #expect(place.pattern.array == [-1, -1, 0, 1])
    let theta = tracer.neurons.theta
    #expect(abs(0.33 * theta[1] + theta[2]) <= 1e-16)
    // (77).
    let invariant = theta[1] * theta[1] + theta[2] * theta[2] - theta[0] * theta[0]
    #expect(abs(invariant - (0.81 + 0.35 * 0.35 - 1)) <= 1e-15)
    // What the event changes is what the disturbed modes account for: here the sum of alpha W at the end.
    let undisturbed = neuron(1, 1, [0.9, -0.35])
    for d in 0..<2 {
      let followed = theta[0] * theta[1 + d], without = undisturbed[0] * undisturbed[1 + d]
      let total = tracer.disturbed.reduce(0) { $0 + $1.motion.corrections[2 * 2 + d] }
      #expect(abs(total - (followed - without)) <= 1e-15)
    }
  }

  @Test("neurons without events are not followed")
  func nothing() throws {
    let bench = try Bench()
    bench.setPath([0, 0, 0, e3], length: 1)
    let mode = try bench.modes.mode([-1, -1, 1, 1])
    mode.neurons.append([1.0, 0.9, 0.2], id: 0)
    let tracer = tracer(bench)
    try tracer.run()
    #expect(tracer.neurons.count == 0 && tracer.disturbed.allSatisfy { $0.motion.corrections[0] == 0 })
  }
}
