import LossesPlugins
import Networks
import Testing

@Suite("Cross-entropy") struct CrossEntropyTests {
  /// log(1 + 2/e) and softmax by hand for f = (1, 0, 0), label 0.
  @Test("values and derivatives of one sample")
  func values() {
    let (f, y): ([Double], [Double]) = ([1, 0, 0], [1, 0, 0])
    var (value, derivative, second) = ([0.0], [0.0, 0, 0], [Double](repeating: 0, count: 9))
    var v = value.mutableSpan
    var d = derivative.mutableSpan
    var s = second.mutableSpan
    let loss = CrossEntropyLoss()
    loss.evaluate(f.span, y.span, outputs: 3, value: &v, derivative: &d)
    loss.secondDerivative(f.span, y.span, outputs: 3, into: &s)
    #expect(abs(value[0] - 0.551444713932051) < 1e-15)
    let (p, q) = (0.5761168847658291, 0.21194155761708544)
    for (given, expected) in zip(derivative, [p - 1, q, q]) { #expect(abs(given - expected) < 1e-15) }
    let expected = [p - p * p, -p * q, -p * q, -p * q, q - q * q, -q * q, -p * q, -q * q, q - q * q]
    for (given, expected) in zip(second, expected) { #expect(abs(given - expected) < 1e-15) }
  }

  @Test("large outputs do not overflow")
  func overflow() {
    let (f, y): ([Double], [Double]) = ([1000, -1000], [0, 1])
    var (value, derivative) = ([0.0], [0.0, 0])
    var v = value.mutableSpan
    var d = derivative.mutableSpan
    CrossEntropyLoss().evaluate(f.span, y.span, outputs: 2, value: &v, derivative: &d)
    #expect(value[0] == 2000 && derivative == [1, -1])
  }

  @Test("targets must be distributions over two classes or more")
  func targets() throws {
    let loss = CrossEntropyLoss()
    try loss.validate(targets: [0.25, 0.75, 1, 0], outputs: 2)
    #expect(throws: LossTargetError.self) { try loss.validate(targets: [1, 1], outputs: 2) }
    #expect(throws: LossTargetError.self) { try loss.validate(targets: [1], outputs: 1) }
  }
}
