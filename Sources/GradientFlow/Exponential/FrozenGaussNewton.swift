import ODECore

/// The Gauss-Newton part `L = -B H J` of a flow's Jacobian, frozen at a state: `J = df/dtheta`, `B = (1/n) M J^T`, `H = diag(l'')`.
///
/// `L` is symmetric in the inner product of `M^-1`, negative and of rank `n`. With `K = J B` and `D = H^(1/2)`,
///
///     phi_k(h L) v = phi_k(0) v - h B D phi_(k+1)(-h D K D) D J v:
///
/// one product with `J` for each vector, one with `B` for all of them, and algebra in `R^n`. Negative curvatures of a loss that is
/// not convex count as zero and are left to the rest of `f`.
final class FrozenGaussNewton {
  private let passes: ResidualPasses
  private let frame: ResidualFrame
  private let propagator: KernelPropagator
  private let image: StateVector
  private let part: StateVector
  private let impulse: StateVector
  private var step: Double?

  init(_ flow: TwoLayerFlow) {
    let n = flow.data.inputs.count
    passes = ResidualPasses(
      flow.features, flow.network.scaling, threads: flow.threads)
    frame = ResidualFrame(flow.features)
    propagator = KernelPropagator(count: n)
    (image, part, impulse) = (StateVector(count: n), StateVector(count: n), StateVector(count: n))
  }

  /// Freezes at `y`, whose `f`, `l'` and `l''` are left in the flow's sample values.
  func freeze(_ flow: TwoLayerFlow, at y: Span<Double>) {
    let values = flow.sampleValues
    y.withUnsafeBufferPointer { passes.evaluate($0.baseAddress!, frame, outputs: values.predictions.pointer) }
    _ = flow.evaluateSampleLosses()
    flow.evaluateCurvatures()
    for i in 0..<image.count { frame.curvatures.pointer[i] = max(values.curvatures.pointer[i], 0) }
    passes.evaluateKernel(frame)
    step = nil
  }

  /// `L v`.
  func apply(_ v: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>, count: Int) {
    passes.tangent(frame, v, into: image.pointer)
    for i in 0..<image.count { impulse.pointer[i] = frame.curvatures.pointer[i] * image.pointer[i] }
    result.update(repeating: 0, count: count)
    passes.shift(result, by: impulse, frame)
  }

  /// `sum_k phi_k(h L) v_k`.
  func applyPhi(
    h: Double, _ vectors: UnsafePointer<Double>, highest: Int, count: Int,
    into result: UnsafeMutablePointer<Double>
  ) throws {
    if step != h {
      propagator.factorise(frame.operands, mean: nil, h: h)
      step = h
    }
    result.update(repeating: 0, count: count)
    for i in 0..<impulse.count { impulse.pointer[i] = 0 }
    var factorial = 1.0
    for k in 0...highest {
      if k > 1 { factorial *= Double(k) }
      let v = vectors + k * count
      guard (0..<count).contains(where: { v[$0] != 0 }) else { continue }
      for i in 0..<count { result[i] += v[i] / factorial }
      passes.tangent(frame, v, into: image.pointer)
      try propagator.start(fromScaled: image)
      propagator.combine(into: part) { h * PhiFunctions(-$0)[k + 1] }
      for i in 0..<impulse.count { impulse.pointer[i] += part.pointer[i] }
    }
    passes.shift(result, by: impulse, frame)
  }
}

/// The flow's stiff linear part is its Gauss-Newton matrix.
extension TwoLayerFlow: PhiFunctionProviding {
  public func preparePhi(_ t: Double, _ y: Span<Double>) throws {
    precondition(y.count == dimension)
    try BLAS.check()
    let frozen = gaussNewton ?? FrozenGaussNewton(self)
    gaussNewton = frozen
    frozen.freeze(self, at: y)
  }

  public func applyLinearPart(_ v: Span<Double>, into result: inout MutableSpan<Double>) {
    precondition(v.count == dimension && result.count == dimension)
    guard let gaussNewton else { preconditionFailure("applyLinearPart before preparePhi") }
    v.withUnsafeBufferPointer { v in
      result.withUnsafeMutableBufferPointer {
        gaussNewton.apply(v.baseAddress!, into: $0.baseAddress!, count: dimension)
      }
    }
  }

  public func applyPhi(
    h: Double, _ vectors: Span<Double>, highest: Int, into result: inout MutableSpan<Double>
  ) throws {
    precondition(h >= 0, "phi functions of \(h) times a negative operator grow without bound")
    precondition(vectors.count == (highest + 1) * dimension && result.count == dimension)
    guard let gaussNewton else { preconditionFailure("applyPhi before preparePhi") }
    try vectors.withUnsafeBufferPointer { vectors in
      try result.withUnsafeMutableBufferPointer {
        try gaussNewton.applyPhi(
          h: h, vectors.baseAddress!, highest: highest, count: dimension, into: $0.baseAddress!)
      }
    }
  }
}
