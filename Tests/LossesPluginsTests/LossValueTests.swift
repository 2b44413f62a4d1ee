import Foundation
import Networks
import LossesPlugins
import Testing

@Suite struct LossValueTests {
  private func evaluate(_ loss: any Loss, _ f: [Double], _ y: [Double]) -> [[Double]] {
    var value = [Double](repeating: .nan, count: f.count)
    var (derivative, second) = (value, value)
    var valueSpan = value.mutableSpan
    var derivativeSpan = derivative.mutableSpan
    loss.evaluate(f.span, y.span, value: &valueSpan, derivative: &derivativeSpan)
    var secondSpan = second.mutableSpan
    loss.secondDerivative(f.span, y.span, into: &secondSpan)
    return [value, derivative, second]
  }

  @Test("The squared loss is half the square, its derivative the residual")
  func squared() {
    #expect(evaluate(SquaredLoss(), [3, -1], [1, 1]) == [[2, 2], [2, -2], [1, 1]])
    #expect(SquaredLoss().isSquared)
  }

  @Test("Huber's loss passes from the parabola to the line at delta")
  func huber() {
    // delta = 2: 2 (|e| - 1) beyond.
    #expect(
      evaluate(HuberLoss(delta: 2), [1, 2, 5, -5], [0, 0, 0, 0])
        == [[0.5, 2, 8, 8], [1, 2, 2, -2], [1, 1, 0, 0]])
    #expect(evaluate(HuberLoss(), [1e308], [-1e308])[1] == [1])
  }

  @Test("The logistic loss keeps its digits at both ends")
  func logistic() {
    let at = evaluate(LogisticLoss(), [0, 1000, -1000, 50, -1e308], [1, 1, 1, 1, 1])
    #expect(at[0][0] == log(2))
    #expect(at[1][0] == -0.5)
    #expect(at[2][0] == 0.25)
    #expect(at[0][1] == 0)
    #expect(at[1][1] == 0)
    #expect(at[2][1] == 0)
    #expect(at[0][2] == 1000)
    #expect(at[1][2] == -1)
    // log(1 + u) = u - u^2/2 + ... with u = exp(-50) = 1.9e-22
    #expect(at[0][3] == exp(-50))
    #expect(at[1][3] == -exp(-50))
    #expect(at[0][4] == 1e308)
    #expect(at[1][4] == -1)
    let (plus, minus) = (evaluate(LogisticLoss(), [3], [1]), evaluate(LogisticLoss(), [-3], [-1]))
    #expect(minus[0] == plus[0])
    #expect(minus[1][0] == -plus[1][0])
    #expect(minus[2] == plus[2])
  }

  @Test("The exponential loss over- and underflows to infinity and zero, never to NaN")
  func exponential() {
    let at = evaluate(ExponentialMarginLoss(), [0, 2, -710, 800, 1e308, -1e308], [1, -1, 1, 1, 1, 1])
    #expect(at[0] == [1, exp(2), .infinity, 0, 0, .infinity])
    #expect(at[1] == [-1, exp(2), -.infinity, 0, 0, -.infinity])
    #expect(at[2] == [1, exp(2), .infinity, 0, 0, .infinity])
  }

  @Test("Losses of margins reject targets other than -1 and 1")
  func targets() throws {
    for loss in [LogisticLoss(), ExponentialMarginLoss()] as [any Loss] {
      try loss.validate(targets: [1, -1, 1])
      #expect(
        throws: LossTargetError(loss: loss.name, index: 2, target: 0, expected: "-1 or 1")
      ) { try loss.validate(targets: [1, -1, 0]) }
    }
    try SquaredLoss().validate(targets: [0.3])
    try HuberLoss().validate(targets: [0.3])
  }
}
