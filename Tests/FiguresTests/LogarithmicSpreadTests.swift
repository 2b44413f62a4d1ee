import Foundation
import Testing

@testable import Figures

@Suite("The spread of several seeds") struct LogarithmicSpreadTests {
  /// The logarithms of 1, e^2 and e^4 have the mean 2 and, with the divisor 2, the standard deviation 2.
  @Test(
    "is the geometric mean over and times exp of the standard deviation of the logarithms, width by width")
  func byHand() {
    let spread = LogarithmicSpread(x: [20, 10, 10, 10], y: [5, 1, exp(4.0), exp(2.0)])
    #expect(spread.x == [10, 20] && spread.isOfSeveral)
    let middle: [Double] = [exp(2.0), 5]
    let ends: [Double] = [1, 5, exp(4.0), 5]
    for (value, expected) in zip(spread.mean + spread.lower + spread.upper, middle + ends) {
      #expect(abs(value / expected - 1) < 1e-14)
    }
  }

  @Test("leaves out what a logarithmic axis cannot show, and is no band where each abscissa has one value")
  func leftOut() {
    let spread = LogarithmicSpread(x: [1, 2, 2, 3], y: [1, 2, 0, .nan])
    #expect(spread.x == [1, 2] && !spread.isOfSeveral)
    #expect(zip(spread.mean, [1.0, 2]).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test("is drawn as one mark for each width, below the fitted line, in a band that several seeds only have")
  func drawn() {
    func series(_ widths: [Double], _ distances: [Double]) -> [Series] {
      FigureLibrary.distanceGrowth([
        .init("", widths: widths, distances: distances, exponent: 1, exponentError: nil, prefactor: 1)
      ]).series
    }
    let one = series([10, 20], [10, 20])
    #expect(one.map(\.x.count) == [2, 2])
    let several = series([10, 10, 20, 20], [8, 12, 16, 24])
    #expect(several.map(\.x.count) == [4, 2, 2])
    #expect(several[0].style == .region && several[0].x == [10, 20, 20, 10])
    // Two values a and b: sqrt(a b), and the factor exp(log(b/a)/sqrt(2)).
    #expect(abs(several[2].y[0] - 96.0.squareRoot()) < 1e-12)
    let factor: Double = exp(log(1.5) / 2.0.squareRoot())
    #expect(abs(several[0].y[3] / (96.0.squareRoot() * factor) - 1) < 1e-12)
  }
}
