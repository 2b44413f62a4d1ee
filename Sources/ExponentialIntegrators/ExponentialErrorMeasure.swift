import ODECore
import RungeKutta

/// The norm of a local error.
///
/// For a flow driven by residuals, the largest over blocks of the state (output weights, input weights) of the error relative to the change since
/// the start, which is what its observables are made of; else the settings' norm.
struct ExponentialErrorMeasure {
  private let control: StepControl
  private let plain: ErrorMeasure
  private let blocks: [Range<Int>]
  private let reference: [Double]

  init(_ system: any ODESystem, _ control: StepControl, _ reference: [Double]) {
    self.control = control
    plain = ErrorMeasure(control, VectorKernels(count: system.dimension, threads: control.threads))
    blocks = (system as? any ResidualDriven)?.residualBlocks ?? []
    self.reference = blocks.isEmpty ? [] : reference
  }

  /// What a restart keeps of it.
  var history: [Double] { reference }

  /// The error `e` of a step from `y0` to `y1`; 1 is the tolerance.
  func callAsFunction(_ e: StateVector, from y0: StateVector, to y1: StateVector) throws -> Double {
    if blocks.isEmpty { return try plain.norm(e, y0, y1) }
    var worst = 0.0
    for block in blocks {
      var (error, change, size) = (0.0, 0.0, 0.0)
      for i in block {
        let moved = y1.pointer[i] - reference[i]
        error += e.pointer[i] * e.pointer[i]
        change += moved * moved
        size += y1.pointer[i] * y1.pointer[i]
      }
      // Where a block stands still its rounding counts as change.
      let scale = max(control.rtol * change.squareRoot(), Double.ulpOfOne * size.squareRoot())
      let ratio = error.squareRoot() / max(scale, .leastNormalMagnitude)
      // NaN must win.
      if !(ratio <= worst) { worst = ratio }
    }
    return worst
  }
}
