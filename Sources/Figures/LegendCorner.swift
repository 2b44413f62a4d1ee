import UntrustedNumbers

/// Finds a corner for the legend that is free of data.
enum LegendCorner {
  /// `placement`, or if that is automatic what it comes to.
  ///
  /// - Parameters:
  ///   - width: of the legend, as a fraction of the panel.
  ///   - height: likewise.
  static func resolve(
    _ panel: Panel, _ view: PanelView, width: Double, height: Double
  ) -> LegendPlacement {
    guard panel.legend == .automatic else { return panel.legend }
    guard panel.series.filter({ !$0.name.isEmpty }).count > 1 else { return .hidden }
    guard width < 0.62 && height < 0.62 else { return .above }
    let points = panel.series.flatMap { trace($0, panel, view) }
    let corners: [(LegendPlacement, Bool, Bool)] = [
      (.topRight, true, true), (.topLeft, false, true), (.bottomLeft, false, false),
      (.bottomRight, true, false),
    ]
    for (corner, right, top) in corners {
      let isFree = points.allSatisfy { x, y in
        (right ? x < 1 - width : x > width) || (top ? y < 1 - height : y > height)
      }
      if isFree { return corner }
    }
    return .above
  }

  /// What the series covers, as points in fractions of the panel: a line also between its points, a
  /// bar over its whole height.
  private static func trace(
    _ series: Series, _ panel: Panel, _ view: PanelView
  ) -> [(Double, Double)] {
    var result: [(Double, Double)] = []
    var last: (Double, Double)?
    for (x, y) in zip(series.x, series.y) {
      guard panel.x.canDraw(x), panel.y.canDraw(y) else {
        last = nil
        continue
      }
      let point = (
        PanelView.fraction(x, view.x, panel.x.scale), PanelView.fraction(y, view.y, panel.y.scale)
      )
      switch series.style {
      case .points:
        result.append(point)
      case .region:
        break
      case .line, .linePoints, .outline:
        if let last {
          let steps = min(
            200, Int(saturating: min(200, 40 * max(abs(point.0 - last.0), abs(point.1 - last.1)))) + 1)
          for i in 0...steps {
            let s = Double(i) / Double(steps)
            result.append(
              (last.0 + s * (point.0 - last.0), last.1 + s * (point.1 - last.1)))
          }
        } else {
          result.append(point)
        }
      case .bars:
        for i in 0...40 { result.append((point.0, point.1 * Double(i) / 40)) }
      }
      last = point
    }
    return result
  }
}
