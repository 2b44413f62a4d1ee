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
  public let lambdaW: Double
  private let kernels: GramMatrix

  private enum CodingKeys: String, CodingKey {
    case sampleCount, inputDimension, inputBound, targetBound, leadingInputNorm, zeroRisk, lambdaA, lambdaW
  }

  /// - Throws: ``EigenvalueError``, ``BLASError``.
  public init(_ data: Dataset) throws {
    sampleCount = data.sampleCount
    inputDimension = data.inputDimension
    inputBound = data.inputs.reduce(0) { max($0, abs($1)) }
    let leading = data.targets.indices.max { abs(data.targets[$0]) < abs(data.targets[$1]) }!
    targetBound = abs(data.targets[leading])
    leadingInputNorm = data.input(leading).reduce(0) { $0 + $1 * $1 }.squareRoot()
    zeroRisk = data.targets.reduce(0) { $0 + $1 * $1 } / Double(2 * data.sampleCount)
    kernels = ArcCosineKernel.gramMatrix(data)
    lambdaA = try symmetricEigenvalues(kernels.a, count: kernels.count)[0]
    lambdaW = try symmetricEigenvalues(kernels.w, count: kernels.count)[0]
  }

  /// `lambda` (33).
  public var lambda: Double { min(lambdaA, lambdaW) }

  /// The smallest eigenvalue of `K^a/kappa' + kappa' K^w`, at least `lambda_a/kappa' + kappa' lambda_w`.
  ///
  /// - Throws: ``EigenvalueError``, ``BLASError``.
  public func smallestEigenvalue(kappaPrime: Double) throws -> Double {
    let sum = zip(kernels.a, kernels.w).map { $0 / kappaPrime + kappaPrime * $1 }
    return try symmetricEigenvalues(sum, count: kernels.count)[0]
  }
}
