import GradientFlow
import ODECore

/// `neuron-bound`: how close the output weights come to the neuron-wise bound
///
///     |a_k(t)| <= |w_k(t)| / kappa' + |a_k(0)|                         (75)
///
/// which follows from the conservation law (77), and so holds for every neuron and time if the activation is positively
/// homogeneous of degree 1. Theorem 8 rests on it.
///
/// - Columns: none.
/// - Summary: `applicable`; `maxRatio`, the largest `|a_k| / (|w_k|/kappa' + |a_k(0)|)` over neurons, accepted steps and
///   the end: at most 1, or the text `not applicable` for other activations. A neuron that is zero throughout has ratio 0.
///   NaN in the state makes it NaN.
public final class NeuronBound: FlowObserver {
  public let name = "neuron-bound"
  public let needsGradientFlow = true
  public let watchesSteps = true
  public let isRotationInvariant = true

  private var applicable = false
  private var startA = StateVector(count: 0)
  /// `|w_k|^2`, scratch.
  private var squares = StateVector(count: 0)
  private var largest = 0.0

  /// The observer has no parameters.
  public init() {}

  /// The largest ratio so far.
  public var memory: [Double] {
    get { [largest] }
    set { if let value = newValue.first { largest = value } }
  }

  public func begin(_ snapshot: FlowSnapshot) {
    applicable = snapshot.flow.activation.homogeneity == 1
    largest = 0
    guard applicable else { return }
    startA = StateVector(count: snapshot.width)
    squares = StateVector(count: snapshot.width)
    for k in 0..<snapshot.width { startA.pointer[k] = abs(snapshot.a(k)) }
  }

  public func step(_ snapshot: FlowSnapshot) {
    guard applicable else { return }
    let m = snapshot.width
    let inverse = 1 / snapshot.flow.scaling.kappaPrime
    let (start, squares) = (startA.pointer, squares.pointer)
    var ratio = largest
    snapshot.withState { y in
      y.withUnsafeBufferPointer { y in
        let a = y.baseAddress!
        for k in 0..<m { squares[k] = 0 }
        var row = m
        while row < y.count {
          for k in 0..<m { squares[k] += a[row + k] * a[row + k] }
          row += m
        }
        for k in 0..<m {
          let bound = squares[k].squareRoot() * inverse + start[k]
          let found = abs(a[k]) / Swift.max(bound, .leastNormalMagnitude)
          if !(found <= ratio), !ratio.isNaN { ratio = found }
        }
      }
    }
    largest = ratio
  }

  public func finish(_ snapshot: FlowSnapshot) -> [String: ObservedValue] {
    guard applicable else {
      return ["maxRatio": .text("not applicable"), "applicable": .flag(false)]
    }
    step(snapshot)
    return ["maxRatio": .number(largest), "applicable": .flag(true)]
  }
}
