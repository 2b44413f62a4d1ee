import Foundation
import ODECore

/// The mobility-weighted gradient flow of a two-layer network, `theta' = -M grad R` (12), with
/// `M = diag(1/kappa', kappa' I_d)` (13) and `f(x) = kappa sum_k a_k sigma(w_k . x)` (9):
///
///     a_k' = -(kappa / (kappa' n)) sum_i l'_i sigma(w_k . x_i)              (25)
///     w_k' = -(kappa' kappa / n) sum_i l'_i a_k sigma'(w_k . x_i) x_i        (26)
///
/// A right-hand side costs `O(m n d)`; ``path`` says how it is computed. The result is a function of
/// the arguments alone, to the bit: it depends neither on ``threads`` nor, on ``FlowPath/fused`` and for
/// the package's own loops, on the processor's vector width.
///
/// Holds scratch memory: one instance serves one integration at a time.
public final class TwoLayerFlow: ODESystem {
  /// `m`, `d` and the layout of the state.
  public let shape: NetworkShape
  /// Inputs `x_i` (last coordinate 1) and targets `y_i`.
  public let data: Dataset
  /// `kappa` and `kappa'` (8).
  public let scaling: Scaling
  /// `sigma`.
  public let activation: any Activation
  /// `l(f, y)`, averaged to `R` (10).
  public let loss: any Loss
  /// How sums over neurons and samples are evaluated.
  public let path: FlowPath
  /// Threads used in one call.
  public let threads: Int
  /// Threads that an integrator may use for work of its own: as many as were allowed, not only as many as one
  /// call is worth.
  public let threadLimit: Int

  /// Made when first needed: a network that is only looked at holds no scratch.
  private(set) lazy var passes = makePasses()
  let factors: GradientFactors
  let targets: StateVector
  let sampleValues: SampleValues
  /// Made when first needed.
  private(set) lazy var gramPasses = GramPasses(
    NeuronFeatures(data, activation, width: shape.width, usesGEMM: path == .gemm), threads: threads)

  /// Made when first needed.
  private(set) lazy var restPasses = RestPasses(
    NeuronFeatures(data, activation, width: shape.width, usesGEMM: path == .gemm))

  /// Made when first needed.
  var newtonFactors: (any NewtonFactors)?
  /// Made when first needed.
  var gaussNewton: FrozenGaussNewton?
  /// Beyond, features are computed again in each solve.
  package var newtonStoredLimit = LayeredPasses.storedLimit

  /// - Parameters:
  ///   - threads: at most this many; `nil` for as many cores as the work pays for.
  ///   - path: `nil` for the fastest, ``FlowPath/choose(slopes:inputDimension:sampleCount:)``.
  /// - Throws: ``LossTargetError`` if the loss rejects the targets; ``FlowPathError`` if `path` cannot
  ///   serve this problem; ``BLASError`` if OpenBLAS is needed and computes wrongly on this machine.
  public init(
    width: Int, data: Dataset, scaling: Scaling, activation: any Activation, loss: any Loss,
    threads: Int? = nil, path: FlowPath? = nil
  ) throws {
    shape = NetworkShape(width: width, inputDimension: data.inputDimension)
    self.data = data
    self.scaling = scaling
    self.activation = activation
    self.loss = loss
    try loss.validate(targets: data.targets)

    let (n, d) = (data.sampleCount, data.inputDimension)
    self.path = path ?? .choose(slopes: activation.slopes, inputDimension: d, sampleCount: n)
    threadLimit = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
    self.threads = max(
      1,
      threads
        ?? Self.threadsWorthwhile(
          width: width, n: n, d: d, callsActivation: activation.slopes == nil))
    switch self.path {
    case .fused:
      guard activation.slopes != nil else {
        throw FlowPathError.needsSlopes(activation: activation.name)
      }
      guard d <= FlowPath.largestFusedDimension else {
        throw FlowPathError.dimensionTooLarge(inputDimension: d)
      }
    case .blocked: break
    case .gemm: try BLAS.check()
    }
    factors = GradientFactors(scaling, sampleCount: n)
    targets = StateVector(data.targets)
    sampleValues = SampleValues(count: n)
  }

  private func makePasses() -> any NeuronPasses {
    if path == .fused, let slopes = activation.slopes {
      return FusedPasses(data, slopes, width: shape.width, threads: threads)
    }
    let features = NeuronFeatures(data, activation, width: shape.width, usesGEMM: path == .gemm)
    return LayeredPasses(features, threads: threads)
  }

  public var dimension: Int { shape.stateLength }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    precondition(y.count == dimension && dy.count == dimension)
    y.withUnsafeBufferPointer { y in
      dy.withUnsafeMutableBufferPointer { dy in
        let theta = y.baseAddress!
        _ = evaluateLoss(theta)
        passes.gradient(
          theta, weights: sampleValues.residuals.pointer, factors, into: dy.baseAddress!)
      }
    }
  }

  /// `f`, `l'` and `R` at the samples.
  public func forward(_ y: Span<Double>) -> ForwardPass {
    let loss = risk(y)
    return ForwardPass(
      predictions: sampleValues.predictions.array, residuals: sampleValues.residuals.array, loss: loss)
  }

  /// `R = (1/n) sum_i l(f_i, y_i)`, (10) for squared loss; allocates nothing.
  public func risk(_ y: Span<Double>) -> Double {
    precondition(y.count == dimension)
    return y.withUnsafeBufferPointer { evaluateLoss($0.baseAddress!) }
  }

  /// Fills ``sampleValues`` with `f`, `l` and `l'`; returns `R`.
  package func evaluateLoss(_ theta: UnsafePointer<Double>) -> Double {
    let n = data.sampleCount
    let f = sampleValues.predictions.pointer
    passes.outputs(theta, into: f)
    for i in 0..<n { f[i] *= scaling.kappa }
    return evaluateSampleLosses()
  }

  /// Fills `l` and `l'` from the predictions in ``sampleValues``; returns `R`.
  func evaluateSampleLosses() -> Double {
    let n = data.sampleCount
    sampleValues.losses.withMutableSpan { value in
      sampleValues.residuals.withMutableSpan { derivative in
        sampleValues.predictions.withSpan { f in
          targets.withSpan { loss.evaluate(f, $0, value: &value, derivative: &derivative) }
        }
      }
    }
    var sum = 0.0
    for i in 0..<n { sum += sampleValues.losses.pointer[i] }
    return sum / Double(n)
  }
}

/// The network's outputs at the samples.
public struct ForwardPass: Sendable {
  /// `f(x_i)`.
  public let predictions: [Double]
  /// `l'(f_i, y_i)`.
  public let residuals: [Double]
  /// `R`.
  public let loss: Double
}

/// Scratch with one number per sample.
struct SampleValues {
  /// `f_i`.
  let predictions: StateVector
  /// `l_i`.
  let losses: StateVector
  /// `l'_i`.
  let residuals: StateVector
  /// `l''_i`.
  let curvatures: StateVector
  /// The derivative of `f_i`, then of `l'_i`, in some direction.
  let tangents: StateVector

  init(count n: Int) {
    predictions = StateVector(count: n)
    losses = StateVector(count: n)
    residuals = StateVector(count: n)
    curvatures = StateVector(count: n)
    tangents = StateVector(count: n)
  }
}
