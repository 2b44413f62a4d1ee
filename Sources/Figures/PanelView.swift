import Foundation

/// The part of the plane that a panel shows, and its data there.
struct PanelView {
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>
  /// For each series, how many points cannot be drawn.
  let omitted: [Int]
  /// For each series, how many can.
  let drawable: [Int]

  init(_ panel: Panel) {
    var xs: [Double] = []
    var ys: [Double] = []
    var omitted: [Int] = []
    if let map = panel.heatMap {
      xs += [map.xRange?.lowerBound, map.xRange?.upperBound].compactMap { $0 }
      ys += [map.yRange?.lowerBound, map.yRange?.upperBound].compactMap { $0 }
    }
    for series in panel.series {
      var left = 0
      for (x, y) in zip(series.x, series.y) {
        guard panel.x.canDraw(x), panel.y.canDraw(y) else {
          left += 1
          continue
        }
        if case .bars(let width) = series.style {
          xs += [x - width / 2, x + width / 2].filter(panel.x.canDraw)
          if panel.y.scale == .linear { ys.append(0) }
        } else {
          xs.append(x)
        }
        ys.append(y)
      }
      omitted.append(left)
    }
    self.omitted = omitted
    drawable = zip(panel.series, omitted).map { $0.x.count - $1 }
    let isHistogram = panel.series.contains {
      switch $0.style {
      case .bars, .outline: true
      default: false
      }
    }
    x = Self.range(panel.x, xs, margin: isHistogram ? 0 : 0.03)
    y = Self.range(panel.y, ys, margin: 0.06, keepsZero: isHistogram)
  }

  /// The axis' own range if it has a usable one, else that of the values with a margin.
  private static func range(
    _ axis: Axis, _ values: [Double], margin: Double, keepsZero: Bool = false
  ) -> ClosedRange<Double> {
    if let range = axis.range, axis.canDraw(range.lowerBound), axis.canDraw(range.upperBound),
      range.lowerBound < range.upperBound
    {
      return range
    }
    guard let low = values.min(), let high = values.max() else {
      return axis.scale == .log ? 0.1...10 : 0...1
    }
    if axis.scale == .log {
      let (a, b) = (log10(low), log10(high))
      let pad = max((b - a) * margin, b - a < 0.3 ? 0.2 : 0)
      // The ends of the doubles.
      return max(pow(10, a - pad), 1e-300)...min(pow(10, b + pad), 1e300)
    }
    let span = high - low
    let wanted = span > 1e-12 * max(abs(low), abs(high)) ? span * margin : low == 0 ? 1 : abs(low) * 0.1
    // Of subnormal numbers a tenth may be nothing.
    let pad = max(wanted, 1e-300)
    // Halves of the largest doubles, whose span is still finite.
    let limit = Double.greatestFiniteMagnitude / 2
    guard abs(low) < limit / 2, abs(high) < limit / 2 else { return -limit...limit }
    return (keepsZero && low >= 0 ? low : low - pad)...(high + pad)
  }

  /// `value` as a fraction of the range, 0 at its lower end.
  static func fraction(_ value: Double, _ range: ClosedRange<Double>, _ scale: Axis.Scale) -> Double {
    func place(_ value: Double) -> Double { scale == .log ? log10(value) : value }
    let (low, high) = (place(range.lowerBound), place(range.upperBound))
    return (place(value) - low) / (high - low)
  }
}
