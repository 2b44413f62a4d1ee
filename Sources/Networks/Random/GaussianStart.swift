/// A random start, `a_k ~ N(0, s_a^2)` and `w_k ~ N(0, s_w^2 I_d)`, (11) with the default `s_a = s_w = 1`.
///
/// The numbers are drawn neuron by neuron, `a_k` before `w_k1, ..., w_kd`: with unit deviations the `k`-th
/// neuron is row `k` of NumPy's `default_rng(seed).standard_normal((m, d + 1))`, bit for bit.
public struct GaussianStart: Equatable, Sendable {
  /// That of NumPy's `default_rng(seed)`.
  public let seed: UInt64
  /// Antisymmetric initialisation (ASI): `m / 2` neurons are drawn as above, neuron `k + m/2` has the `w` of
  /// neuron `k` and the opposite `a`, so that `f = 0` at the start. (In floating point `f` is exactly 0 only if
  /// the sum over neurons adds the two of a pair to each other or both halves in the same order; otherwise it
  /// is of the size of rounding.)
  public let isAntisymmetric: Bool
  /// `s_a`.
  public let outputDeviation: Double
  /// `s_w`.
  public let inputDeviation: Double

  /// A start from its parts.
  public init(
    seed: UInt64, isAntisymmetric: Bool = false, outputDeviation: Double = 1,
    inputDeviation: Double = 1
  ) {
    self.seed = seed
    self.isAntisymmetric = isAntisymmetric
    self.outputDeviation = outputDeviation
    self.inputDeviation = inputDeviation
  }

  /// The state vector, laid out as ``NetworkShape`` says.
  ///
  /// - Throws: ``GaussianStartError``.
  public func state(for shape: NetworkShape) throws -> [Double] {
    let (m, d) = (shape.width, shape.inputDimension)
    for (name, value) in [("s_a", outputDeviation), ("s_w", inputDeviation)] {
      guard value >= 0, value.isFinite else {
        throw GaussianStartError.deviation(name: name, value: value)
      }
    }
    if isAntisymmetric && !m.isMultiple(of: 2) { throw GaussianStartError.oddWidth(m) }
    let drawn = isAntisymmetric ? m / 2 : m
    var state = [Double](repeating: 0, count: shape.stateLength)
    var generator = PCG64(seed: seed)
    for k in 0..<drawn {
      state[shape.indexOfA(k)] = outputDeviation * generator.nextNormal()
      for j in 0..<d { state[shape.indexOfW(k, j)] = inputDeviation * generator.nextNormal() }
    }
    if isAntisymmetric {
      for k in 0..<drawn {
        state[shape.indexOfA(k + drawn)] = -state[shape.indexOfA(k)]
        for j in 0..<d { state[shape.indexOfW(k + drawn, j)] = state[shape.indexOfW(k, j)] }
      }
    }
    return state
  }
}

/// Why a random start cannot be made.
public enum GaussianStartError: Error, Equatable, CustomStringConvertible {
  /// The antisymmetric start pairs neurons; this width is odd.
  case oddWidth(Int)
  /// A standard deviation that is negative or not finite.
  case deviation(name: String, value: Double)

  public var description: String {
    switch self {
    case .oddWidth(let m):
      "an antisymmetric start pairs the neurons, but the width \(m) is odd; take an even width, say \(m + 1)"
    case .deviation(let name, let value):
      "the standard deviation \(name) is \(value); it must be finite and not negative"
    }
  }
}
