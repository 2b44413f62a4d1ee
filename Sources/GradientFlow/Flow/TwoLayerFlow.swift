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
  /// Size, scaling and activation.
  public let network: Network
  /// Inputs `x_i` and targets `y_i`.
  public let data: Samples
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
  private(set) lazy var passes = network.passes(at: data.inputs, on: path, threads: threads)
  let factors: GradientFactors
  let targets: StateVector
  let sampleValues: SampleValues
  /// Made when first needed.
  private(set) lazy var gramPasses = GramPasses(features, threads: threads)

  /// Made when first needed.
  private(set) lazy var restPasses = RestPasses(features)

  /// Made when first needed.
  var newtonFactors: (any NewtonFactors)?
  /// Made when first needed.
  var gaussNewton: FrozenGaussNewton?
  /// Beyond, features are computed again in each solve.
  package var newtonStoredLimit = LayeredPasses.storedLimit

  /// - Parameters:
  ///   - network: its ``/Networks/NetworkShape/inputDimension`` is that of the inputs.
  ///   - data: the samples, in any coordinates.
  ///   - threads: at most this many; `nil` for as many cores as the work pays for.
  ///   - path: `nil` for the fastest, ``FlowPath/choose(slopes:inputDimension:sampleCount:)``.
  /// - Throws: ``/Networks/LossTargetError`` if the loss rejects the targets; ``FlowPathError`` if `path` cannot
  ///   serve this problem; ``BLASError`` if OpenBLAS is needed and computes wrongly on this machine.
  public init(
    network: Network, data: Samples, loss: any Loss, threads: Int? = nil, path: FlowPath? = nil
  ) throws {
    precondition(
      network.shape.inputDimension == data.inputDimension,
      "a network of \(network.shape.inputDimension) inputs for data of \(data.inputDimension)")
    self.network = network
    self.data = data
    self.loss = loss
    try loss.validate(targets: data.targets)
    self.path = try network.path(for: data.inputs, path)
    threadLimit = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
    self.threads = max(1, threads ?? network.threadsWorthwhile(at: data.inputs))
    factors = GradientFactors(network.scaling, sampleCount: data.sampleCount)
    targets = StateVector(data.targets)
    sampleValues = SampleValues(count: data.sampleCount)
  }

  /// The flow on a data set, see ``init(network:data:loss:threads:path:)-(_,Samples,_,_,_)``.
  public convenience init(
    network: Network, data: Dataset, loss: any Loss, threads: Int? = nil, path: FlowPath? = nil
  ) throws {
    try self.init(network: network, data: data.samples, loss: loss, threads: threads, path: path)
  }

  /// The flow of a network of this width, whose inputs are those of `data`.
  public convenience init(
    width: Int, data: Dataset, scaling: Scaling, activation: any Activation, loss: any Loss,
    threads: Int? = nil, path: FlowPath? = nil
  ) throws {
    let network = Network(
      width: width, inputDimension: data.inputDimension, scaling: scaling, activation: activation)
    try self.init(network: network, data: data, loss: loss, threads: threads, path: path)
  }

  /// `m`, `d` and the layout of the state.
  public var shape: NetworkShape { network.shape }
  /// `kappa` and `kappa'` (8).
  public var scaling: Scaling { network.scaling }
  /// `sigma`.
  public var activation: any Activation { network.activation }

  /// Of the samples, for passes other than ``passes``.
  var features: NeuronFeatures { NeuronFeatures(data.inputs, network, path: path) }

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

extension TwoLayerFlow: GradientSystem {
  public func potential(_ y: Span<Double>) -> Double { risk(y) }

  public var mobilityBlocks: [(range: Range<Int>, mobility: Double)] {
    [
      (0..<shape.width, 1 / scaling.kappaPrime), (shape.width..<dimension, scaling.kappaPrime),
    ]
  }
}
