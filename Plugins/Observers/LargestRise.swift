import ODECore

/// The largest relative rise, from one accepted step to the next, of what never rises along the exact solution.
struct LargestRise {
  private var previous = 0.0
  private var largest = 0.0
  private var time = Double.nan
  private var isMonotone = true

  /// What a resumed run goes on with.
  var memory: [Double] {
    get { [previous, largest, time, isMonotone ? 1 : 0] }
    set {
      guard newValue.count == 4 else { return }
      (previous, largest, time, isMonotone) = (newValue[0], newValue[1], newValue[2], newValue[3] == 1)
    }
  }

  mutating func begin(_ value: Double) {
    self = LargestRise()
    (previous, isMonotone) = (value, !value.isNaN)
  }

  /// - Parameter allowance: what rounding alone can do, asked for when the value has risen from the one it is given.
  mutating func step(_ value: Double, at t: Double, allowance: (_ previous: Double) -> Double) {
    defer { previous = value }
    // Written so that NaN counts as a rise.
    if value <= previous { return }
    let rise = value - previous
    let relative = rise / abs(previous)
    if !(relative <= largest) { (largest, time) = (relative, t) }
    if isMonotone { isMonotone = rise <= allowance(previous) }
  }

  /// `maxRise`; `maxRiseTime`, the end of that step (null if there is none); `monotone`.
  var values: [String: ObservedValue] {
    ["maxRise": .number(largest), "maxRiseTime": .number(time), "monotone": .flag(isMonotone)]
  }
}
