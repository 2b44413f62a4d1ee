import Networks

/// Writes `negative min(z, 0) + positive max(z, 0)` and its left derivative.
@inline(__always)
func evaluatePiecewiseLinear(
  _ slopes: Slopes, _ z: Span<Double>, _ value: inout MutableSpan<Double>,
  _ derivative: inout MutableSpan<Double>
) {
  withBlocks(z, &value, &derivative) { z, value, derivative, count in
    for i in 0..<count {
      let slope = z![i] > 0 ? slopes.positive : slopes.negative
      derivative![i] = slope
      value![i] = slope == 0 && z![i] <= 0 ? 0 : slope * z![i]
    }
  }
}
