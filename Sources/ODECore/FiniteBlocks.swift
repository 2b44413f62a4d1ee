import CFlowKernels

/// Whether no element of the blocks, of the same length, is NaN or infinite; in one pass over both.
package func areFinite(_ u: Span<Double>, _ v: Span<Double>) -> Bool {
  precondition(u.count == v.count)
  return u.withUnsafeBufferPointer { u in
    v.withUnsafeBufferPointer { v in
      u.isEmpty || cflow_finite(u.count, u.baseAddress!, v.baseAddress!) != 0
    }
  }
}

extension Span<Double> {
  /// Whether no element is NaN or infinite.
  package var isFinite: Bool { areFinite(self, self) }
}
