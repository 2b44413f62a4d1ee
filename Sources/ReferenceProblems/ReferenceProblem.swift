import ODECore

/// An initial value problem whose solution is known from elsewhere.
public struct ReferenceProblem {
  /// Short, in kebab case.
  public let name: String
  /// The equations in a line.
  public let summary: String
  /// Where the equations come from.
  public let source: String
  /// From the start to the time of the known solution.
  public let problem: ODEProblem
  /// The solution at ``/ODECore/ODEProblem/finalTime``.
  public let known: KnownSolution
  /// Whether explicit methods are out of place.
  public let isStiff: Bool
  /// Whether errors grow exponentially, so that none is expected within a stated number of tolerances.
  public let isChaotic: Bool
  /// The absolute tolerance that goes with a relative one, as their ratio: what the size of the smallest components that matter asks for.
  public let atolRatio: Double
  /// `y(t)` for any `t`, if there is a closed form.
  public let exact: ((Double) -> [Double])?

  /// - Parameter knownFrom: where the known solution comes from; `nil`: from `source`.
  init(
    _ name: String, _ summary: String, source: String, knownFrom: String? = nil, _ system: any ODESystem,
    from start: Double = 0, to end: Double, initialState: [Double], solution: [Double],
    components: [Int]? = nil, accuracy: Double, floor: Double = 0, isStiff: Bool = false,
    isChaotic: Bool = false, atolRatio: Double = 1e-3, componentNames: [String]? = nil,
    events: [Event] = [], invariants: Invariants? = nil, discontinuities: Discontinuities = .none,
    exact: ((Double) -> [Double])? = nil
  ) {
    self.name = name
    self.summary = summary
    self.source = source
    // Constants of this module's own making: a failure is a mistake here.
    do {
      problem = try ODEProblem(
        system, from: start, to: end, initialState: initialState, events: events,
        componentNames: componentNames, invariants: invariants, discontinuities: discontinuities)
    } catch {
      preconditionFailure("\(error)")
    }
    known = KnownSolution(
      time: end, values: solution, components: components, accuracy: accuracy, floor: floor,
      source: knownFrom ?? source)
    self.isStiff = isStiff
    self.isChaotic = isChaotic
    self.atolRatio = atolRatio
    self.exact = exact
  }

  /// What is known of `y` at ``/ODECore/ODEProblem/finalTime``: see ``known``.
  public var solution: [Double] { known.values }
  /// The accuracy of ``solution``.
  public var solutionAccuracy: Double { known.accuracy }
  /// The error of `y`: ``/ODECore/KnownSolution/error(of:)``.
  public func error(of y: [Double]) -> Double { known.error(of: y) }

  /// Small ones with a closed form, for tests of methods.
  public static var simple: [ReferenceProblem] { [decay, oscillator, rational, logistic] }

  /// The well-known ones.
  public static var testSet: [ReferenceProblem] {
    [
      kepler, threeBody, arenstorf, pleiades, lorenz, bouncingBall, stickSlip, robertson, vanDerPol, hires,
      orego, e5, pollution, ringModulator, beam, heat, allenCahn, brusselator, medicalAkzo,
    ]
  }

  /// The one of that name, made anew.
  public static func named(_ name: String) -> ReferenceProblem? { all.first { $0.name == name } }

  /// All of them.
  public static var all: [ReferenceProblem] { simple + testSet }
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
