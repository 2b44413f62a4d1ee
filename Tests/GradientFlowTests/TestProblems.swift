import Foundation
import GradientFlow
import ODECore

/// Deterministic random numbers (SplitMix64), so that a failing test fails again.
struct TestNumbers: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform(_ count: Int, in range: ClosedRange<Double> = -1...1) -> [Double] {
    (0..<count).map { _ in Double.random(in: range, using: &self) }
  }

  /// Standard normal, by Box and Muller.
  mutating func normal(_ count: Int) -> [Double] {
    (0..<count).map { _ in
      let u = 1 - Double.random(in: 0..<1, using: &self)
      return (-2 * log(u)).squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }
  }
}

/// A size of a problem.
struct Size: CustomStringConvertible, Sendable {
  let m, d, n: Int
  init(_ m: Int, _ d: Int, _ n: Int) { (self.m, self.d, self.n) = (m, d, n) }
  var description: String { "m=\(m) d=\(d) n=\(n)" }
}

/// Random data of a given size, and a random state with a direction.
struct RandomProblem {
  let data: Dataset
  let width: Int
  let state: [Double]
  let direction: [Double]

  init(_ size: Size, seed: UInt64 = 1, targets: ClosedRange<Double> = -1...1) throws {
    var numbers = TestNumbers(seed &* 1000 &+ UInt64(size.m * 7919 + size.d * 104_729 + size.n))
    data = try Dataset(
      name: "random", features: (0..<size.n).map { _ in numbers.uniform(size.d - 1) },
      targets: numbers.uniform(size.n, in: targets))
    width = size.m
    state = numbers.normal(size.m * (size.d + 1))
    direction = numbers.uniform(size.m * (size.d + 1))
  }

  func flow(
    _ activation: some Activation, loss: some Loss = PointwiseLoss.squared, kappa: Double = 0.7,
    kappaPrime: Double = 1.6, threads: Int? = nil, path: FlowPath? = nil
  ) throws -> TwoLayerFlow {
    try TwoLayerFlow(
      width: width, data: data, scaling: Scaling(kappa: kappa, kappaPrime: kappaPrime),
      activation: activation, loss: loss, threads: threads, path: path)
  }
}

extension TwoLayerFlow {
  /// `f(0, y)` as an array.
  func derivative(at y: [Double]) -> [Double] {
    let dy = StateVector([Double](repeating: .nan, count: dimension))
    StateVector(y).withSpan { y in dy.withMutableSpan { derivative(0, y, into: &$0) } }
    return dy.array
  }

  func product(at y: [Double], _ v: [Double]) -> [Double] {
    let jv = StateVector([Double](repeating: .nan, count: dimension))
    StateVector(y).withSpan { y in
      StateVector(v).withSpan { v in
        jv.withMutableSpan { jacobianVectorProduct(0, y, v, into: &$0) }
      }
    }
    return jv.array
  }
}

/// `max_i |a_i - b_i| / max_i |b_i|`, NaN if an element is NaN.
func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  let scale = b.map { abs($0) }.max() ?? 0
  var worst = 0.0
  for (x, y) in zip(a, b) {
    let difference = abs(x - y)
    if difference.isNaN { return .nan }
    worst = max(worst, difference)
  }
  return worst == 0 ? 0 : worst / scale
}

/// The first index at which two vectors differ in any bit; comparing arrays themselves would have a failing
/// `#expect` compute their edit distance.
func firstDifference(_ a: [Double], _ b: [Double]) -> Int? {
  precondition(a.count == b.count)
  return a.indices.first { a[$0].bitPattern != b[$0].bitPattern }
}
