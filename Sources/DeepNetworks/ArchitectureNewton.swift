import CFlowKernels
import GradientFlow
import ODECore

/// Newton's matrix with the Gauss-Newton part of the Jacobian, `I + gamma B H J`, solved through `n c x n c` systems:
///
///     (I + gamma B H J)^-1 r = r - gamma B D (I + gamma D K D)^-1 D J r,   D = H^(1/2),   K = J B.
///
/// What it lacks fades with the residuals.
final class ArchitectureNewton {
  private unowned let flow: ArchitectureFlow
  private let frame: Result<ArchitectureFrame, any Error>
  private let state: StateVector
  private let factor: StateVector
  private let roots: CurvatureRoots
  private let image: StateVector
  private var gamma = 0.0

  init(_ flow: ArchitectureFlow) {
    self.flow = flow
    let rows = flow.data.targets.count
    frame = Result { try ArchitectureFrame(flow) }
    state = StateVector(count: flow.dimension)
    factor = StateVector(count: rows * rows)
    roots = CurvatureRoots(count: rows, order: flow.values.order)
    image = StateVector(count: rows)
  }

  func prepare(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    let frame = try frame.get()
    y.withUnsafeBufferPointer { state.pointer.update(from: $0.baseAddress!, count: $0.count) }
    frame.evaluate(flow, state)
    frame.evaluateKernel(flow)
    self.gamma = gamma
    let (rows, a) = (roots.count, factor.pointer)
    roots.set(frame.operands.curvatures, mean: nil)
    roots.scale(frame.operands.kernel, mean: nil, into: a)
    for i in 0..<rows {
      for j in 0...i { a[i * rows + j] *= gamma }
      a[i * rows + i] += 1
    }
    guard cflow_cholesky(rows, a) == 0 else {
      throw SingularNewtonSystem(time: t, gamma: gamma, part: "kernel")
    }
  }

  func solve(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    let evaluation = try frame.get().evaluation
    for i in 0..<z.count { z[i] = r[i] }
    state.withSpan { theta in image.withMutableSpan { evaluation.tangent(theta, direction: r, into: &$0) } }
    roots.multiply(image.pointer, into: image.pointer)
    cflow_cholesky_solve(image.count, factor.pointer, image.pointer)
    roots.multiply(image.pointer, into: image.pointer)
    for i in 0..<image.count { image.pointer[i] *= gamma }
    state.withSpan { theta in
      image.withSpan { evaluation.gradient(theta, weights: $0, factors: flow.factors, adds: true, into: &z) }
    }
  }
}

/// A preconditioner, not a solver: the network's own second derivatives are left out.
extension ArchitectureFlow: NewtonSystemSolving {
  /// Too expensive where the kernel is larger than this.
  public static var largestNewtonCount: Int { 2048 }

  public var newtonSolution: NewtonSolution {
    data.targets.count <= Self.largestNewtonCount ? .approximate : .unavailable
  }

  public func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    precondition(y.count == dimension)
    try newton.prepare(t, y, gamma: gamma)
  }

  public func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    precondition(r.count == dimension && z.count == dimension)
    try newton.solve(r, into: &z)
  }
}
