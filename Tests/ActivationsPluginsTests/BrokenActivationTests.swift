import Foundation
import Networks
import ODETestKit
import Testing

/// An activation made of closures, to break one requirement at a time.
private struct Custom: Activation {
  var name = "custom"
  var homogeneity: Int?
  var kinks: [Double] = []
  var slopes: Slopes?
  var value: @Sendable (Double) -> Double = { sin($0) }
  var first: @Sendable (Double) -> Double = { cos($0) }
  var second: @Sendable (Double) -> Double = { -sin($0) }
  /// Added to every value: the first of the block times this.
  var leak = 0.0
  /// Leaves the last element of a block unwritten.
  var skipsLast = false
  /// Adds to what is there instead of overwriting it.
  var accumulates = false

  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    for i in z.indices where !(skipsLast && i == z.count - 1) {
      value[i] = (accumulates ? value[i] : 0) + self.value(z[i]) + (leak == 0 ? 0 : leak * z[0])
      derivative[i] = first(z[i])
    }
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in z.indices { result[i] = second(z[i]) }
  }
}

@Suite struct BrokenActivationTests {
  @Test("tanh as anyone would write it, with a derivative that cancels far out, passes")
  func cancellation() {
    let plain = Custom(
      value: { tanh($0) }, first: { 1 - tanh($0) * tanh($0) },
      second: { -2 * tanh($0) * (1 - tanh($0) * tanh($0)) })
    #expect(ActivationConformance.violations(of: plain) == [])
  }

  @Test("The intact original passes")
  func intact() {
    #expect(ActivationConformance.violations(of: Custom()) == [])
    let steep = Custom(
      value: { sin(30 * $0) }, first: { 30 * cos(30 * $0) }, second: { -900 * sin(30 * $0) })
    #expect(ActivationConformance.violations(of: steep) == [])
    let twoKinks = Custom(
      kinks: [-1, 1], value: { min(max($0, -1), 1) }, first: { $0 > -1 && $0 <= 1 ? 1 : 0 },
      second: { _ in 0 })
    #expect(ActivationConformance.violations(of: twoKinks) == [])
  }

  /// Each with a word of the violation that must be found.
  private static let broken: [(String, Custom)] = [
    ("the derivative at", Custom(first: { cos($0) * (1 + 1e-7) })),
    ("the derivative at", Custom(first: { $0 > 2 ? cos($0) + 1e-4 * ($0 - 2) * ($0 - 2) : cos($0) })),
    ("second derivative at", Custom(second: { sin($0) })),
    ("second derivative at", Custom(second: { _ in 0 })),
    ("other elements", Custom(leak: 1e-12)),
    ("not written", Custom(skipsLast: true)),
    ("not written", Custom(accumulates: true)),
    ("the name is empty", Custom(name: "")),
    ("homogeneity", Custom(homogeneity: 1)),
    ("homogeneity", Custom(homogeneity: 3, value: { $0 * $0 }, first: { 2 * $0 }, second: { _ in 2 })),
    ("ascending", Custom(kinks: [1, 0])),
    ("does not jump", Custom(kinks: [0.5])),
    // |z| without a word on its kink
    ("jumps from", Custom(value: { abs($0) }, first: { $0 > 0 ? 1 : -1 }, second: { _ in 0 })),
    ("jumps from", Custom(value: { abs($0 - 1.234) }, first: { $0 > 1.234 ? 1 : -1 }, second: { _ in 0 })),
    // the right derivative at the kink
    ("left one", Custom(kinks: [0], value: { abs($0) }, first: { $0 >= 0 ? 1 : -1 }, second: { _ in 0 })),
    (
      "instead of 0",
      Custom(kinks: [0], value: { abs($0) }, first: { $0 > 0 ? 1 : -1 }, second: { $0 == 0 ? 1 : 0 })
    ),
    (
      "value jumps",
      Custom(kinks: [0], value: { $0 > 0 ? $0 + 1 : 0 }, first: { $0 > 0 ? 1 : 0 }, second: { _ in 0 })
    ),
    (
      "slopes claim",
      Custom(
        homogeneity: 1, kinks: [0], slopes: Slopes(negative: 0.5, positive: 1), value: { abs($0) },
        first: { $0 > 0 ? 1 : -1 }, second: { _ in 0 })
    ),
    (
      "must be 1",
      Custom(slopes: Slopes(negative: 1, positive: 1), value: { $0 }, first: { _ in 1 }, second: { _ in 0 })
    ),
    (
      "do not go with the kinks",
      Custom(
        homogeneity: 1, slopes: Slopes(negative: -1, positive: 1), value: { abs($0) },
        first: { $0 > 0 ? 1 : -1 }, second: { _ in 0 })
    ),
  ]

  @Test("Each broken requirement is reported", arguments: broken.indices)
  func reported(index: Int) {
    let (word, activation) = Self.broken[index]
    let violations = ActivationConformance.violations(of: activation)
    #expect(violations.contains { $0.contains(word) }, "\(word): \(violations)")
  }
}
