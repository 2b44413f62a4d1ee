import Foundation
import GradientFlow
import LossesPlugins
import Testing

@Suite("The Gram matrix where neurons are held")
struct SlidingGramTests {
  private struct Case: CustomTestStringConvertible {
    let name: String
    let x, y: [Double]
    /// Of the residuals, as the run measured it.
    let rate: Double
    /// `2 (m/n) lambda_min` and the neurons held, by Tests/Oracles/sliding_gram.py. The number is known where it does not
    /// hang on what counts as rounding: in the second case three dead neurons lie 1e-14 beside their kinks.
    let expected: Double
    let held: Int?
    /// Neurons with `|w| < 1e-12`, by NumPy.
    let atOrigin: Int
    var testDescription: String { name }
  }

  /// Ends of runs at m = 400, gamma = 1.5, gamma' = -1, in which neurons had come to w = 0 (`|w| < 1e-16`). In the second
  /// all neurons but those that slide on one kink or rest are off: the matrix is singular.
  private static let cases = [
    Case(
      name: "own1", x: [-0.9, -0.4, 0.1, 0.6, 0.95], y: [0.2, -0.3, 0.4, -0.1, 0.5], rate: 1.6e-6,
      expected: 3.28011014838e-06, held: 234, atOrigin: 21),
    Case(
      name: "rnd3", x: [-0.8287, -0.8117, -0.5264, 0.1643, 0.6025],
      y: [-0.0669, -0.0209, -0.3403, 0.2346, -0.3863], rate: 1e-6, expected: 0, held: nil, atOrigin: 94),
  ]

  @Test("neurons at w = 0 take no part in the decay", arguments: cases)
  private func origin(_ reference: Case) throws {
    let (shape, state) = try StateFile.read(fixture("\(reference.name)-final.npy"))
    let data = try Dataset(
      name: reference.name, features: reference.x.map { [$0] }, targets: reference.y)
    let scaling = try Scaling(gamma: 1.5, gammaPrime: -1, width: shape.width)
    let flow = try TwoLayerFlow(
      width: shape.width, data: data, scaling: scaling, activation: PointwiseActivation.relu,
      loss: SquaredLoss())
    let plain = try flow.gramMatrix(state.span).sum
    func result(_ state: [Double], _ plain: [Double]) throws -> (rate: Double, held: Int) {
      let sliding = flow.withSnapshot(at: 0, of: state) {
        SlidingGram($0, plain: plain, slopes: Slopes(negative: 0, positive: 1), rate: reference.rate)
      }
      let least = try symmetricEigenvalues(sliding.matrix, count: data.sampleCount)[0]
      return (2 * Double(shape.width) / Double(data.sampleCount) * least, sliding.heldNeurons)
    }
    let (rate, held) = try result(state, plain)
    // Rounding of the plain matrix, whose rates are 1e-1 at most.
    #expect(abs(rate - reference.expected) <= 1e-9 * reference.expected + 1e-15)
    if let expected = reference.held { #expect(held == expected) }

    // The same neurons put to w = 0 exactly: rounding chose no side there, and nothing changes.
    var exact = state
    var moved = 0
    for k in 0..<shape.width {
      let w = [state[shape.width + k], state[2 * shape.width + k]]
      guard (w[0] * w[0] + w[1] * w[1]).squareRoot() < 1e-12 else { continue }
      moved += 1
      for c in 1...2 { exact[c * shape.width + k] = 0 }
    }
    #expect(moved == reference.atOrigin)
    let again = try result(exact, flow.gramMatrix(exact.span).sum)
    #expect(abs(again.rate - rate) <= 1e-9 * rate + 1e-15 && again.held == held)
  }
}
