import GradientFlow

/// Constants of a data set that stand in the theory's conditions and bounds.
///
/// The paper's domain is `x in [0, 1]^d` with the bias coordinate last, and `y in [0, 1]`. Its estimates use of that only
/// `|x_i|_inf <= 1`, `|x_i|_2 >= 1` and `|y_i| <= 1`. Here they are kept for any data by carrying ``inputBound`` and
/// ``targetBound`` along: `|sigma(w.x)| <= d X |w|_inf` and `|grad_w R|_inf <= X sqrt(2 R) kappa |a|`.
public struct DataConstants: Equatable, Sendable, Encodable {
  /// `n`.
  public let sampleCount: Int
  /// `d`, the bias coordinate included.
  public let inputDimension: Int
  /// `X = max_i |x_i|_inf`, at least 1 because of the bias coordinate.
  public let inputBound: Double
  /// `Y = max_i |y_i|`.
  public let targetBound: Double
  /// `|x_i|_2` of the sample whose `|y_i|` is largest.
  public let leadingInputNorm: Double
  /// `(1/2n) sum_i y_i^2`, the risk (10) of the zero function.
  public let zeroRisk: Double
  /// `lambda_a` and `lambda_w` (34), of the kernels of ReLU.
  public let lambdaA: Double
  /// The smallest eigenvalue of `K^w`.
  public let lambdaW: Double
  /// The least and the greatest of `x^T K^w x / x^T K^a x` over `x`: times `kappa'^2`, how much of the work falls to the
  /// input weights in the directions where that share is least and greatest. `nil` if `lambda_a = 0`.
  let layerRatios: ClosedRange<Double>?
  private let kernels: GramMatrix

  private enum CodingKeys: String, CodingKey {
    case sampleCount, inputDimension, inputBound, targetBound, leadingInputNorm, zeroRisk, lambdaA, lambdaW
  }

  /// - Throws: ``/GradientFlow/EigenvalueError``, ``/GradientFlow/BLASError``.
  public init(_ data: Dataset) throws {
    sampleCount = data.sampleCount
    inputDimension = data.inputDimension
    inputBound = data.inputs.values.reduce(0) { max($0, abs($1)) }
    let leading = data.targets.indices.max { abs(data.targets[$0]) < abs(data.targets[$1]) }!
    targetBound = abs(data.targets[leading])
    leadingInputNorm = data.input(leading).reduce(0) { $0 + $1 * $1 }.squareRoot()
    zeroRisk = data.targets.reduce(0) { $0 + $1 * $1 } / Double(2 * data.sampleCount)
    kernels = ArcCosineKernel.gramMatrix(data.inputs)
    lambdaA = try symmetricEigenvalues(kernels.a, count: kernels.count)[0]
    lambdaW = try symmetricEigenvalues(kernels.w, count: kernels.count)[0]
    layerRatios = try Self.generalizedEigenvalues(kernels.w, kernels.a, kernels.count)
  }

  /// The range of the eigenvalues of `A x = mu B x`, those of `B^(-1/2) A B^(-1/2)`.
  private static func generalizedEigenvalues(_ a: [Double], _ b: [Double], _ n: Int) throws -> ClosedRange<
    Double
  >? {
    let modes = try SymmetricEigendecomposition(b, count: n)
    guard modes.values[0] > 0 else { return nil }
    let scaled = (0..<n).map { i in
      modes.vectors[i * n..<(i + 1) * n].map { $0 / modes.values[i].squareRoot() }
    }
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      let row = (0..<n).map { k in (0..<n).reduce(0) { $0 + scaled[i][$1] * a[$1 * n + k] } }
      for j in 0...i {
        matrix[i * n + j] = (0..<n).reduce(0) { $0 + row[$1] * scaled[j][$1] }
        matrix[j * n + i] = matrix[i * n + j]
      }
    }
    let values = try symmetricEigenvalues(matrix, count: n)
    return values[0] > 0 ? values[0]...values[n - 1] : nil
  }

  /// `lambda` (33).
  public var lambda: Double { min(lambdaA, lambdaW) }

  /// Whether Assumption 1 fails: `lambda` is within what rounding alone does to an eigenvalue, `n u` of the largest.
  public var isDegenerate: Bool {
    let largest = (0..<kernels.count).map {
      max(kernels.a[$0 * (kernels.count + 1)], kernels.w[$0 * (kernels.count + 1)])
    }
    return !(lambda > Double(kernels.count) * .ulpOfOne * largest.reduce(0, +))
  }

  /// The smallest eigenvalue of `K^a/kappa' + kappa' K^w`, at least `lambda_a/kappa' + kappa' lambda_w`.
  ///
  /// - Throws: ``/GradientFlow/EigenvalueError``, ``/GradientFlow/BLASError``.
  public func smallestEigenvalue(kappaPrime: Double) throws -> Double {
    let sum = zip(kernels.a, kernels.w).map { $0 / kappaPrime + kappaPrime * $1 }
    return try symmetricEigenvalues(sum, count: kernels.count)[0]
  }
}
