import GradientFlow
import ObserversPlugins
import Testing

@Suite("Conservation (77)")
struct ConservationTests {
  @Test("holds where kappa'^2 (a^2 - a0^2) = |w|^2 - |w0|^2")
  func exact() throws {
    // kappa' = 2: a from 1 to 2 adds 4 * 3 = 12; |w|^2 goes from 5 to 17.
    let result = try Conservation().watch(
      makeFlow(width: 1, kappaPrime: 2), [(0, state([(1, [1, 2])])), (1, state([(2, [1, 4])]))])
    #expect(result == ["maxDefect": .number(0), "applicable": .flag(true)])
  }

  @Test("reports the worst neuron and time, by the stated normalisation", arguments: [0, 7, 511, 512, 1029])
  func defect(bad: Int) throws {
    let width = 1030
    let start = [(a: Double, w: [Double])](repeating: (1, [1, 2]), count: width)
    var middle = [(a: Double, w: [Double])](repeating: (2, [1, 4]), count: width)
    // |w|^2 = 18 where 17 is due: 1 / (4 * 4 + 18).
    middle[bad].w = [3, 3]
    let observer = Conservation()
    let flow = try makeFlow(width: width, kappaPrime: 2)
    let result = try observer.watch(flow, [(0, state(start)), (1, state(middle)), (2, state(start))])
    #expect(result.number("maxDefect").isNear(1.0 / 34))
    #expect(flow.withSnapshot(at: 2, of: state(start)) { observer.record($0) } == [0])
  }

  @Test("counts a shrinking neuron by its size at the start, and a dead one not at all")
  func sizes() throws {
    // a from 2 to 1, w stays: defect 3 / (4 + 5).
    let result = try Conservation().watch(
      makeFlow(width: 2),
      [
        (0, state([(2, [1, 2]), (0, [0, 0])])), (1, state([(1, [1, 2]), (0, [0, 0])])),
      ])
    #expect(result.number("maxDefect").isNear(3.0 / 9))
  }

  @Test("is kept by a network that is zero, and says 0 of it")
  func zero() throws {
    let observer = Conservation()
    let flow = try makeFlow(width: 3)
    let y = state([(0, [0, 0]), (0, [0, 0]), (0, [0, 0])])
    #expect(try observer.watch(flow, [(0, y), (1, y)])["maxDefect"] == .number(0))
    #expect(flow.withSnapshot(at: 1, of: y) { observer.record($0) } == [0])
  }

  @Test("is not applicable to an activation that is not homogeneous of degree 1")
  func otherActivation() throws {
    let result = try Conservation().watch(
      makeFlow(width: 1, activation: Tanh()), [(0, state([(1, [1, 2])])), (1, state([(2, [5, 2])]))])
    #expect(result == ["maxDefect": .text("not applicable"), "applicable": .flag(false)])
  }

  @Test("does not hide a state that is not a number", arguments: [3, 600])
  func notANumber(bad: Int) throws {
    let start = [(a: Double, w: [Double])](repeating: (1, [1, 2]), count: 700)
    var end = start
    end[bad].a = .nan
    let result = try Conservation().watch(
      makeFlow(width: 700), [(0, state(start)), (1, state(end)), (2, state(start))])
    #expect(result.number("maxDefect").isNaN)
  }
}
