import CFlowKernels
import Foundation
import ODECore

/// `H` and `K` at one state.
package struct KernelOperands {
  /// The diagonal of `H`, or blocks of `c x c` for each sample.
  package let curvatures: StateVector
  /// `K`, of which the lower triangle is filled.
  package let kernel: StateVector

  package init(curvatures: StateVector, kernel: StateVector) {
    (self.curvatures, self.kernel) = (curvatures, kernel)
  }
}

/// The solution of `r' = -H K r` by a rational Krylov method: `H = D^2` diagonal or in blocks, `K` symmetric and positive semidefinite, `n x n`.
///
/// With `A = D K D` functions of `H K` are `phi(-h H K) r = D phi(-h A) D^-1 r`. Lanczos' method with
/// `(I + gamma h A)^-1`, one Cholesky factorisation, spans a space in which `phi(-h A)` converges in 5 to 20 iterations whatever the
/// stiffness `h |A|`; a plain Krylov space wants `sqrt(h |A|)`. An eigendecomposition costs `9 n^3`, this `n^3/3` and `2 n^2` for
/// each iteration; should it not converge, the eigendecomposition is used.
///
/// Source: van den Eshof, Hochbruck, *Preconditioning Lanczos approximations to the matrix exponential*, SIAM J. Sci. Comput. 27
/// (2006) 1438-1457, doi:10.1137/040605461; Moret, Novati, BIT 44 (2004) 595-615, doi:10.1023/B:BITN.0000046805.27551.3b.
package final class KernelPropagator {
  private let n: Int
  /// `A`, then the factor of `I + gamma h A`; lower triangle.
  private let matrix: StateVector
  private let factor: StateVector
  /// `D`.
  private let roots: CurvatureRoots
  /// Orthonormal, a row each.
  private let basis: StateVector
  private let start: StateVector
  private let work: StateVector
  private var diagonal: [Double] = []
  private var offDiagonal: [Double] = []
  /// Eigenvalues `h lambda` of the projected operator, and the parts of `D^-1 r` along its eigenvectors.
  private var modes: [Double] = []
  private var parts: [Double] = []
  /// Its eigenvectors in the basis, a row each.
  private var vectors: [Double] = []
  /// Those of `A` itself, a row each, if the space was no help.
  private var eigenvectors: [Double]?
  private var size = 0.0
  private var h = 0.0
  private var isFactorised = false
  package private(set) var setups = 0
  package private(set) var iterations = 0

  /// The pole relative to the step, as van den Eshof and Hochbruck recommend; on kernels of images factors of two either way cost an
  /// iteration or two.
  private static let gamma = 0.1
  private static let tolerance = 1e-9
  private static let mostIterations = 64

  /// - Parameter order: of the blocks of `H`.
  package init(count n: Int, order: Int = 1) {
    self.n = n
    matrix = StateVector(count: n * n)
    factor = StateVector(count: n * n)
    roots = CurvatureRoots(count: n, order: order)
    basis = StateVector(count: (Self.mostIterations + 1) * n)
    start = StateVector(count: n)
    work = StateVector(count: n)
  }

  /// Prepares functions of `h H K` with the `H` and `K` of `frame` or, with `other`, with the means of both.
  package func factorise(_ frame: KernelOperands, mean other: KernelOperands?, h: Double) {
    self.h = h
    roots.set(frame.curvatures, mean: other?.curvatures)
    let (a, b, c) = (matrix.pointer, factor.pointer, Self.gamma * h)
    roots.scale(frame.kernel, mean: other?.kernel, into: a)
    for i in 0..<n {
      let row = i * n
      for j in 0...i { b[row + j] = c * a[row + j] }
      b[row + i] += 1
    }
    setups += 1
    isFactorised = cflow_cholesky(n, b) == 0
  }

  /// Prepares the solution from the residuals `r`.
  package func start(from r: StateVector) throws {
    roots.divide(r.pointer, into: start.pointer)
    try span()
  }

  /// Prepares functions of `A` times `D v`.
  package func start(fromScaled v: StateVector) throws {
    roots.multiply(v.pointer, into: start.pointer)
    try span()
  }

  private func span() throws {
    size = 0
    for i in 0..<n { size += start.pointer[i] * start.pointer[i] }
    size = size.squareRoot()
    eigenvectors = nil
    guard size > 0 else {
      (modes, parts, vectors) = ([0], [0], [1])
      basis.pointer.update(repeating: 0, count: n)
      return
    }
    guard isFactorised, iterate() else { return try decompose() }
  }

  /// The solution at `tau <= h`, after ``start(from:)``.
  package func propagate(tau: Double, into path: ResidualMoments) {
    let ratio = tau / h
    combine(into: path.end) { PhiFunctions(-$0 * ratio).zero }
    combine(into: path.early) { PhiFunctions(-$0 * ratio).two * tau }
    combine(into: path.late) {
      let phi = PhiFunctions(-$0 * ratio)
      return (phi.one - phi.two) * tau
    }
    for i in 0..<n { path.whole.pointer[i] = path.early.pointer[i] + path.late.pointer[i] }
  }

  /// `D g(h A)` times the vector started from.
  package func combine(into result: StateVector, _ g: (Double) -> Double) {
    let k = parts.count
    let weighted = (0..<k).map { parts[$0] * g(modes[$0]) }
    if let eigenvectors {
      cflow_gemv(1, k, n, 1, eigenvectors, weighted, 0, result.pointer)
    } else {
      var coefficients = [Double](repeating: 0, count: k)
      cflow_gemv(1, k, k, 1, vectors, weighted, 0, &coefficients)
      cflow_gemv(1, k, n, 1, basis.pointer, coefficients, 0, result.pointer)
    }
    roots.multiply(result.pointer, into: result.pointer)
  }

  /// Lanczos' method with full reorthogonalisation; returns whether it converged.
  private func iterate() -> Bool {
    (diagonal, offDiagonal) = ([], [])
    let (v, w) = (basis.pointer, work.pointer)
    for i in 0..<n { v[i] = start.pointer[i] / size }
    var last: [Double] = []
    let most = min(Self.mostIterations, n)
    for k in 1...most {
      iterations += 1
      w.update(from: v + (k - 1) * n, count: n)
      cflow_cholesky_solve(n, factor.pointer, w)
      // Twice is enough.
      var alpha = 0.0
      for pass in 0..<2 {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: k) { c in
          cflow_gemv(0, k, n, 1, v, w, 0, c.baseAddress!)
          cflow_gemv(1, k, n, -1, v, c.baseAddress!, 1, w)
          if pass == 0 { alpha = c[k - 1] }
        }
      }
      var beta = 0.0
      for i in 0..<n { beta += w[i] * w[i] }
      beta = beta.squareRoot()
      guard alpha.isFinite, beta.isFinite else { return false }
      diagonal.append(alpha)
      let isInvariant = k == n || beta < 1e-15
      if isInvariant || k >= 4 && k.isMultiple(of: 2) {
        guard let coefficients = project(k) else { return false }
        if isInvariant || change(coefficients, last) < Self.tolerance { return true }
        last = coefficients
      }
      offDiagonal.append(beta)
      let next = v + k * n
      for i in 0..<n { next[i] = w[i] / beta }
    }
    return false
  }

  /// Eigenvalues of the projected operator; returns the coefficients of `exp` and `phi_1`.
  private func project(_ k: Int) -> [Double]? {
    var (d, e) = (diagonal, offDiagonal + [0])
    var z = [Double](repeating: 0, count: k * k)
    var work = [Double](repeating: 0, count: 2 * k)
    guard cflow_tridiagonal_eigen(k, &d, &e, &z, &work) == 0 else { return nil }
    modes = d.map { mu in mu > 0 ? max((1 / mu - 1) / Self.gamma, 0) : .greatestFiniteMagnitude }
    vectors = z
    parts = (0..<k).map { size * z[$0 * k] }
    var result = [Double](repeating: 0, count: 2 * k)
    for j in 0..<k {
      let phi = PhiFunctions(-modes[j])
      for e in 0..<k {
        result[2 * e] += z[j * k] * z[j * k + e] * phi.zero
        result[2 * e + 1] += z[j * k] * z[j * k + e] * phi.one
      }
    }
    return result
  }

  private func change(_ new: [Double], _ old: [Double]) -> Double {
    guard !old.isEmpty else { return .infinity }
    var sum = 0.0
    for i in new.indices {
      let difference = new[i] - (i < old.count ? old[i] : 0)
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  /// The whole spectrum, with eigenvectors for a basis.
  private func decompose() throws {
    let a = matrix.pointer
    var full = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i { (full[i * n + j], full[j * n + i]) = (a[i * n + j], a[i * n + j]) }
    }
    let (values, rows) = try symmetricEigenvectors(full, count: n)
    modes = values.map { max($0, 0) * h }
    parts = [Double](repeating: 0, count: n)
    cflow_gemv(0, n, n, 1, rows, start.pointer, 0, &parts)
    eigenvectors = rows
  }
}
