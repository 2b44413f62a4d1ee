import Networks

/// Calls `body` with each `f_i`, `y_i` and stores what it returns.
@inline(__always)
func forEachSample(
  _ f: Span<Double>, _ y: Span<Double>, _ value: inout MutableSpan<Double>,
  _ derivative: inout MutableSpan<Double>, _ body: (Double, Double) -> (Double, Double)
) {
  precondition(
    y.count == f.count && value.count == f.count && derivative.count == f.count,
    "blocks of different lengths")
  for i in f.indices { (value[i], derivative[i]) = body(f[i], y[i]) }
}

/// The same with one result.
@inline(__always)
func forEachSample(
  _ f: Span<Double>, _ y: Span<Double>, _ result: inout MutableSpan<Double>,
  _ body: (Double, Double) -> Double
) {
  precondition(y.count == f.count && result.count == f.count, "blocks of different lengths")
  for i in f.indices { result[i] = body(f[i], y[i]) }
}

/// - Throws: ``LossTargetError`` unless every target is -1 or 1.
func requireSigns(_ targets: [Double], loss: String) throws {
  if let i = targets.firstIndex(where: { $0 != 1 && $0 != -1 }) {
    throw LossTargetError(loss: loss, index: i, target: targets[i], expected: "-1 or 1")
  }
}
