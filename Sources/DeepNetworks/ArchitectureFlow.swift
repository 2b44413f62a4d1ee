import CDeepKernels
import Foundation
import GradientFlow
import Networks
import ODECore

/// The mobility-weighted gradient flow of any ``/Networks/Architecture``,
///
///     theta' = -M grad R,   R = (1/n) sum_i l(f_i, y_i),   f_i = f(x_i; theta) - o_i,
///
/// with `M = diag(mu_l)`, a number for each layer. The offsets `o_i` are zero or, for a centred flow, the outputs at the start, so
/// that `f = 0` there.
///
/// With `J = df/dtheta` (`n c x N`), `r = l'` and `H = l''` its Jacobian is
///
///     -(1/n) M (J^T H J + sum_i r_i d^2 f_i/dtheta^2),
///
/// the first part of rank `n c`: the kernel `K = (1/n) J M J^T` decides stiffness, and exponential integrators take it exactly.
///
/// The result of a call is a function of its arguments alone, to the bit, whatever the number of threads. Holds scratch
/// memory: one instance serves one integration at a time.
public final class ArchitectureFlow: ODESystem {
  /// What is trained.
  public let architecture: any Architecture
  /// Inputs and targets.
  public let data: Samples
  /// `l`.
  public let loss: any Loss
  /// `mu_l`, first layer first.
  public let mobilities: [Double]
  /// `o_i`, `n c` numbers; `nil` for none.
  public let offsets: [Double]?
  /// Threads used in one call.
  public let threads: Int

  /// `mu` of each block.
  public let blockMobilities: [Double]
  let evaluation: any ArchitectureEvaluation
  let values: OutputLoss
  /// `-mu/n` of each block.
  let factors: [Double]

  /// Made when first needed.
  lazy var curvature = FlowCurvature(self)
  lazy var gaussNewton = FrozenArchitecture(self)
  lazy var newton = ArchitectureNewton(self)

  /// - Parameters:
  ///   - mobilities: one for each layer.
  ///   - offsets: `n c` numbers to subtract from the outputs, see ``centred(at:)``.
  ///   - threads: at most this many; `nil` for as many cores as the work pays for.
  /// - Throws: ``/Networks/LossTargetError`` if the loss rejects the targets; what the architecture throws.
  public init(
    architecture: any Architecture, mobilities: [Double], data: Samples, loss: any Loss,
    offsets: [Double]? = nil, threads: Int? = nil
  ) throws {
    precondition(mobilities.count == architecture.layerCount, "one mobility for each layer")
    precondition(
      architecture.outputCount == data.outputCount && architecture.inputDimension == data.inputDimension,
      "the data are not those of such a network")
    precondition(offsets == nil || offsets!.count == data.targets.count)
    (self.architecture, self.mobilities, self.data, self.loss) = (architecture, mobilities, data, loss)
    self.offsets = offsets
    // From about a millisecond of work on.
    let work = architecture.parameterCount * data.sampleCount
    self.threads = max(
      1, threads ?? min(ProcessInfo.processInfo.activeProcessorCount, work / 2_000_000 + 1))
    evaluation = try architecture.makeEvaluation(at: data.inputs, threads: self.threads)
    values = try OutputLoss(data, loss, offsets)
    blockMobilities = architecture.blocks.map { mobilities[$0.layer - 1] }
    factors = blockMobilities.map { [n = Double(data.sampleCount)] in -$0 / n }
  }

  /// The same flow with the outputs at `start` for ``offsets``.
  public func centred(at start: [Double]) throws -> ArchitectureFlow {
    precondition(start.count == dimension)
    var f = [Double](repeating: 0, count: data.targets.count)
    var span = f.mutableSpan
    evaluation.evaluate(start.span, outputs: &span)
    return try ArchitectureFlow(
      architecture: architecture, mobilities: mobilities, data: data, loss: loss, offsets: f, threads: threads
    )
  }

  public var dimension: Int { architecture.parameterCount }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    precondition(y.count == dimension && dy.count == dimension)
    _ = risk(y)
    values.residuals.withSpan { r in
      evaluation.gradient(y, weights: r, factors: factors, adds: false, into: &dy)
    }
  }

  /// `R`; leaves `f`, `l` and `l'` in `values` and the evaluation at `y`.
  public func risk(_ y: Span<Double>) -> Double {
    precondition(y.count == dimension)
    values.outputs.withMutableSpan { evaluation.evaluate(y, outputs: &$0) }
    return values.evaluate()
  }

  /// `f`, `l'` and `R` at the samples; outputs of one sample side by side.
  public func forward(_ y: Span<Double>) -> ForwardPass {
    let risk = risk(y)
    return ForwardPass(predictions: values.outputs.array, residuals: values.residuals.array, loss: risk)
  }

  /// The kernel `K = (1/n) J M J^T` at `y`, `n c x n c`, row-major and symmetric, with which the outputs obey
  /// `f' = -K l'`; of one layer alone, counted from 1, if that is given.
  public func kernel(_ y: Span<Double>, layer: Int? = nil) -> [Double] {
    precondition(y.count == dimension)
    let rows = data.targets.count
    values.outputs.withMutableSpan { evaluation.evaluate(y, outputs: &$0) }
    let scale = 1 / Double(data.sampleCount)
    let chosen = zip(architecture.blocks, blockMobilities).map {
      layer == nil || $0.layer == layer ? $1 * scale : 0
    }
    var result = [Double](repeating: 0, count: rows * rows)
    var span = result.mutableSpan
    evaluation.kernel(y, factors: chosen, into: &span)
    for i in 0..<rows { for j in 0..<i { result[j * rows + i] = result[i * rows + j] } }
    return result
  }
}

extension ArchitectureFlow: GradientSystem {
  public func potential(_ y: Span<Double>) -> Double { risk(y) }

  public var mobilityBlocks: [(range: Range<Int>, mobility: Double)] {
    zip(architecture.blocks, blockMobilities).map { ($0.range, $1) }
  }
}
