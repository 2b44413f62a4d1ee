import GradientFlow
import ObserversPlugins
import Testing

@Suite("Relative distance")
struct RelativeDistanceTests {
  // |a| = 5 and |w| = 5 at the start.
  let start = state([(3, [1, 2]), (4, [2, 4])])

  @Test("is the distance over the length of the start, for w, a and both (16)")
  func closedForm() throws {
    let observer = RelativeDistance()
    // a moves by (0.3, 0.4), the w by (3, 0) and (0, 4).
    let later = state([(3.3, [4, 2]), (4.4, [2, 8])])
    let flow = try makeFlow(width: 2)
    let result = try observer.watch(flow, [(0, start), (1, later)])
    #expect(result.number("a").isNear(0.1))
    #expect(result.number("w").isNear(1))
    #expect(result.number("theta").isNear((25.25 / 50).squareRoot()))
    let row = flow.withSnapshot(at: 1, of: later) { observer.record($0) }
    #expect(row == [result.number("w"), result.number("a"), result.number("theta")])
    #expect(observer.columns == ["rdW", "rdA", "rdTheta"])
  }

  @Test("keeps the largest value of all accepted steps, also when the state comes back")
  func supremum() throws {
    let far = state([(3, [1, 2]), (4, [2, 14])])
    let result = try RelativeDistance().watch(
      makeFlow(width: 2), [(0, start), (1, far), (2, start)])
    #expect(result["w"] == .number(0))
    #expect(result.number("supW").isNear(2))
    #expect(result["supA"] == .number(0))
    #expect(result.number("supTheta").isNear((100.0 / 50).squareRoot()))
  }

  @Test("agrees with the plain sums for every width up to 40", arguments: 1...40)
  func lanes(width: Int) throws {
    func neurons(_ s: Double) -> [(a: Double, w: [Double])] {
      (0..<width).map { k in
        let a: Double = 1 + s * Double(k % 7)
        let w: [Double] = [Double(k) - s, 2 * s + Double(k * k % 11)]
        return (a, w)
      }
    }
    let (from, to) = (neurons(0), neurons(0.25))
    func length(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let w0 = from.flatMap(\.w)
    let dw = zip(w0, to.flatMap(\.w)).map { $1 - $0 }
    let da = zip(from, to).map { $1.a - $0.a }
    let result = try RelativeDistance().watch(
      makeFlow(width: width), [(0, state(from)), (1, state(to))])
    let expected = length(w0) > 0 ? length(dw) / length(w0) : .infinity
    #expect(result.number("w") == expected || result.number("w").isNear(expected))
    #expect(result.number("a").isNear(length(da) / length(from.map(\.a))))
  }

  @Test("has no value for a part that starts at zero, and other parts keep theirs")
  func zeroStart() throws {
    let y0 = state([(0, [1, 0])])
    let flow = try makeFlow(width: 1)
    let still = try RelativeDistance().watch(flow, [(0, y0), (1, y0)])
    #expect(still.number("a").isNaN && still["w"] == .number(0))
    let moved = try RelativeDistance().watch(flow, [(0, y0), (1, state([(1, [1, 0.5])]))])
    #expect(moved.number("a") == .infinity && moved.number("supA") == .infinity)
    #expect(moved.number("w").isNear(0.5))
  }
}
