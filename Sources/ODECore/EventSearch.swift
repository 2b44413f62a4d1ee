/// Looks at a function `g` of time inside a step until no sign change can hide between two points looked at.
///
/// Each interval gets two points inside. Where the parabola through three of the four misses the fourth, `g` is not resolved
/// and the three parts are looked at in turn; else the extrema of the cubic through the four that reach zero, or nearly, are
/// looked at. A `g` that varies on a scale below a `3^-depth`-th of the step is not resolved, which is what
/// ``IntegrationOptions/maxStep`` is for.
struct EventSearch {
  struct Point {
    let t: Double
    let g: Double
  }

  private static let depth = 7
  /// Where the two points lie; uneven, so that a periodic function cannot hide.
  static let inner = (0.3, 0.65)
  /// The parabola's miss, in units of the range of `g`, up to which it is resolved.
  private static let resolution = 0.05

  /// The points, the step's end last, and not its start.
  private(set) var points: [Point] = []

  /// - Parameter g: the function, valid between `a` and `b`.
  mutating func search(
    _ a: Point, _ b: Point, depth: Int = depth, _ g: (Double) throws -> Double
  ) rethrows {
    let width = b.t - a.t
    guard depth > 0, abs(width) > 64 * max(abs(a.t).ulp, abs(b.t).ulp) else { return points.append(b) }
    let (u, v) = Self.inner
    let p = Point(t: a.t + u * width, g: try g(a.t + u * width))
    let q = Point(t: a.t + v * width, g: try g(a.t + v * width))
    let range = max(a.g, b.g, p.g, q.g) - min(a.g, b.g, p.g, q.g)
    if range == 0 { return points += [p, q, b] }
    // Newton's divided differences at 0, u, 1, v.
    let d1 = (p.g - a.g) / u
    let d2 = ((b.g - p.g) / (1 - u) - d1) / 1
    let parabola = a.g + v * (d1 + (v - u) * d2)
    let miss = abs(q.g - parabola)
    guard miss <= Self.resolution * range else {
      try search(a, p, depth: depth - 1, g)
      try search(p, q, depth: depth - 1, g)
      return try search(q, b, depth: depth - 1, g)
    }
    let d3 = (q.g - parabola) / (v * (v - u) * (v - 1))
    // c(s) = a.g + s (d1 + (s - u) (d2 + (s - 1) d3))
    let cubic = { (s: Double) in a.g + s * (d1 + (s - u) * (d2 + (s - 1) * d3)) }
    let extrema = Self.roots(3 * d3, 2 * (d2 - (1 + u) * d3), d1 - u * d2 + u * d3)
    for (from, to) in [(a, p), (p, q), (q, b)] {
      try inspect(from, to, extrema, a, width, cubic, miss + 1e-3 * range, depth, g)
    }
  }

  /// Appends what is to be seen in `(from, to]`, of which both ends are known.
  private mutating func inspect(
    _ from: Point, _ to: Point, _ extrema: [Double], _ a: Point, _ width: Double, _ cubic: (Double) -> Double,
    _ uncertainty: Double, _ depth: Int, _ g: (Double) throws -> Double
  ) rethrows {
    let side: Double = from.g > 0 ? 1 : -1
    // A sign change is there to be seen; from a zero nothing can come back unseen but through an extremum.
    for s in extrema where from.g != 0 && to.g * side > 0 {
      let t = a.t + s * width
      guard (t - from.t) * width > 0, (to.t - t) * width > 0, cubic(s) * side <= uncertainty else { continue }
      let middle = Point(t: t, g: try g(t))
      if middle.g * side <= 0 {
        points.append(middle)
      } else if middle.g * side <= uncertainty {
        try search(from, middle, depth: depth - 2, g)
        return try search(middle, to, depth: depth - 2, g)
      }
    }
    points.append(to)
  }

  /// The real roots of `a s^2 + b s + c`.
  private static func roots(_ a: Double, _ b: Double, _ c: Double) -> [Double] {
    if abs(a) <= 1e-14 * (abs(b) + abs(c)) { return b == 0 ? [] : [-c / b] }
    let discriminant = b * b - 4 * a * c
    guard discriminant >= 0 else { return [] }
    let q = -0.5 * (b + (b < 0 ? -1 : 1) * discriminant.squareRoot())
    return q == 0 ? [0] : [q / a, c / q]
  }
}
