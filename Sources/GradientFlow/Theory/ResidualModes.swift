import Foundation

/// Residuals under a fixed Gram matrix, `e' = -(m/n) G e`, in closed form through its eigenvectors `q_j`:
///
///     e(t) = sum_j c_j exp(-rate_j t) q_j,   rate_j = (m/n) lambda_j,   c_j = q_j . e(0)
///     R(t) = 1/(2n) sum_j c_j^2 exp(-2 rate_j t)                                              (10)
///
/// The lazy limit of the flow with the squared loss: Lee et al., *Wide neural networks of any depth evolve as linear
/// models under gradient descent* (2019), and (15) with ``LinearizedFlow``.
public struct ResidualModes: Sendable {
  /// `n`.
  public var count: Int { rates.count }
  /// `(m/n) lambda_j`, ascending. A Gram matrix is positive semidefinite: eigenvalues that rounding made negative count
  /// as 0.
  public let rates: [Double]
  /// `c_j`.
  public let coefficients: [Double]

  private let eigen: SymmetricEigendecomposition

  /// - Parameters:
  ///   - gram: `G` (32), `n x n`.
  ///   - m: the number of neurons.
  ///   - residuals: `e(0)`, `n` numbers.
  /// - Throws: ``EigenvalueError``; ``BLASError`` if OpenBLAS computes wrongly on this machine.
  public init(gram: [Double], width m: Int, residuals: [Double]) throws {
    let n = residuals.count
    eigen = try SymmetricEigendecomposition(gram, count: n)
    rates = eigen.values.map { Double(m) / Double(n) * max($0, 0) }
    coefficients = eigen.coefficients(of: residuals)
  }

  /// `e(t)`.
  public func residuals(at t: Double) -> [Double] {
    eigen.vector(of: zip(rates, coefficients).map { $1 * exp(-$0 * t) })
  }

  /// `R(t)`.
  public func risk(at t: Double) -> Double {
    let squares = zip(rates, coefficients).reduce(0) { $0 + $1.1 * $1.1 * exp(-2 * $1.0 * t) }
    return squares / Double(2 * count)
  }

  /// `int_0^t e`.
  public func integratedResiduals(to t: Double) -> [Double] {
    eigen.vector(
      of: zip(rates, coefficients).map { rate, c in
        rate > 0 ? c * -expm1(-rate * t) / rate : c * t
      })
  }

  /// `-d log R / dt` at `t`: between twice the smallest and twice the largest rate.
  public func decayRate(at t: Double) -> Double {
    // The slowest mode's factor is taken out: late in the decay every term underflows.
    var (weights, moments) = (0.0, 0.0)
    for (rate, c) in zip(rates, coefficients) {
      let weight = c * c * exp(-2 * (rate - rates[0]) * t)
      weights += weight
      moments += 2 * rate * weight
    }
    return weights > 0 ? moments / weights : 2 * rates[0]
  }
}
