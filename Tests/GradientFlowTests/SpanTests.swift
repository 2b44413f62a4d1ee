import Foundation
import GradientFlow
import ODECore
import Testing

/// What follows from `Q^T Q = I` and from `x_i` in the span of `Q`: the flow itself is the oracle.
@Suite("Coordinates in the span of the inputs") struct SpanTests {
  /// Sums of so many terms of size 1 are right to this, times their number at worst.
  private let rounding = 1e-13

  @Test("keep every inner product and norm", arguments: [Size(7, 30, 5), Size(300, 100, 40), Size(3, 9, 1)])
  func isometry(size: Size) throws {
    let problem = try RandomProblem(size)
    let coordinates = try SpanCoordinates(problem.data.inputs)
    #expect(coordinates.rank == size.n && coordinates.isWorthwhile)
    let reduced = coordinates.reduce(problem.state, width: size.m)
    let (m, r) = (size.m, coordinates.rank)
    #expect(reduced.count == m * (r + 2))
    #expect(reduced.prefix(m) == problem.state.prefix(m))
    func w(_ k: Int) -> [Double] { (1...size.d).map { problem.state[$0 * m + k] } }
    func u(_ k: Int) -> [Double] { (1...r + 1).map { reduced[$0 * m + k] } }
    for i in 0..<size.n {
      let (x, z) = (Array(problem.data.input(i)), Array(coordinates.inputs[i]))
      #expect(z.last == 0)
      for j in 0..<size.n {
        let expected = dot(x, Array(problem.data.input(j)))
        #expect(abs(dot(z, Array(coordinates.inputs[j])) - expected) <= rounding * Double(size.d))
      }
      for k in 0..<m { #expect(abs(dot(u(k), z) - dot(w(k), x)) <= rounding * Double(size.d)) }
    }
    for k in 0..<m { #expect(abs(dot(u(k), u(k)) - dot(w(k), w(k))) <= rounding * Double(size.d)) }
  }

  @Test("have the same flow", arguments: [1, 3])
  func sameFlow(threads: Int) throws {
    let size = Size(700, 60, 12)
    let problem = try RandomProblem(size)
    let flow = try problem.flow(PointwiseActivation.tanh)
    let representation = try FlowRepresentation(
      of: flow, from: problem.state, in: SpanCoordinates(problem.data.inputs), threads: threads)
    #expect(representation.isReduced && representation.flow === flow)
    let start = representation.integratedStart
    let expected = flow.derivative(at: problem.state)
    let slope = representation.integrated.derivative(at: start)
    #expect(slope.suffix(size.m).allSatisfy { $0 == 0 })
    // A step along it, lifted, less the start.
    let moved = representation.ambient(zip(start, slope).map { $0 + $1 })
    for (i, value) in moved.enumerated() {
      #expect(abs(value - problem.state[i] - expected[i]) <= rounding * Double(size.d))
    }
    #expect(representation.ambient(start) == problem.state)
  }

  @Test("without a reduction the flow represents itself, and states pass through unchanged and uncopied")
  func identity() throws {
    let problem = try RandomProblem(Size(9, 3, 5))
    let flow = try problem.flow(PointwiseActivation.relu)
    let representation = try FlowRepresentation(of: flow, from: problem.state)
    #expect(!representation.isReduced && representation.integrated === flow)
    #expect(representation.integratedStart == problem.state)
    let y = StateVector(problem.direction)
    let seen = y.withSpan { span in
      representation.withAmbient(span, scratch: StateVector(count: 0)) {
        $0.withUnsafeBufferPointer { $0.baseAddress }
      }
    }
    #expect(seen == UnsafePointer(y.pointer))
    let copy = StateVector(count: flow.dimension)
    y.withSpan { representation.lift($0, into: copy) }
    #expect(copy.array == problem.direction && representation.ambient(problem.direction) == problem.direction)
  }

  @Test("do not depend on the number of threads")
  func threads() throws {
    let problem = try RandomProblem(Size(1000, 40, 5))
    let coordinates = try SpanCoordinates(problem.data.inputs)
    let one = coordinates.reduce(problem.state, width: 1000, threads: 1)
    #expect(one == coordinates.reduce(problem.state, width: 1000, threads: 3))
  }

  @Test("count repeated and dependent inputs once")
  func rankDeficient() throws {
    var numbers = TestNumbers(5)
    let rows = (0..<4).map { _ in numbers.uniform(29) }
    // The third is half of the first two together, the bias coordinate included.
    let mean = zip(rows[0], rows[1]).map { ($0 + $1) / 2 }
    let data = try Dataset(
      name: "twins", features: rows + rows + [mean], targets: numbers.uniform(9))
    let coordinates = try SpanCoordinates(data.inputs)
    #expect(coordinates.rank == 4 && coordinates.isWorthwhile)
    for i in 0..<9 {
      let length = dot(Array(data.input(i)), Array(data.input(i)))
      #expect(abs(dot(Array(coordinates.inputs[i]), Array(coordinates.inputs[i])) - length) < 1e-12)
    }
  }

  @Test(
    "do not pay unless they are half as many", arguments: [(5, 12, true), (6, 12, false), (40, 12, false)])
  func pays(n: Int, d: Int, pays: Bool) throws {
    let problem = try RandomProblem(Size(1, d, n))
    let coordinates = try SpanCoordinates(problem.data.inputs)
    #expect(coordinates.rank == min(n, d) && coordinates.isWorthwhile == pays)
  }

  @Test(
    "of many samples are found where these span little, and not looked for where a part of them spans too much"
  )
  func manySamples() throws {
    var numbers = TestNumbers(8)
    let basis = (0..<4).map { _ in numbers.uniform(12) }
    let rows = (0..<200).map { i in (0..<12).map { basis[i % 4][$0] * Double(1 + i) } }
    #expect(try SpanCoordinates.ifWorthwhile(Inputs(rows.flatMap { $0 }, dimension: 12))?.rank == 4)
    #expect(try SpanCoordinates.ifWorthwhile(RandomProblem(Size(1, 12, 200)).data.inputs) == nil)
    // One sample of a hundred outside: the part that is looked at need not contain it.
    let mixed = (0..<200).map { $0 == 150 ? numbers.uniform(12) : rows[$0] }
    #expect(try SpanCoordinates.ifWorthwhile(Inputs(mixed.flatMap { $0 }, dimension: 12))?.rank == 5)
  }

  private func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
}
