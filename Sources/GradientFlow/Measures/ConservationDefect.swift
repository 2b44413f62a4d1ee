import ODECore

/// The defects of the law
///
///     kappa'^2 (a_k^2 - a_k(0)^2) = |w_k|^2 - |w_k(0)|^2               (77)
///
/// which the exact flow keeps for every neuron if the activation is positively homogeneous of degree 1. The defect of a
/// neuron is
///
///     | kappa'^2 (a^2 - a0^2) - (|w|^2 - |w0|^2) |
///     ---------------------------------------------------------
///     kappa'^2 max(a^2, a0^2) + max(|w|^2, |w0|^2)
///
/// a number in [0, 1], and 0 for a neuron that is zero throughout. NaN in the state makes it NaN.
///
/// Holds scratch: one instance serves one caller at a time.
public final class ConservationDefect {
  private let m: Int
  /// `kappa'^2`.
  private let factor: Double
  /// `a_k(0)^2` and `|w_k(0)|^2`.
  private let startA, startW: StateVector
  private let defects = StateVector(count: ConservationDefect.blockLength)
  private let sizes = StateVector(count: ConservationDefect.blockLength)

  /// Neurons handled at once: their `|w_k|^2` stay in the first-level cache.
  private static let blockLength = 512

  /// - Parameter start: `theta(0)`, laid out as the network's shape says.
  public init(_ start: Span<Double>, of network: Network) {
    precondition(start.count == network.shape.stateLength)
    let m = network.shape.width
    let (a2, w2) = (StateVector(count: m), StateVector(count: m))
    start.withUnsafeBufferPointer { y in
      for k in 0..<m { a2.pointer[k] = y[k] * y[k] }
      for k in m..<y.count { w2.pointer[k % m] += y[k] * y[k] }
    }
    (self.m, startA, startW) = (m, a2, w2)
    factor = network.scaling.kappaPrime * network.scaling.kappaPrime
  }

  /// The largest defect of the neurons of `y`. If only one above `known` is of interest, `known` comes back when there is
  /// none, at a fraction of the time: blocks of neurons below it are told by a product, without a division for each.
  public func largest(_ y: Span<Double>, above known: Double = -.infinity) -> Double {
    precondition(y.count.isMultiple(of: m) && y.count > m)
    return y.withUnsafeBufferPointer { y in
      var worst = known
      var from = 0
      while from < m {
        let count = min(Self.blockLength, m - from)
        compare(y, from, count)
        if exceeds(worst, count) { worst = Self.larger(worst, largestRatio(count)) }
        from += count
      }
      return worst
    }
  }

  /// The larger of two defects; NaN if either is.
  public static func larger(_ x: Double, _ y: Double) -> Double { x > y || x.isNaN ? x : y }

  /// Writes numerators and denominators of the defects of `count` neurons to ``defects`` and ``sizes``.
  private func compare(_ y: UnsafeBufferPointer<Double>, _ from: Int, _ count: Int) {
    // Locals: a class's stored properties would be checked for exclusive access at every turn.
    let (m, factor) = (m, factor)
    let w2 = defects.pointer
    let sizes = sizes.pointer
    let startA = startA.pointer + from
    let startW = startW.pointer + from
    let a = y.baseAddress! + from
    for k in 0..<count { w2[k] = 0 }
    var row = m
    while row < y.count {
      let w = a + row
      for k in 0..<count { w2[k] += w[k] * w[k] }
      row += m
    }
    for k in 0..<count {
      let a2 = factor * (a[k] * a[k])
      let a02 = factor * startA[k]
      sizes[k] = (a2 > a02 ? a2 : a02) + (w2[k] > startW[k] ? w2[k] : startW[k])
      w2[k] = abs((a2 - a02) - (w2[k] - startW[k]))
    }
  }

  /// Whether a defect of the block is above `known`, or not a number.
  private func exceeds(_ known: Double, _ count: Int) -> Bool {
    let defects = defects.pointer
    let sizes = sizes.pointer
    // Summed, so that the loop has no branch; NaN compares false.
    var below = 0
    for k in 0..<count { below += defects[k] <= known * sizes[k] ? 1 : 0 }
    return below < count
  }

  private func largestRatio(_ count: Int) -> Double {
    let defects = defects.pointer
    let sizes = sizes.pointer
    for k in 0..<count { defects[k] /= Swift.max(sizes[k], .leastNormalMagnitude) }
    return largestElement(UnsafeBufferPointer(start: defects, count: count))
  }
}
