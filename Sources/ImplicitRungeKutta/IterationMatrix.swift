import CDenseAlgebra
import ODECore

/// The Jacobian of a system, dense, banded or sparse, and LU factors of `s I - J` for a real and a complex shift `s`, by LAPACK or KLU.
///
/// The Jacobian comes from the system (``/ODECore/DenseJacobianProviding``) or from differences (``/ODECore/DifferencedJacobian``). It is banded if the system
/// is ``/ODECore/BandStructured`` and says so, else sparse if it is ``/ODECore/SparseStructured`` and larger than ``largestFull``.
final class IterationMatrix {
  /// The largest dense one: its two factors take 24 `N^2` bytes.
  static let largestDense = 4000
  /// The largest with a declared pattern that is dense all the same.
  static let largestFull = 20

  private let n: Int
  private let system: any ODESystem
  private let provided: (any DenseJacobianProviding)?
  private let differences: DifferencedJacobian?
  private let band: (lower: Int, upper: Int)?
  private let pattern: SparsityPattern?
  /// Of a sparse Jacobian, in place of the other factors.
  private let sparse: (real: SparseFactors, complex: SparseFactors?)?
  /// Elements of a column that are stored: all, or those of the band; none that count where there is a pattern.
  private let rows: Int
  private let jacobian: StateVector
  /// As LAPACK wants it: with room for fill in a band.
  private let factorRows: Int
  private let real: StateVector
  private let complex: StateVector?
  private let realPivots: UnsafeMutablePointer<Int32>
  private let complexPivots: UnsafeMutablePointer<Int32>

  private(set) var evaluations = 0
  /// The component across which `f` jumped where the Jacobian was last evaluated.
  var jump: Int? { differences?.jump }

  /// - Parameter hasComplexShift: whether ``factor(re:im:)`` will be called.
  /// - Throws: ``/ODECore/IntegrationFailure`` if there is no memory for it.
  init(_ system: any ODESystem, hasComplexShift: Bool) throws {
    self.system = system
    n = system.dimension
    band = Self.bandwidths(of: system)
    pattern = band == nil ? Self.pattern(of: system) : nil
    provided = band == nil && pattern == nil ? system as? any DenseJacobianProviding : nil
    if let pattern {
      differences = DifferencedJacobian(pattern)
      sparse = (
        try SparseFactors(pattern, isComplex: false),
        hasComplexShift ? try SparseFactors(pattern, isComplex: true) : nil
      )
    } else {
      differences = provided == nil ? DifferencedJacobian(count: n, bandwidths: band) : nil
      sparse = nil
    }
    rows = pattern == nil ? band.map { $0.lower + $0.upper + 1 } ?? n : 0
    factorRows = pattern == nil ? band.map { 2 * $0.lower + $0.upper + 1 } ?? n : 0
    jacobian = StateVector(count: pattern?.rows.count ?? rows * n)
    real = StateVector(count: factorRows * n)
    complex = hasComplexShift ? StateVector(count: 2 * factorRows * n) : nil
    realPivots = .allocate(capacity: max(n, 1))
    complexPivots = .allocate(capacity: max(n, 1))
  }

  deinit {
    realPivots.deallocate()
    complexPivots.deallocate()
  }

  /// The declared bandwidths, if a band is worth it.
  static func bandwidths(of system: any ODESystem) -> (lower: Int, upper: Int)? {
    guard let widths = (system as? any BandStructured)?.bandwidths else { return nil }
    let n = system.dimension
    let (lower, upper) = (min(widths.lower, n - 1), min(widths.upper, n - 1))
    return 2 * lower + upper + 1 < n ? (max(lower, 0), max(upper, 0)) : nil
  }

  /// The declared pattern, if there is one and it is worth it.
  static func pattern(of system: any ODESystem) -> SparsityPattern? {
    guard system.dimension > largestFull else { return nil }
    return (system as? any SparseStructured)?.sparsity
  }

  /// What differences have learnt by evaluations so far; empty for the system's own Jacobian.
  var memory: [Double] { differences?.memory ?? [] }

  /// Takes over an earlier ``memory``; returns whether it is one.
  func resume(_ memory: some Collection<Double>) -> Bool {
    differences.map { $0.resume(memory) } ?? memory.isEmpty
  }

