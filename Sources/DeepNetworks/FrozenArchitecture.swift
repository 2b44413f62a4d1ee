import CDeepKernels
import GradientFlow
import ODECore

/// The Gauss-Newton part `L = -B H J` of a flow's Jacobian, frozen at a state, `B = (1/n) M J^T`; see
/// `FrozenGaussNewton` for two layers. With `K = J B` and `D = H^(1/2)`
///
///     phi_k(h L) v = phi_k(0) v - h B D phi_(k+1)(-h D K D) D J v.
final class FrozenArchitecture {
  private unowned let flow: ArchitectureFlow
  private let frame: Result<ArchitectureFrame, any Error>
  private let state: StateVector
  private let propagator: KernelPropagator
  private let image: StateVector
  private let part: StateVector
  private let impulse: StateVector
  private var step: Double?

  init(_ flow: ArchitectureFlow) {
    self.flow = flow
    let rows = flow.data.targets.count
    frame = Result { try ArchitectureFrame(flow) }
    state = StateVector(count: flow.dimension)
    propagator = KernelPropagator(count: rows, order: flow.values.order)
    (image, part, impulse) = (StateVector(count: rows), StateVector(count: rows), StateVector(count: rows))
  }

  func freeze(at y: Span<Double>) throws {
    y.withUnsafeBufferPointer { state.pointer.update(from: $0.baseAddress!, count: $0.count) }
    try frame.get().evaluate(flow, state)
    try frame.get().evaluateKernel(flow)
    step = nil
  }

  private func tangent(_ v: UnsafePointer<Double>) throws {
    let v = UnsafeBufferPointer(start: v, count: flow.dimension).span
    try state.withSpan { theta in
      try image.withMutableSpan { try frame.get().evaluation.tangent(theta, direction: v, into: &$0) }
    }
  }

  private func shift(_ result: UnsafeMutablePointer<Double>) throws {
    var span = UnsafeMutableBufferPointer(start: result, count: flow.dimension).mutableSpan
    try state.withSpan { theta in
      try impulse.withSpan {
        try frame.get().evaluation.gradient(
          theta, weights: $0, factors: flow.factors, adds: true, into: &span)
      }
    }
  }

  /// `L v`.
  func apply(_ v: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) throws {
    try tangent(v)
    flow.values.apply(try frame.get().operands.curvatures, to: image, into: impulse)
    result.update(repeating: 0, count: flow.dimension)
    try shift(result)
  }

  /// `sum_k phi_k(h L) v_k`.
  func applyPhi(
    h: Double, _ vectors: UnsafePointer<Double>, highest: Int, into result: UnsafeMutablePointer<Double>
  ) throws {
    let count = flow.dimension
    if step != h {
      propagator.factorise(try frame.get().operands, mean: nil, h: h)
      step = h
    }
    result.update(repeating: 0, count: count)
    impulse.pointer.update(repeating: 0, count: impulse.count)
    var factorial = 1.0
    for k in 0...highest {
      if k > 1 { factorial *= Double(k) }
      let v = vectors + k * count
      guard (0..<count).contains(where: { v[$0] != 0 }) else { continue }
      cdeep_add(count, 1 / factorial, v, result)
      try tangent(v)
      try propagator.start(fromScaled: image)
      propagator.combine(into: part) { h * PhiFunctions(-$0)[k + 1] }
      for i in 0..<impulse.count { impulse.pointer[i] += part.pointer[i] }
    }
    try shift(result)
  }
}

/// The flow's stiff linear part is its Gauss-Newton matrix.
extension ArchitectureFlow: PhiFunctionProviding {
  public func preparePhi(_ t: Double, _ y: Span<Double>) throws {
    precondition(y.count == dimension)
    try gaussNewton.freeze(at: y)
  }

  public func applyLinearPart(_ v: Span<Double>, into result: inout MutableSpan<Double>) throws {
    precondition(v.count == dimension && result.count == dimension)
    try v.withUnsafeBufferPointer { v in
      try result.withUnsafeMutableBufferPointer {
        try gaussNewton.apply(v.baseAddress!, into: $0.baseAddress!)
      }
    }
  }

  public func applyPhi(
    h: Double, _ vectors: Span<Double>, highest: Int, into result: inout MutableSpan<Double>
  ) throws {
    precondition(h >= 0, "phi functions of \(h) times a negative operator grow without bound")
    precondition(vectors.count == (highest + 1) * dimension && result.count == dimension)
    try vectors.withUnsafeBufferPointer { vectors in
      try result.withUnsafeMutableBufferPointer {
        try gaussNewton.applyPhi(h: h, vectors.baseAddress!, highest: highest, into: $0.baseAddress!)
      }
    }
  }
}
