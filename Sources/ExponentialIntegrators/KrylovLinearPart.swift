import Foundation
import ODECore
import RungeKutta

/// The whole Jacobian as `L`, through products `J v` alone: the system's own, those with its dense matrix, or differences of `f`, which
/// limit the accuracy of `J` to about `1e-8 |f''| |y|`.
///
/// `w = sum_k phi_k(h J) v_k` is `w(1)` of `w' = h J w + sum_(k >= 1) tau^(k-1)/(k-1)! v_k`, `w(0) = v_0`. It is integrated in
/// substeps `sigma`, each by
///
///     w(tau + sigma) = sum_(j < p) sigma^j/j! w_j + sigma^p phi_p(sigma h J) w_p,
///     w_0 = w(tau),   w_j = h J w_(j-1) + sum_l tau^l/l! v_(j+l),
///
/// with `phi_p` in a Krylov space of at most ``largestSpace`` dimensions (Arnoldi); its size and the substep follow from Saad's error
/// estimate. Source: Niesen, Wright, *Algorithm 919: A Krylov subspace algorithm for evaluating the phi-functions appearing in
/// exponential integrators*, ACM TOMS 38 (2012) 22, doi:10.1145/2168773.2168781; Saad, SIAM J. Numer. Anal. 29 (1992) 209-228,
/// doi:10.1137/0729014.
final class KrylovLinearPart: LinearPart {
  private let function: RightHandSide
  private let products: (any JacobianVectorProductProviding)?
  private let matrices: (any DenseJacobianProviding)?
  private let matrix: StateVector
  private let tolerance: Double
  private let count: Int
  private var t = 0.0
  private var y: StateVector
  private var f0: StateVector
  private var sizeOfY = 0.0
  private let basis: [StateVector]
  private var hessenberg = [Double](repeating: 0, count: (largestSpace + 1) * (largestSpace + 1))
  private let shifted: StateVector
  private let work: StateVector
  private let sum: StateVector
  private(set) var counters = Statistics()

  /// The largest Krylov space.
  static let largestSpace = 40
  /// The largest dimension for which a system's dense Jacobian is stored.
  static let largestMatrix = 2048
  /// So many substeps are allowed; then the step is too long.
  private static let mostSubsteps = 200

  /// Bytes that it takes: a basis, and a dense matrix where that is all that a system gives.
  static func memory(of system: any ODESystem) -> Double {
    let n = Double(system.dimension)
    let isDense =
      !(system is any JacobianVectorProductProviding) && system is any DenseJacobianProviding
      && system.dimension <= largestMatrix
    return 8 * n * (Double(min(largestSpace, system.dimension)) + (isDense ? n : 0))
  }

  /// - Parameter tolerance: relative, of the results.
  init(_ function: RightHandSide, tolerance: Double) {
    self.function = function
    self.tolerance = tolerance
    products = function.system as? any JacobianVectorProductProviding
    count = function.count
    let dense =
      products == nil && count <= Self.largestMatrix ? function.system as? any DenseJacobianProviding : nil
    (matrices, matrix) = (dense, StateVector(count: dense == nil ? 0 : count * count))
    (y, f0) = (StateVector(count: count), StateVector(count: count))
    basis = (0...min(Self.largestSpace, count)).map { [count] _ in StateVector(count: count) }
    (shifted, work, sum) = (StateVector(count: count), StateVector(count: count), StateVector(count: count))
  }

  func prepare(_ t: Double, _ y: StateVector, _ f0: StateVector) throws {
    self.t = t
    self.y.pointer.update(from: y.pointer, count: count)
    self.f0.pointer.update(from: f0.pointer, count: count)
    sizeOfY = Vectors.norm(y)
    counters.njev += 1
    guard let matrices else { return }
    matrix.pointer.update(repeating: 0, count: matrix.count)
    try y.withSpan { y in try matrix.withMutableSpan { try matrices.jacobian(t, y, into: &$0) } }
  }

  func apply(_ v: StateVector, into result: StateVector) throws {
    counters.njtimes += 1
    if let products {
      try y.withSpan { y in
        try v.withSpan { v in
          try result.withMutableSpan { try products.jacobianVectorProduct(t, y, v, into: &$0) }
        }
      }
      return
    }
    let size = Vectors.norm(v)
    result.pointer.update(repeating: 0, count: count)
    guard size > 0 else { return }
    if matrices != nil {
      for j in 0..<count where v.pointer[j] != 0 {
        Vectors.add(v.pointer[j], matrix.pointer + j * count, to: result)
      }
      return
    }
    let epsilon = Double.ulpOfOne.squareRoot() * (sizeOfY > 0 ? sizeOfY : 1) / size
    for i in 0..<count { shifted.pointer[i] = y.pointer[i] + epsilon * v.pointer[i] }
    try function.evaluate(t, shifted, into: result)
    for i in 0..<count { result.pointer[i] = (result.pointer[i] - f0.pointer[i]) / epsilon }
  }

