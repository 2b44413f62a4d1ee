import CDeepKernels
import Networks
import ODECore

/// Derivatives of features and signals in one direction `v` of the parameters.
final class DeepTangents {
  /// `dz_l` and `da_l`.
  private let arguments: [StateVector]
  private let values: [StateVector]
  /// `dp_l`, and `sigma''(z_l)` of smooth activations.
  private let signals: [StateVector]
  private let outputSignal: StateVector
  private let curvatures: [StateVector?]
  /// `p_(l+1) W_(l+1)`.
  private let back: StateVector

  init(_ e: DeepEvaluation) {
    func matrices() -> [StateVector] { e.values.map { StateVector(count: $0.count) } }
    (arguments, values, signals) = (matrices(), matrices(), matrices())
    outputSignal = StateVector(count: e.n * e.c)
    curvatures = e.arguments.map { $0.map { StateVector(count: $0.count) } }
    back = StateVector(count: e.arguments.compactMap { $0?.count }.max() ?? 0)
  }

  /// `dz_l = da_(l-1) W_l^T + a_(l-1) V_l^T`, `da_l = sigma'(z_l) dz_l`.
  func forward(
    _ e: DeepEvaluation, _ theta: UnsafePointer<Double>, _ v: UnsafePointer<Double>,
    into df: UnsafeMutablePointer<Double>
  ) {
    for l in 0...e.depth {
      let target = l == e.depth ? df : arguments[l].pointer
      let scale = l == e.depth ? e.network.kappa : 1
      e.layers[l].forward(e.n, e.features(l), v + e.weights(l), scale: scale, into: target)
      if l > 0 {
        e.layers[l].forward(
          e.n, values[l - 1].pointer, theta + e.weights(l), scale: scale, adds: true, into: target)
      }
      guard l < e.depth else { return }
      if let bias = e.bias(l) { e.addToRows(v + bias, e.layers[l].units, target) }
      values[l].pointer.update(from: target, count: values[l].count)
      cdeep_scale(values[l].count, e.slopes[l].pointer, values[l].pointer)
    }
  }

  /// The gradient's derivative after ``forward(_:_:_:into:)`` and the evaluation's signals of the weights, while these change by `q`:
  ///
  ///     dp_l = (dp_(l+1) W_(l+1) + p_(l+1) V_(l+1)) o sigma'(z_l) + (p_(l+1) W_(l+1)) o sigma''(z_l) o dz_l.
  func backward(
    _ e: DeepEvaluation, _ theta: UnsafePointer<Double>, _ v: UnsafePointer<Double>,
    _ q: UnsafePointer<Double>, _ factors: [Double], into g: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<e.n * e.c { outputSignal.pointer[i] = e.network.kappa * q[i] }
    for l in stride(from: e.depth, through: 0, by: -1) {
      let signal = l == e.depth ? outputSignal.pointer : signals[l].pointer
      if l < e.depth { differentiate(l, e, theta, v) }
      e.gather(l, signal, e.features(l), factors, adds: false, into: g)
      if l > 0 {
        e.layers[l].outer(
          e.n, e.signal(l), values[l - 1].pointer, factor: factors[e.network.places[l].weights], adds: true,
          into: g + e.weights(l))
      }
    }
  }

  private func differentiate(
    _ l: Int, _ e: DeepEvaluation, _ theta: UnsafePointer<Double>, _ v: UnsafePointer<Double>
  ) {
    let above = l + 1 == e.depth ? outputSignal.pointer : signals[l + 1].pointer
    let target = signals[l].pointer
    e.layers[l + 1].backward(e.n, above, theta + e.weights(l + 1), into: target)
    e.layers[l + 1].backward(e.n, e.signal(l + 1), v + e.weights(l + 1), adds: true, into: target)
    let count = signals[l].count
    guard let curvature = curvatures[l], let z = e.arguments[l] else {
      cdeep_scale_tangent(count, e.slopes[l].pointer, nil, arguments[l].pointer, target, target)
      return
    }
    curvature.withMutableSpan { result in
      z.withSpan { e.network.activations[l].secondDerivative($0, into: &result) }
    }
    // p_(l+1) W_(l+1) once more: the evaluation's own signal has sigma' in it, which may be zero.
    e.layers[l + 1].backward(e.n, e.signal(l + 1), theta + e.weights(l + 1), into: back.pointer)
    cdeep_scale_tangent(
      count, e.slopes[l].pointer, curvature.pointer, arguments[l].pointer, back.pointer, target)
  }
}