  /// In words, for the summary.
  var words: String {
    if let pattern { return "a sparse Jacobian of \(pattern.rows.count) elements by differences, by KLU" }
    return switch (band, provided != nil) {
    case (let band?, _): "a banded Jacobian (\(band.lower), \(band.upper)) by differences"
    case (nil, true): "the system's own Jacobian"
    case (nil, false): "a dense Jacobian by differences"
    }
  }

  /// Evaluates `J(t, y)`; returns whether it is finite.
  ///
  /// - Parameter counts: not, where a run that is gone on with has counted it.
  func evaluate(
    _ t: Double, _ y: StateVector, _ f: StateVector, h: Double, floor: Double, counts: Bool = true,
    _ function: (Double, StateVector, StateVector) throws -> Void
  ) throws -> Bool {
    if counts { evaluations += 1 }
    let storage = jacobian.pointer
    guard let differences else {
      storage.update(repeating: 0, count: jacobian.count)
      try y.withSpan { y in try jacobian.withMutableSpan { try provided!.jacobian(t, y, into: &$0) } }
      return jacobian.firstNonFinite == nil
    }
    let (rows, upper, pattern) = (rows, band?.upper, pattern)
    return try differences.evaluate(y, f, h: h, floor: floor) {
      try function(t, $0, $1)
    } _: { i, j, value in
      storage[pattern?.place(i, j) ?? (upper.map { $0 + i - j } ?? i) + j * rows] = value
    }
  }

  /// Factorises `shift I - J`; returns whether it is regular.
  func factor(_ shift: Double) -> Bool {
    if let sparse { return sparse.real.factor(jacobian.pointer, re: shift) }
    copy { real.pointer[$0] = -$1 }
    for j in 0..<n { real.pointer[diagonal(j)] += shift }
    if let band {
      return cdense_factor_band(Int64(n), Int64(band.lower), Int64(band.upper), real.pointer, realPivots) == 0
    }
    return cdense_factor(Int64(n), real.pointer, realPivots) == 0
  }

  /// Factorises `(re + i im) I - J`.
  func factor(re: Double, im: Double) -> Bool {
    if let sparse { return sparse.complex!.factor(jacobian.pointer, re: re, im: im) }
    let values = complex!.pointer
    copy {
      values[2 * $0] = -$1
      values[2 * $0 + 1] = 0
    }
    for j in 0..<n {
      values[2 * diagonal(j)] += re
      values[2 * diagonal(j) + 1] += im
    }
    if let band {
      return cdense_factor_band_complex(Int64(n), Int64(band.lower), Int64(band.upper), values, complexPivots)
        == 0
    }
    return cdense_factor_complex(Int64(n), values, complexPivots) == 0
  }

  /// Solves with the real factors in place.
  func solve(_ b: UnsafeMutablePointer<Double>) {
    if let sparse { return sparse.real.solve(b) }
    if let band {
      return cdense_solve_band(Int64(n), Int64(band.lower), Int64(band.upper), real.pointer, realPivots, b)
    }
    cdense_solve(Int64(n), real.pointer, realPivots, b)
  }

  /// Solves with the complex factors in place; `b` has pairs.
  func solveComplex(_ b: UnsafeMutablePointer<Double>) {
    if let sparse { return sparse.complex!.solve(b) }
    if let band {
      return cdense_solve_band_complex(
        Int64(n), Int64(band.lower), Int64(band.upper), complex!.pointer, complexPivots, b)
    }
    cdense_solve_complex(Int64(n), complex!.pointer, complexPivots, b)
  }

  /// Where element `(j, j)` is in the factors.
  private func diagonal(_ j: Int) -> Int {
    (band.map { $0.lower + $0.upper } ?? j) + j * factorRows
  }

  /// Calls `put` with the place in the factors and the value of every stored element.
  @inline(__always)
  private func copy(_ put: (Int, Double) -> Void) {
    let offset = factorRows - rows
    for j in 0..<n {
      if offset > 0 { for i in 0..<offset { put(i + j * factorRows, 0) } }
      for i in 0..<rows { put(i + offset + j * factorRows, jacobian.pointer[i + j * rows]) }
    }
  }
}
