import CDeepKernels
import GradientFlow
import Networks
import ODECore

/// The largest eigenvalues of the Hessian of `R` in the mobility's metric, `A = M^(1/2) (grad^2 R) M^(1/2)`, by Lanczos' method with exact
/// products and full reorthogonalisation. `A` is similar to minus the flow's Jacobian: gradient descent with step `h` is stable while
/// `h` times the largest is below 2.
///
/// The next call starts from the last one's eigenvectors, which have hardly turned.
public final class Sharpness {
  /// How many eigenvalues.
  public let count: Int
  private let tolerance: Double
  private let mostIterations: Int
  private var basis: [StateVector] = []
  private var start: StateVector?
  /// Products of the last call.
  public private(set) var products = 0

  /// - Parameters:
  ///   - count: the number of eigenvalues, 1 or more.
  ///   - tolerance: an eigenvalue counts as found when its residual is this part of the largest.
  public init(count: Int = 1, tolerance: Double = 1e-6, mostIterations: Int = 100) {
    precondition(count > 0)
    (self.count, self.tolerance, self.mostIterations) = (count, tolerance, max(mostIterations, 2 * count + 2))
  }

  /// The largest eigenvalues, descending; fewer if the flow has fewer dimensions.
  ///
  /// - Throws: `EigenvalueError` if the state or the products are not finite.
  public func callAsFunction(_ flow: ArchitectureFlow, _ y: Span<Double>) throws -> [Double] {
    let length = flow.dimension
    let wanted = min(count, length)
    flow.prepareProducts(y)
    let (direction, image) = (StateVector(count: length), StateVector(count: length))
    let roots = flow.blockMobilities.map { $0.squareRoot() }
    var (diagonal, off) = ([Double](), [Double]())
    setStart(length)
    products = 0
    while true {
      let k = diagonal.count
      let v = basis[k]
      for (block, root) in zip(flow.architecture.blocks, roots) {
        for i in block.range { direction.pointer[i] = root * v.pointer[i] }
      }
      direction.withSpan { d in image.withMutableSpan { flow.product(y, d, into: &$0) } }
      products += 1
      for (block, root) in zip(flow.architecture.blocks, roots) {
        for i in block.range { image.pointer[i] *= -1 / root }
      }
      diagonal.append(cdeep_dot(length, image.pointer, v.pointer))
      for _ in 0..<2 {
        for j in 0...k {
          cdeep_add(
            length, -cdeep_dot(length, image.pointer, basis[j].pointer), basis[j].pointer, image.pointer)
        }
      }
      let beta = cdeep_squares(length, image.pointer, nil).squareRoot()
      guard beta.isFinite else { throw EigenvalueError.nonFinite(row: k, column: k, value: beta) }
      let eigen = try Self.decompose(diagonal, off)
      let m = diagonal.count
      let size = max(abs(eigen.values[m - 1]), abs(eigen.values[0]))
      let isDone =
        m == length || m == mostIterations || beta <= 1e-14 * size
        || m >= 2 * wanted
          && (0..<wanted).allSatisfy {
            beta * abs(eigen.vectors[(m - 1 - $0) * m + m - 1]) <= tolerance * size
          }
      if isDone {
        keep(eigen, min(wanted, m), length)
        return (0..<min(wanted, m)).map { eigen.values[m - 1 - $0] }
      }
      off.append(beta)
      if basis.count == m { basis.append(StateVector(count: length)) }
      for i in 0..<length { basis[m].pointer[i] = image.pointer[i] / beta }
    }
  }

  private static func decompose(_ diagonal: [Double], _ off: [Double]) throws -> SymmetricEigendecomposition {
    let m = diagonal.count
    var matrix = [Double](repeating: 0, count: m * m)
    for i in 0..<m {
      matrix[i * m + i] = diagonal[i]
      if i > 0 { (matrix[i * m + i - 1], matrix[(i - 1) * m + i]) = (off[i - 1], off[i - 1]) }
    }
    return try SymmetricEigendecomposition(matrix, count: m)
  }

  /// A random vector, the same each time, or the sum of the last eigenvectors and a little of it.
  private func setStart(_ length: Int) {
    var generator = PCG64(seed: 2)
    let first = basis.first ?? StateVector(count: length)
    if basis.isEmpty { basis.append(first) }
    let share = start == nil ? 1 : 1e-3 / Double(length).squareRoot()
    for i in 0..<length { first.pointer[i] = share * generator.nextNormal() + (start?.pointer[i] ?? 0) }
    let size = cdeep_squares(length, first.pointer, nil).squareRoot()
    for i in 0..<length { first.pointer[i] /= size }
  }

  private func keep(_ eigen: SymmetricEigendecomposition, _ wanted: Int, _ length: Int) {
    let (sum, m) = (start ?? StateVector(count: length), eigen.count)
    sum.pointer.update(repeating: 0, count: length)
    for e in 0..<wanted {
      for j in 0..<m { cdeep_add(length, eigen.vectors[(m - 1 - e) * m + j], basis[j].pointer, sum.pointer) }
    }
    start = sum
  }
}
