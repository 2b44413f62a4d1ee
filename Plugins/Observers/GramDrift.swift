import DeepNetworks
import GradientFlow
import ODECore

/// `gram`: the Gram matrix (32) along the run. How far it is from its start decides whether the theory's rates apply
/// (54), (55), (61); its smallest eigenvalue bounds the rate at each moment, `-d log R / dt >= 2 (m/n) lambda_min(G)`.
///
/// - Columns: `gramSmallest = lambda_min(G)`, `gramSmallestA = lambda_min(G^a)`, `gramChange = |G - G(0)|_F`,
///   `gramChangeA = |G^a - G^a(0)|_F`, `gramRate = (m/n^2) e.G e / R`, the `-d log R / dt` that `G` promises at that
///   moment (0 where `R = 0`).
/// - Summary: `smallestInitial`, `smallest` at the end, `supChange`, `supChangeA` over the records.
///
/// All are null for more than ``maxSamples`` samples; a record costs `O(m n (n + d) + n^3)`.
public final class GramDrift: FlowObserver {
  public let name = "gram"
  public let columns = ["gramSmallest", "gramSmallestA", "gramChange", "gramChangeA", "gramRate"]
  public let isRotationInvariant = true
  /// With more samples its values are null: the matrix has their square of entries.
  public static let maxSamples = 200

  private var start: GramMatrix?
  private var initial = Double.nan
  private var suprema = (all: 0.0, a: 0.0)

  /// The observer has no parameters.
  public init() {}

  /// Networks of any depth have an observer of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    (problem.system as? ArchitectureFlow).map { LayerGram(layers: $0.architecture.layerCount) } ?? self
  }

  /// The suprema so far.
  public var memory: [Double] {
    get { [suprema.all, suprema.a] }
    set { if newValue.count == 2 { suprema = (newValue[0], newValue[1]) } }
  }

  public func begin(_ snapshot: FlowSnapshot) throws {
    (start, initial, suprema) = (nil, .nan, (0, 0))
    guard snapshot.flow.data.sampleCount <= Self.maxSamples else { return }
    let gram = try snapshot.withState { try snapshot.flow.gramMatrix($0) }
    start = gram
    initial = try gram.eigenvalues()[0]
  }

  public func record(_ snapshot: FlowSnapshot) throws -> [Double] {
    guard let start else { return [Double](repeating: .nan, count: columns.count) }
    let gram = try snapshot.withState { try snapshot.flow.gramMatrix($0) }
    let change = distance(gram.sum, start.sum)
    let changeA = distance(gram.a, start.a)
    suprema = (Swift.max(suprema.all, change), Swift.max(suprema.a, changeA))
    return [
      smallest(gram.sum, gram.count), smallest(gram.a, gram.count), change, changeA, rate(gram, snapshot),
    ]
  }

  public func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] {
    guard start != nil else {
      return ["smallestInitial": .number(.nan), "smallest": .number(.nan)]
    }
    let gram = try snapshot.withState { try snapshot.flow.gramMatrix($0) }
    return [
      "smallestInitial": .number(initial), "smallest": .number(smallest(gram.sum, gram.count)),
      "supChange": .number(suprema.all), "supChangeA": .number(suprema.a),
    ]
  }

  private func rate(_ gram: GramMatrix, _ snapshot: FlowSnapshot) -> Double {
    let (n, e, matrix) = (gram.count, snapshot.residuals, gram.sum)
    guard snapshot.loss > 0 else { return 0 }
    let form = (0..<n * n).reduce(0) { $0 + e[$1 / n] * matrix[$1] * e[$1 % n] }
    return Double(snapshot.width) / Double(n * n) * form / snapshot.loss
  }

  /// NaN if the run has failed, which says so itself.
  private func smallest(_ matrix: [Double], _ n: Int) -> Double {
    (try? symmetricEigenvalues(matrix, count: n)[0]) ?? .nan
  }

  /// In the Frobenius norm.
  private func distance(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}
