/// A run of neurons with their features at the state of a factorisation.
struct NewtonChunk {
  /// The first neuron, and how many.
  let first: Int
  let count: Int
  let thread: Int
  /// `a_k`, from the first neuron on.
  let a: UnsafePointer<Double>
  /// `n x count`; `z` is defined only while factorising.
  let z: UnsafePointer<Double>
  let value: UnsafePointer<Double>
  let slope: UnsafePointer<Double>
}

/// The matrices `E_k = M_k^-1 + gamma B_k` of all neurons, `(d + 1) x (d + 1)`, symmetric.
protocol NeuronBlocks: AnyObject {
  /// Whether ``factorise(_:weights:gamma:values:slopes:)`` adds anything to `slopes`.
  var usesSlopeSums: Bool { get }

  /// Factorises a chunk's blocks and adds `V_k E_k^-1 V_k^T` over the chunk, in two parts, lower triangles:
  /// `values_ij + kappa' (x_i.x_j) slopes_ij`.
  ///
  /// - Returns: the neuron whose block is singular, if one is.
  func factorise(
    _ chunk: NewtonChunk, weights l: UnsafePointer<Double>, gamma: Double,
    values: UnsafeMutablePointer<Double>, slopes: UnsafeMutablePointer<Double>
  ) -> Int?

  /// `(a, w) <- E_k^-1 (a, w)` in place for neurons `first...`; `w` has row stride `stride`.
  func apply(
    first: Int, count: Int, thread: Int, a: UnsafeMutablePointer<Double>,
    w: UnsafeMutablePointer<Double>, stride: Int)
}