  func applyPhi(h: Double, _ vectors: StateVector, highest p: Int, into w: StateVector) throws -> Bool {
    let scale = (0...p).map { Vectors.norm(vectors.pointer + $0 * count, count) }.max()!
    w.pointer.update(from: vectors.pointer, count: count)
    guard scale > 0 else { return true }
    guard scale.isFinite else { return false }
    var (tau, sigma) = (0.0, 1.0)
    for _ in 0..<Self.mostSubsteps {
      // w_p; the lower w_j are summed with their factors sigma^j/j!, which the choice of sigma may still change.
      let lower = try recurrence(h, vectors, p, tau, w)
      let size = Vectors.norm(work)
      guard size.isFinite else { return false }
      var taken = min(sigma, 1 - tau)
      if size > 0 {
        guard let space = try arnoldi(h, size, p, &taken, tolerance * scale) else { return false }
        let factor = size * pow(taken, Double(p))
        sum.pointer.update(repeating: 0, count: count)
        for j in 0..<space.count { Vectors.add(factor * space[j], basis[j], to: sum) }
      } else {
        sum.pointer.update(repeating: 0, count: count)
      }
      var power = 1.0
      for j in 0..<p {
        if j > 0 { power *= taken / Double(j) }
        Vectors.add(power, lower[j], to: sum)
      }
      w.pointer.update(from: sum.pointer, count: count)
      tau += taken
      if tau >= 1 { return w.firstNonFinite == nil }
      sigma = taken
    }
    return false
  }

  private var recurrenceVectors: [StateVector] = []

  /// `w_0 ... w_(p-1)`, and `w_p` in ``work``.
  private func recurrence(
    _ h: Double, _ v: StateVector, _ p: Int, _ tau: Double, _ w: StateVector
  ) throws -> [StateVector] {
    while recurrenceVectors.count < p { recurrenceVectors.append(StateVector(count: count)) }
    recurrenceVectors[0].pointer.update(from: w.pointer, count: count)
    for j in 1...p {
      let target = j < p ? recurrenceVectors[j] : work
      if Vectors.isZero(recurrenceVectors[j - 1]) {
        target.pointer.update(repeating: 0, count: count)
      } else {
        try apply(recurrenceVectors[j - 1], into: target)
        for i in 0..<count { target.pointer[i] *= h }
      }
      var factor = 1.0
      for l in 0...(p - j) {
        if l > 0 { factor *= tau / Double(l) }
        if factor != 0 { Vectors.add(factor, v.pointer + (j + l) * count, to: target) }
      }
    }
    return recurrenceVectors
  }

  /// Coefficients of `phi_p(sigma h J) w_p / |w_p|` in the Krylov space of ``work``; shortens `sigma` as needed.
  private func arnoldi(
    _ h: Double, _ size: Double, _ p: Int, _ sigma: inout Double, _ tolerance: Double
  ) throws -> [Double]? {
    let most = basis.count - 1
    let ld = Self.largestSpace + 1
    for i in 0..<count { basis[0].pointer[i] = work.pointer[i] / size }
    for m in 1...most {
      counters.nli += 1
      let next = basis[m]
      try apply(basis[m - 1], into: next)
      for i in 0..<count { next.pointer[i] *= h }
      var before = Vectors.norm(next)
      guard before.isFinite else { return nil }
      for j in 0..<m { hessenberg[j * ld + m - 1] = 0 }
      // Twice, which keeps the basis orthogonal where cancellation is strong.
      for _ in 0..<2 {
        for j in 0..<m {
          let c = Vectors.dot(basis[j], next)
          hessenberg[j * ld + m - 1] += c
          Vectors.add(-c, basis[j], to: next)
        }
        let after = Vectors.norm(next)
        if after > 0.7 * before { break }
        before = after
      }
      let beta = Vectors.norm(next)
      let largest = (0..<m).map { abs(hessenberg[$0 * ld + m - 1]) }.max()!
      let isInvariant = m == count || beta <= 1e-14 * max(largest, .leastNormalMagnitude)
      if isInvariant { return SmallMatrix.phi(p, hessenberg, ld, m, sigma).lower }
      for i in 0..<count { next.pointer[i] /= beta }
      hessenberg[m * ld + m - 1] = beta
      guard m == most || m >= 4 && m.isMultiple(of: 4) else { continue }
      while true {
        let (coefficients, next) = SmallMatrix.phi(p, hessenberg, ld, m, sigma)
        // |w_p| sigma^p beta sigma e_m^T phi_(p+1) e_1, for a part sigma of the whole.
        let error = abs(size * pow(sigma, Double(p + 1)) * beta * next)
        guard error.isFinite || m == most else { break }
        if error <= tolerance * sigma { return coefficients }
        guard m == most else { break }
        let factor = error.isFinite ? 0.8 * pow(tolerance * sigma / error, 1 / Double(m + p)) : 0.1
        sigma *= min(max(factor, 0.1), 0.8)
        if sigma < 1e-8 { return nil }
      }
    }
    return nil
  }
}
