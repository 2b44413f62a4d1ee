import CFlowKernels
import ODECore

/// A factorised `I - gamma J` of the flow, on raw memory laid out as ``/Networks/NetworkShape`` says.
protocol NewtonFactors: AnyObject {
  /// Factorises at `theta`, given `l'` and `l''` there; allocates nothing.
  ///
  /// - Throws: ``SingularPart``.
  func prepare(_ theta: UnsafePointer<Double>, _ losses: SampleValues, gamma: Double) throws

  /// Solves with what was prepared; `r` and `z` must not overlap.
  func solve(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>)
}

/// What made a factorisation fail.
enum SingularPart: Error {
  /// The block of this neuron.
  case block(neuron: Int)
  /// The `n x n` or `N x N` matrix that LAPACK was given.
  case matrix(order: Int)

  var description: String {
    switch self {
    case .block(let neuron): "block of neuron \(neuron)"
    case .matrix(let order): "matrix of order \(order)"
    }
  }
}

/// A symmetric or general matrix with its LAPACK scratch.
final class LAPACKMatrix {
  let order: Int
  let elements: StateVector
  private let work: StateVector
  private let pivots: UnsafeMutablePointer<Int32>

  init(order: Int) {
    self.order = order
    elements = StateVector(count: order * order)
    work = StateVector(count: 64 * order)
    pivots = .allocate(capacity: 2 * order)
    pivots.initialize(repeating: 0, count: 2 * order)
  }

  deinit { pivots.deallocate() }

  /// LU factors, by dgetrf.
  func factorise() throws {
    var condition = 0.0
    let info = cflow_lu_factor(order, elements.pointer, pivots, work.pointer, &condition)
    try require(info, condition)
  }

  func solve(_ b: UnsafeMutablePointer<Double>) {
    cflow_lu_solve(order, elements.pointer, pivots, b)
  }

  /// Bunch and Kaufman's factors of the lower triangle, by dsytrf.
  func factoriseSymmetric() throws {
    var condition = 0.0
    let info = cflow_symmetric_factor(order, elements.pointer, pivots, work.pointer, &condition)
    try require(info, condition)
  }

  func solveSymmetric(_ b: UnsafeMutablePointer<Double>) {
    cflow_symmetric_solve(order, elements.pointer, pivots, b)
  }

  private func require(_ info: Int, _ condition: Double) throws {
    // Stiff systems are ill-conditioned in earnest; only what has no correct digit is refused.
    guard info == 0, condition > Double.ulpOfOne / 4 else { throw SingularPart.matrix(order: order) }
  }
}
