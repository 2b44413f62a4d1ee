import ODECore

/// An initial value problem whose solution is known from elsewhere.
public struct ReferenceProblem {
  /// Short, in kebab case.
  public let name: String
  /// Where equation and solution come from.
  public let source: String
  /// From the start to the time of the known solution.
  public let problem: ODEProblem
  /// `y` at ``/ODECore/ODEProblem/finalTime``.
  public let solution: [Double]
  /// The relative accuracy of ``solution`` that its source or our cross-check vouches for.
  public let solutionAccuracy: Double
  /// Whether explicit methods are out of place.
  public let isStiff: Bool
  /// `y(t)` for any `t`, if there is a closed form.
  public let exact: ((Double) -> [Double])?

  init(
    _ name: String, source: String, _ system: any ODESystem, from start: Double = 0, to end: Double,
    initialState: [Double], solution: [Double], accuracy: Double, isStiff: Bool = false,
    exact: ((Double) -> [Double])? = nil
  ) {
    self.name = name
    self.source = source
    // Constants of this file's own making: a failure is a mistake here.
    do {
      problem = try ODEProblem(system, from: start, to: end, initialState: initialState)
    } catch {
      preconditionFailure("\(error)")
    }
    self.solution = solution
    solutionAccuracy = accuracy
    self.isStiff = isStiff
    self.exact = exact
  }

  /// The largest error of `y` against ``solution``, relative in each component; absolute where the
  /// solution is zero.
  public func error(of y: [Double]) -> Double {
    precondition(y.count == solution.count)
    return zip(y, solution).map { abs($0 - $1) / ($1 == 0 ? 1 : abs($1)) }
      .max { $1.isNaN || $0 < $1 } ?? 0
  }

  /// All of them.
  public static var all: [ReferenceProblem] {
    [
      decay, oscillator, rational, logistic, arenstorf, pleiades, robertson, vanDerPol, hires, orego,
      pollution,
    ]
  }
}

/// A system given by `f` and its Jacobian in closed form.
struct AnalyticSystem: DenseJacobianProviding, JacobianVectorProductProviding {
  typealias Function = (Double, Span<Double>, inout MutableSpan<Double>) -> Void
  /// `(t, y, set)`: calls `set(i, j, df_i/dy_j)` for every element that is not zero.
  typealias Jacobian = (Double, Span<Double>, (Int, Int, Double) -> Void) -> Void

  let dimension: Int
  let function: Function
  let elements: Jacobian

  init(_ dimension: Int, _ function: @escaping Function, jacobian: @escaping Jacobian) {
    self.dimension = dimension
    self.function = function
    self.elements = jacobian
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    function(t, y, &dy)
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) {
    let matrix = StateVector(count: dimension * dimension)
    elements(t, y) { matrix.pointer[$0 + $1 * dimension] = $2 }
    for i in 0..<matrix.count { jacobian[i] = matrix.pointer[i] }
  }

  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    let (vector, product) = ([Double](copying: v), StateVector(count: dimension))
    elements(t, y) { product.pointer[$0] += $2 * vector[$1] }
    for i in 0..<dimension { jv[i] = product.pointer[i] }
  }
}
