import GradientFlow
import ObserversPlugins
import Testing

@Suite("The neuron-wise bound (75)")
struct NeuronBoundTests {
  /// Two neurons, kappa' = 1/2: the bounds at the end are 2 |(3, 4)| + 1 = 11 and 2 |(0, 1)| + 2 = 4.
  @Test("takes the largest ratio of |a| to its bound, over neurons and steps")
  func ratio() throws {
    let flow = try makeFlow(width: 2, kappaPrime: 0.5)
    let start = state([(1, [0, 0]), (-2, [0, 1])])
    let end = state([(-5.5, [3, 4]), (3, [0, 1])])
    // At the start: 1/1 and 2/4.
    #expect(try NeuronBound().watch(flow, [(0, start)])["maxRatio"] == .number(1))
    let moved = state([(1, [3, 4]), (-2, [0, 1])])
    let run = try NeuronBound().watch(flow, [(0, moved), (1, end)])
    #expect(run.number("maxRatio").isNear(0.75))
    #expect(run["applicable"] == .flag(true))
  }

  @Test("a state that breaks the bound shows a ratio above 1, and NaN stays")
  func broken() throws {
    let flow = try makeFlow(width: 1)
    let start = state([(1, [0, 1])])
    let broken = try NeuronBound().watch(flow, [(0, start), (1, state([(3, [0, 1])])), (2, start)])
    #expect(broken.number("maxRatio").isNear(1.5))
    let nan = try NeuronBound().watch(flow, [(0, start), (1, state([(.nan, [0, 1])])), (2, start)])
    #expect(nan.number("maxRatio").isNaN)
  }

  @Test("says that it does not apply to tanh")
  func tanh() throws {
    let flow = try makeFlow(width: 1, activation: Tanh())
    #expect(try NeuronBound().watch(flow, [(0, state([(1, [0, 1])]))])["applicable"] == .flag(false))
  }
}
