import DeepNetworks
import GradientFlow
import ODECore

/// `relative-distance`: how far the parameters are from where they started (16), ``DistanceFromStart``. The theory speaks of
/// the supremum over time; it is taken over the accepted steps and the recorded times.
///
/// The distance of a part that starts at zero, infinite or NaN, is `null` in records.
///
/// - Columns: `rdW`, `rdA`, `rdTheta`.
/// - Summary: `w`, `a`, `theta` at the end; `supW`, `supA`, `supTheta`.
///
/// Each step reads the state once and allocates nothing.
public final class RelativeDistance: FlowObserver {
  public let name = "relative-distance"
  public let columns = ["rdW", "rdA", "rdTheta"]
  public let watchesSteps = true
  public let isRotationInvariant = true

  private var distance: DistanceFromStart?
  private var supremum = RelativeDistances.zero

  /// The observer has no parameters.
  public init() {}

  /// Networks of any depth have an observer of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    (problem.system as? ArchitectureFlow).map { LayerDistance(layers: $0.architecture.layerCount) } ?? self
  }

  /// The suprema.
  public var memory: [Double] {
    get { [supremum.w, supremum.a, supremum.theta] }
    set {
      if newValue.count == 3 {
        supremum = RelativeDistances(w: newValue[0], a: newValue[1], theta: newValue[2])
      }
    }
  }

  public func begin(_ snapshot: FlowSnapshot) {
    distance = snapshot.withState { DistanceFromStart($0, shape: snapshot.flow.shape) }
    supremum = .zero
  }

  public func step(_ snapshot: FlowSnapshot) { _ = measure(snapshot) }

  public func record(_ snapshot: FlowSnapshot) -> [Double] {
    let now = measure(snapshot)
    return [now.w, now.a, now.theta]
  }

  public func finish(_ snapshot: FlowSnapshot) -> [String: ObservedValue] {
    let now = measure(snapshot)
    return [
      "w": .number(now.w), "a": .number(now.a), "theta": .number(now.theta),
      "supW": .number(supremum.w), "supA": .number(supremum.a),
      "supTheta": .number(supremum.theta),
    ]
  }

  private func measure(_ snapshot: FlowSnapshot) -> RelativeDistances {
    guard let distance else { preconditionFailure("begin(_:) comes first") }
    let now = snapshot.withState { distance($0) }
    supremum = supremum.maximum(now)
    return now
  }
}
