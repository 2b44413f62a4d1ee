/// Hands the memory of three spans of one length to `body`, so that its loop vectorises.
@inline(__always)
func withBlocks(
  _ z: Span<Double>, _ value: inout MutableSpan<Double>, _ derivative: inout MutableSpan<Double>,
  _ body: (UnsafePointer<Double>?, UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?, Int)
    -> Void
) {
  precondition(value.count == z.count && derivative.count == z.count, "blocks of different lengths")
  z.withUnsafeBufferPointer { z in
    value.withUnsafeMutableBufferPointer { value in
      derivative.withUnsafeMutableBufferPointer { derivative in
        body(z.baseAddress, value.baseAddress, derivative.baseAddress, z.count)
      }
    }
  }
}

/// The same for two spans.
@inline(__always)
func withBlocks(
  _ z: Span<Double>, _ result: inout MutableSpan<Double>,
  _ body: (UnsafePointer<Double>?, UnsafeMutablePointer<Double>?, Int) -> Void
) {
  precondition(result.count == z.count, "blocks of different lengths")
  z.withUnsafeBufferPointer { z in
    result.withUnsafeMutableBufferPointer { result in
      body(z.baseAddress, result.baseAddress, z.count)
    }
  }
}

/// Fills `result`, which must be as long as `z`.
@inline(__always)
func fill(_ z: Span<Double>, _ result: inout MutableSpan<Double>, with constant: Double) {
  precondition(result.count == z.count, "blocks of different lengths")
  for i in result.indices { result[i] = constant }
}
