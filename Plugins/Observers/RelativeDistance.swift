import GradientFlow
import ODECore

/// `relative-distance`: how far the parameters are from where they started,
///
///     RD(theta_w(t)) = |theta_w(t) - theta_w(0)| / |theta_w(0)|        (16)
///
/// and likewise for `theta_a` and `theta = (theta_a, theta_w)` (Appendix D), Euclidean norms. The
/// theory speaks of the supremum over time; it is taken over the accepted steps and the recorded times.
///
/// A part that starts at zero has no relative distance: infinite once it has moved, NaN before (both
/// `null` in records).
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

  private var start = StateVector(count: 0)
  private var startNorms = Parts(w: 0, a: 0)
  private var supremum = Distances(w: 0, a: 0, theta: 0)

  public init() {}

  /// The suprema.
  public var memory: [Double] {
    get { [supremum.w, supremum.a, supremum.theta] }
    set {
      if newValue.count == 3 {
        supremum = Distances(w: newValue[0], a: newValue[1], theta: newValue[2])
      }
    }
  }

  public func begin(_ snapshot: FlowSnapshot) {
    start = snapshot.withState { y in
      let copy = StateVector(count: y.count)
      copy.withMutableSpan { target in for i in 0..<y.count { target[i] = y[i] } }
      return copy
    }
    startNorms = squares(snapshot, relativeToStart: false)
    supremum = Distances(w: 0, a: 0, theta: 0)
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

  /// Squared norms of the two parts of the state.
  private struct Parts {
    var w: Double
    var a: Double
  }

  private struct Distances {
    var w: Double
    var a: Double
    var theta: Double
  }

  private func measure(_ snapshot: FlowSnapshot) -> Distances {
    let moved = squares(snapshot, relativeToStart: true)
    let now = Distances(
      w: (moved.w / startNorms.w).squareRoot(), a: (moved.a / startNorms.a).squareRoot(),
      theta: ((moved.w + moved.a) / (startNorms.w + startNorms.a)).squareRoot())
    // `maximum` passes over NaN, so that 0/0 at the start does not stick.
    supremum.w = .maximum(supremum.w, now.w)
    supremum.a = .maximum(supremum.a, now.a)
    supremum.theta = .maximum(supremum.theta, now.theta)
    return now
  }

  private func squares(_ snapshot: FlowSnapshot, relativeToStart: Bool) -> Parts {
    precondition(snapshot.flow.dimension == start.count, "begin(_:) comes first")
    let m = snapshot.width
    let origin = UnsafeBufferPointer(start: start.pointer, count: start.count)
    return snapshot.withState { y in
      y.withUnsafeBufferPointer { y in
        func part(_ range: Range<Int>) -> Double {
          sumOfSquares(
            UnsafeBufferPointer(rebasing: y[range]),
            minus: relativeToStart ? UnsafeBufferPointer(rebasing: origin[range]) : nil)
        }
        return Parts(w: part(m..<y.count), a: part(0..<m))
      }
    }
  }
}
