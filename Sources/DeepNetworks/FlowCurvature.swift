import CDeepKernels
import GradientFlow
import ODECore

/// Extreme eigenvalues of a flow's Jacobian by Lanczos' method with exact products.
///
/// `M^(-1/2) (df/dy) M^(1/2) = -A` with the symmetric `A`, the Hessian of `R` in the mobility's metric. What is kept are three
/// vectors of the state's length.
final class FlowCurvature {
  private unowned let flow: ArchitectureFlow
  private var current: StateVector
  private var previous: StateVector
  private var next: StateVector
  private let direction: StateVector
  private let roots: [Double]

  private static let mostIterations = 20
  /// An eigenvalue counts as found when its residual is this part of it.
  private static let accuracy = 0.02

  init(_ flow: ArchitectureFlow) {
    self.flow = flow
    let count = flow.dimension
    (current, previous) = (StateVector(count: count), StateVector(count: count))
    (next, direction) = (StateVector(count: count), StateVector(count: count))
    roots = flow.blockMobilities.map { $0.squareRoot() }
  }

  /// A bound on the modulus of the largest eigenvalue at `y`: the largest Ritz value and its residual.
  ///
  /// - Throws: `EigenvalueError` if the state or the residuals are not finite.
  func spectralRadius(_ y: Span<Double>) throws -> Double {
    flow.prepareProducts(y)
    var generator = PCG64(seed: 1)
    for i in 0..<current.count { current.pointer[i] = generator.nextNormal() }
    normalise(current)
    previous.pointer.update(repeating: 0, count: previous.count)
    var (diagonal, off) = ([Double](), [Double]())
    var bound = 0.0
    for k in 0..<min(Self.mostIterations, flow.dimension) {
      apply(y)
      let alpha = cdeep_dot(next.count, next.pointer, current.pointer)
      cdeep_add(next.count, -alpha, current.pointer, next.pointer)
      if let beta = off.last { cdeep_add(next.count, -beta, previous.pointer, next.pointer) }
      diagonal.append(alpha)
      let beta = cdeep_squares(next.count, next.pointer, nil).squareRoot()
      guard beta.isFinite, alpha.isFinite else {
        throw EigenvalueError.nonFinite(row: k, column: k, value: alpha)
      }
      let (value, residual) = try largest(diagonal, off, beta)
      bound = value + residual
      if residual <= Self.accuracy * value || beta <= 1e-300 { break }
      off.append(beta)
      (previous, current, next) = (current, next, previous)
      for i in 0..<current.count { current.pointer[i] /= beta }
    }
    return bound
  }

  /// `next = A current`.
  private func apply(_ y: Span<Double>) {
    scale(current, into: direction, roots)
    direction.withSpan { v in next.withMutableSpan { flow.product(y, v, into: &$0) } }
    scale(next, into: next, roots.map { -1 / $0 })
  }

  private func scale(_ x: StateVector, into z: StateVector, _ factors: [Double]) {
    for (block, factor) in zip(flow.architecture.blocks, factors) {
      for i in block.range { z.pointer[i] = factor * x.pointer[i] }
    }
  }

  private func normalise(_ x: StateVector) {
    let size = cdeep_squares(x.count, x.pointer, nil).squareRoot()
    for i in 0..<x.count { x.pointer[i] /= size }
  }

  /// The Ritz value of largest modulus, as modulus, and its residual.
  private func largest(_ diagonal: [Double], _ off: [Double], _ beta: Double) throws -> (Double, Double) {
    let k = diagonal.count
    var matrix = [Double](repeating: 0, count: k * k)
    for i in 0..<k {
      matrix[i * k + i] = diagonal[i]
      if i > 0 { (matrix[i * k + i - 1], matrix[(i - 1) * k + i]) = (off[i - 1], off[i - 1]) }
    }
    let eigen = try SymmetricEigendecomposition(matrix, count: k)
    let place = abs(eigen.values[0]) > abs(eigen.values[k - 1]) ? 0 : k - 1
    return (abs(eigen.values[place]), abs(beta * eigen.vectors[place * k + k - 1]))
  }
}

extension ArchitectureFlow {
  /// The largest eigenvalue of the kernel at `y`: the fastest rate of the outputs for squared loss.
  ///
  /// - Throws: `EigenvalueError`.
  public func largestKernelRate(_ y: Span<Double>) throws -> Double {
    try largestEigenvalue(kernel(y), count: data.targets.count)
  }
}

extension ArchitectureFlow: SpectralRadiusEstimating {
  /// The largest modulus of an eigenvalue of the Jacobian by Lanczos' method, to 2 % or 20 products, and its residual.
  ///
  /// - Throws: `EigenvalueError` if the state or the residuals are not finite.
  public func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double {
    precondition(y.count == dimension)
    return try curvature.spectralRadius(y)
  }
}
