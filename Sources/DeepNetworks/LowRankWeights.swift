import CDeepKernels
import ODECore

/// Weights of which large changes are sums of outer products: a product streams `W_l(0)` once and adds two thin ones.
struct LowRankWeights: LayerWeights {
  private unowned(unsafe) let evaluation: DeepEvaluation
  private unowned(unsafe) let base: StateVector
  private unowned(unsafe) let scratch: StateVector
  private let layout: LowRankLayout
  private let state: UnsafePointer<Double>

  /// - Parameters:
  ///   - base: `theta(0)`.
  ///   - scratch: `n c K` numbers.
  init(
    _ evaluation: DeepEvaluation, _ layout: LowRankLayout, base: StateVector, _ state: UnsafePointer<Double>,
    scratch: StateVector
  ) {
    (self.evaluation, self.layout, self.base, self.state, self.scratch) = (
      evaluation, layout, base, state, scratch
    )
  }

  func forward(
    _ l: Int, _ n: Int, _ a: UnsafePointer<Double>, scale: Double, into z: UnsafeMutablePointer<Double>
  ) {
    let layer = evaluation.layers[l]
    switch layout.parts[evaluation.network.places[l].weights] {
    case .dense(let at): layer.forward(n, a, state + at, scale: scale, into: z)
    case .factors(let rank, let u, let v):
      layer.forward(n, a, base.pointer + evaluation.weights(l), scale: scale, into: z)
      let r = Int(state[rank])
      guard r > 0 else { return }
      let t = scratch.pointer
      cdeep_forward(n, r, layer.inputs, scale, a, layer.inputs, state + v, layer.inputs, 0, t, r)
      cdeep_backward(n, r, layer.units, t, r, state + u, layer.units, 1, z, layer.units)
    }
  }

  func backward(_ l: Int, _ n: Int, _ p: UnsafePointer<Double>, into q: UnsafeMutablePointer<Double>) {
    let layer = evaluation.layers[l]
    switch layout.parts[evaluation.network.places[l].weights] {
    case .dense(let at): layer.backward(n, p, state + at, into: q)
    case .factors(let rank, let u, let v):
      layer.backward(n, p, base.pointer + evaluation.weights(l), into: q)
      let r = Int(state[rank])
      guard r > 0 else { return }
      let t = scratch.pointer
      cdeep_forward(n, r, layer.units, 1, p, layer.units, state + u, layer.units, 0, t, r)
      cdeep_backward(n, r, layer.inputs, t, r, state + v, layer.inputs, 1, q, layer.inputs)
    }
  }

  func bias(_ l: Int) -> UnsafePointer<Double>? {
    guard let place = evaluation.network.places[l].bias, case .dense(let at) = layout.parts[place] else {
      return nil
    }
    return state + at
  }

  var top: UnsafePointer<Double> {
    guard case .dense(let at) = layout.parts[evaluation.network.places[evaluation.depth].weights] else {
      preconditionFailure("the last layer is never large")
    }
    return state + at
  }
}
