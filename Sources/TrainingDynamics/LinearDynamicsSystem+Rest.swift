import Foundation
import Networks
import ODECore

extension LinearDynamicsSystem: RestDetecting {
  /// Whether autonomous dynamics of order 1 that shrink weights, `theta' = b F + c theta` with `c < 0`, have come to rest.
  ///
  /// At the rate `-c` at which they shrink no layer moves by more than `tolerance` of itself, and the state is a minimum: the Jacobian has no
  /// eigenvalue above a hundredth of `-c`, so that nothing, however small, grows. Neurons without use decay for ever, and count by what is left of
  /// them.
  ///
  /// Costs a right-hand side, and where that passes up to 2000 products with the Jacobian.
  public func isAtRest(_ t: Double, _ y: Span<Double>, tolerance: Double) throws -> Bool {
    precondition(y.count == dimension)
    let rate = -linear.coefficients(at: t).position
    guard linear.order == 1, linear.isAutonomous, rate > 0 else { return false }
    let motion = StateVector(count: dimension)
    try motion.withMutableSpan { try derivative(t, y, into: &$0) }
    for (range, _) in flow.mobilityBlocks {
      var (moved, size) = (0.0, 0.0)
      for i in range {
        moved += motion.pointer[i] * motion.pointer[i]
        size += y[i] * y[i]
      }
      guard moved.squareRoot() <= tolerance * rate * size.squareRoot() else { return false }
    }
    return try GrowthTest(self).excludes(growthAbove: 0.01 * rate, t, y)
  }
}

/// Looks for a growing direction of linear dynamics of order 1 by Lanczos' method with exact products.
///
/// `M^(-1/2) J M^(1/2)` is symmetric. After `k` products from a random start the largest Ritz value misses the largest eigenvalue by more than the part
/// `epsilon` of the spectrum's width with a probability of at most `1.65 sqrt(N) exp(-(2k - 1) sqrt(epsilon))` (Kuczynski and Wozniakowski, SIAM
/// J. Matrix Anal. Appl. 13, 1992, 1094-1122).
struct GrowthTest {
  /// Beyond so many products there is no answer.
  static let mostProducts = 2000
  private static let probability = 1e-3

  private let system: LinearDynamicsSystem
  private let roots: [Double]

  init(_ system: LinearDynamicsSystem) {
    self.system = system
    var roots = [Double](repeating: 1, count: system.dimension)
    for (range, mobility) in system.flow.mobilityBlocks {
      for i in range { roots[i] = mobility.squareRoot() }
    }
    self.roots = roots
  }

  /// Whether there is certainly, up to the probability above, no eigenvalue of the Jacobian at `(t, y)` above `rate` > 0.
  func excludes(growthAbove rate: Double, _ t: Double, _ y: Span<Double>) throws -> Bool {
    let count = system.dimension
    var generator = PCG64(seed: 1)
    var current = StateVector((0..<count).map { _ in generator.nextNormal() })
    var (previous, next) = (StateVector(count: count), StateVector(count: count))
    let direction = StateVector(count: count)
    var beta = size(current)
    // The last pivot of `rate - T`, positive as long as no Ritz value is above `rate`; Gershgorin's bound on the width.
    var (pivot, width) = (1.0, 0.0)
    for k in 1...Self.mostProducts {
      for i in 0..<count {
        current.pointer[i] /= beta
        direction.pointer[i] = roots[i] * current.pointer[i]
      }
      try direction.withSpan { v in
        try next.withMutableSpan { try system.jacobianVectorProduct(t, y, v, into: &$0) }
      }
      let last = k == 1 ? 0 : beta
      var alpha = 0.0
      for i in 0..<count {
        next.pointer[i] = next.pointer[i] / roots[i] - last * previous.pointer[i]
        alpha += next.pointer[i] * current.pointer[i]
      }
      for i in 0..<count { next.pointer[i] -= alpha * current.pointer[i] }
      pivot = rate - alpha - last * last / pivot
      guard pivot > 0 else { return false }
      beta = size(next)
      width = max(width, abs(alpha) + beta + last)
      // Nothing is left to be found, or not enough to grow.
      if k == count || beta <= 1e-14 * width { return true }
      let missed = 1.65 * Double(count).squareRoot() / Self.probability
      if Double(2 * k - 1) * (rate / (rate + width)).squareRoot() >= log(missed) { return true }
      (previous, current, next) = (current, next, previous)
    }
    return false
  }

  private func size(_ x: StateVector) -> Double {
    (0..<x.count).reduce(0) { $0 + x.pointer[$1] * x.pointer[$1] }.squareRoot()
  }
}
