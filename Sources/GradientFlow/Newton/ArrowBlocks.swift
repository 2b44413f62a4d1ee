import CFlowKernels
import ODECore

/// Blocks without `sigma''`: `E = [kappa', G^T; G, I / kappa']`, `G = gamma (kappa/n) sum_i l'_i sigma'_i x_i`.
///
/// With the pivot `p = kappa' (1 - |G|^2)`, `E z = q` has the solution
/// `z_a = (q_a - kappa' G.q_w) / p`, `z_w = kappa' (q_w - G z_a)`. The block is singular where a
/// growing mode of the neuron, of rate `|G| / gamma`, meets `gamma`.
final class ArrowBlocks: NeuronBlocks {
  let usesSlopeSums = true
  private let features: NeuronFeatures
  private let scaling: Scaling
  private let chunkSize: Int
  /// `p`, then `G`: laid out like a state.
  private let arrows: StateVector
  /// Per thread, `n x chunkSize`.
  private let product: StateVector
  private let projection: StateVector

  init(_ features: NeuronFeatures, _ scaling: Scaling, chunkSize: Int, threads: Int) {
    self.features = features
    self.scaling = scaling
    self.chunkSize = chunkSize
    arrows = StateVector(count: (features.d + 1) * features.width)
    product = StateVector(count: features.n * chunkSize * threads)
    projection = StateVector(count: features.n * chunkSize * threads)
  }

  func factorise(
    _ chunk: NewtonChunk, weights l: UnsafePointer<Double>, gamma: Double,
    values: UnsafeMutablePointer<Double>, slopes: UnsafeMutablePointer<Double>
  ) -> Int? {
    let (n, d, m) = (features.n, features.d, features.width)
    let (k, count) = (chunk.first, chunk.count)
    let own = n * chunkSize * chunk.thread
    let (p, gx) = (product.pointer + own, projection.pointer + own)
    let pivot = arrows.pointer + k
    let g = arrows.pointer + m + k
    let kappaPrime = scaling.kappaPrime

    cflow_weigh_rows(count, n, l, chunk.slope, p)
    features.inputSums(p, count, into: g, stride: m)
    let negative = cflow_arrow_factor(
      count, d, gamma * scaling.kappa / Double(n), kappaPrime, g, m, pivot)
    if negative < 0 { return k + (-1 - negative) }

    cflow_scale_columns(count, n, chunk.a, chunk.slope, p)
    cflow_syrk(n, count, 1, p, slopes)
    features.preactivations(arrows.pointer, k, count, into: gx)
    cflow_arrow_features(count, n, kappaPrime, chunk.a, chunk.value, chunk.slope, gx, pivot, 0, p)
    cflow_syrk(n, count, 1, p, values)
    if negative > 0 {
      cflow_arrow_features(count, n, kappaPrime, chunk.a, chunk.value, chunk.slope, gx, pivot, 1, p)
      cflow_syrk(n, count, -2, p, values)
    }
    return nil
  }

  func apply(
    first: Int, count: Int, thread: Int, a: UnsafeMutablePointer<Double>,
    w: UnsafeMutablePointer<Double>, stride: Int
  ) {
    let m = features.width
    cflow_arrow_apply(
      count, features.d, scaling.kappaPrime, arrows.pointer + m + first, m, arrows.pointer + first,
      a, w, stride)
  }
}
