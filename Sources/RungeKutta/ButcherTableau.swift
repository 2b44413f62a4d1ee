/// The coefficients of an explicit Runge-Kutta method, checked against the conditions they must satisfy:
///
///     k_i = f(t + c_i h, y + h sum_{j<i} a_ij k_j),   i = 1...s
///     y_1 = y + h sum_i b_i k_i
///     err = h sum_i (b_i - bHat_i) k_i
///
/// A tableau with a wrong digit cannot be made: ``init(name:a:b:bHat:c:order:embeddedOrder:firstSameAsLast:correctedError:denseOutput:)``
/// verifies row sums, every order condition up to the claimed orders, and the dense output.
///
/// Source: Hairer, Norsett, Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., II.1-II.6.
public struct ButcherTableau: Sendable, Equatable {
  /// For messages.
  public let name: String
  /// Row `i` (from 0) holds `a_i0 ... a_i,i-1`; row 0 is empty.
  public let a: [[Double]]
  /// `s` weights.
  public let b: [Double]
  /// Weights of the embedded method, if there is one.
  public let bHat: [Double]?
  /// `s` abscissae.
  public let c: [Double]
  /// An estimate of the error by two vectors, in place of ``bHat``.
  public let correctedError: CorrectedError?
  /// The order of `b`.
  public let order: Int
  /// The order of `bHat`; 0 without.
  public let embeddedOrder: Int
  /// Whether the last stage is `f(t + h, y_1)` and so the next step's first.
  public let firstSameAsLast: Bool
  /// How the solution is interpolated within a step.
  public let denseOutput: DenseOutput
  /// The method's interval of stability on the negative real axis: the largest `x` with `|R(-z)| <= 1` for
  /// all `z` in `[0, x]`, `R` the ``stabilityPolynomial``. At most `2 s^2`, whatever the method of `s` stages.
  public private(set) var realStabilityInterval = 0.0

  /// `|e5|^2 / sqrt(|e5|^2 + 0.01 |e3|^2)` of `e5 = h sum_i fifth_i k_i`, `e3 = h sum_i third_i k_i`: of order 8 in `h` for
  /// estimates of orders 5 and 3. Source: Hairer, Norsett, Wanner, *Solving ODEs I*, II.10.
  public struct CorrectedError: Sendable, Equatable {
    /// Weights of the estimate of order 5, one for each stage.
    public let fifth: [Double]
    /// Weights of the estimate of order 3, one for each stage.
    public let third: [Double]
  }

  /// Whether there is an estimate of the error.
  public var estimatesError: Bool { bHat != nil || correctedError != nil }
  /// The power of `h` that the estimate falls with.
  var errorOrder: Int { correctedError != nil ? 8 : min(order, embeddedOrder) + 1 }

  /// How the solution is represented inside a step, `theta` in `[0, 1]`.
  public enum DenseOutput: Sendable, Equatable {
    /// `y_0 + theta (y_1 - y_0)`, order 1.
    case linear
    /// The cubic through both ends and their derivatives, order 3.
    case hermite
    /// `y_0 + h sum_i b_i(theta) k_i`, `b_i(theta) = sum_j weights[i][j] theta^(j+1)`.
    case polynomial(weights: [[Double]], order: Int)
    /// One that takes further stages.
    case extended(ExtendedOutput)

    /// The order of the interpolant, local error `O(h^(order+1))`; no higher than the method's.
    public var order: Int {
      switch self {
      case .linear: 1
      case .hermite: 3
      case .polynomial(_, let order): order
      case .extended(let output): output.order
      }
    }
  }

  /// The number of stages `s`.
  public var stageCount: Int { b.count }

  /// Makes and checks a tableau.
  ///
  /// - Throws: ``ButcherTableauError`` that names the condition violated.
  public init(
    name: String, a: [[Double]], b: [Double], bHat: [Double]? = nil, c: [Double], order: Int,
    embeddedOrder: Int = 0, firstSameAsLast: Bool = false,
    correctedError: CorrectedError? = nil, denseOutput: DenseOutput
  ) throws {
    self.name = name
    self.a = a
    self.b = b
    self.bHat = bHat
    self.c = c
    self.order = order
    self.embeddedOrder = bHat == nil ? 0 : embeddedOrder
    self.firstSameAsLast = firstSameAsLast
    self.correctedError = correctedError
    self.denseOutput = denseOutput
    try validate()
    realStabilityInterval = stabilityInterval()
  }

  /// A tableau that is part of this library: one that fails its check is a mistake of ours.
  static func builtIn(_ make: () throws -> ButcherTableau) -> ButcherTableau {
    do { return try make() } catch { preconditionFailure("\(error)") }
  }
}
