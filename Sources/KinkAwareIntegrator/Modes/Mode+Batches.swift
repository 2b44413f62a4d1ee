import CKinkFlow

/// Neurons of a mode in eights, for ``ckink_follow``.
extension Mode {
  /// Calls `body` with batches of neurons at the start of the step, that are never let go.
  @inline(__always)
  func forEachBatch(
    _ from: Int, _ to: Int, _ memory: BatchMemory,
    _ body: (inout ckink_batch, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    let lanes = Int(CKINK_LANES)
    var batch = ckink_batch()
    for l in 0..<lanes { setLane(&batch.release, l, CKINK_FAR) }
    for start in stride(from: from, to: to, by: lanes) {
      let count = min(lanes, to - start)
      batch.count = Int32(count)
      for l in 0..<count { neurons.read(start + l, into: memory.theta + l, stride: lanes) }
      body(&batch, memory.theta, memory.scratch)
    }
  }
}

/// Element `l` of one of a batch's arrays, which Swift sees as tuples.
@inline(__always)
func lane<Lanes, T>(_ lanes: inout Lanes, _ l: Int) -> T {
  withUnsafeBytes(of: &lanes) { $0.load(fromByteOffset: l * MemoryLayout<T>.stride, as: T.self) }
}

@inline(__always)
func setLane<Lanes, T>(_ lanes: inout Lanes, _ l: Int, _ value: T) {
  withUnsafeMutableBytes(of: &lanes) {
    $0.storeBytes(of: value, toByteOffset: l * MemoryLayout<T>.stride, as: T.self)
  }
}
