import Foundation
import UntrustedNumbers

extension Network {
  /// The fastest path, or `wanted` if it can serve.
  ///
  /// - Throws: ``FlowPathError``; ``BLASError`` if OpenBLAS is needed and computes wrongly on this machine.
  func path(for inputs: Inputs, _ wanted: FlowPath? = nil) throws -> FlowPath {
    let path =
      wanted
      ?? .choose(
        slopes: activation.slopes, inputDimension: inputs.dimension, sampleCount: inputs.count)
    switch path {
    case .fused:
      guard activation.slopes != nil else { throw FlowPathError.needsSlopes(activation: activation.name) }
      guard inputs.dimension <= FlowPath.largestFusedDimension else {
        throw FlowPathError.dimensionTooLarge(inputDimension: inputs.dimension)
      }
    case .blocked: break
    case .gemm, .mixed: try BLAS.check()
    }
    return path
  }

  /// The sums over neurons at these inputs; ``path(for:_:)`` has agreed to `path`.
  func passes(
    at inputs: Inputs, on path: FlowPath, threads: Int, storedLimit: Int = LayeredPasses.storedLimit
  ) -> any NeuronPasses {
    if path == .fused, let slopes = activation.slopes {
      return FusedPasses(inputs, slopes, width: shape.width, threads: threads)
    }
    let features = NeuronFeatures(inputs, self, path: path)
    return LayeredPasses(features, threads: threads, storedLimit: storedLimit)
  }

  /// As many cores as leave each enough work to pay for waking it up.
  ///
  /// Work is counted in multiply-adds of one pass, `m n d`; an activation that is called on blocks
  /// counts as 32 more per neuron and sample.
  func threadsWorthwhile(at inputs: Inputs) -> Int {
    let perPair = inputs.dimension + (activation.slopes == nil ? 32 : 0)
    let work = Double(shape.width) * Double(inputs.count) * Double(perPair)
    let share = work / Self.workPerThread
    return max(1, min(ProcessInfo.processInfo.activeProcessorCount, Int(saturating: min(share, 1e6))))
  }

  /// Multiply-adds of a pass below which a further thread does not pay.
  private static var workPerThread: Double { 4e5 }
}
