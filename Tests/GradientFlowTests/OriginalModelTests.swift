import ActivationsPlugins
import Foundation
import GradientFlow
import Testing

/// The original flow, written out from the two equations after (6), against the normalised one, (25) and (26).
@Suite struct OriginalModelTests {
  private let inputs: [[Double]] = [[-0.5, 1], [-1.0 / 6, 1], [1.0 / 6, 1], [0.5, 1]]
  private let targets: [Double] = [0.25, 1.0 / 36, 1.0 / 36, 0.25]
  private let shape = NetworkShape(width: 5, inputDimension: 2)

  /// `sigma(z) = max(z, 0)^p` and its derivative.
  private func sigma(_ z: Double, _ p: Int) -> (Double, Double) {
    z > 0 ? (pow(z, Double(p)), Double(p) * pow(z, Double(p - 1))) : (0, 0)
  }

  private func outputs(_ state: [Double], factor: Double, _ p: Int) -> [Double] {
    inputs.map { (x: [Double]) -> Double in
      var f = 0.0
      for k in 0..<shape.width {
        let z = state[shape.indexOfW(k, 0)] * x[0] + state[shape.indexOfW(k, 1)] * x[1]
        f += factor * state[k] * sigma(z, p).0
      }
      return f
    }
  }

  /// `-mobility * grad R` with `f = factor sum a sigma(w . x)`; all mobilities 1 in the original model.
  private func rightHandSide(
    _ state: [Double], factor: Double, mobilityA: Double, mobilityW: Double, _ p: Int
  ) -> [Double] {
    let residuals: [Double] = zip(outputs(state, factor: factor, p), targets).map { $0 - $1 }
    var result = [Double](repeating: 0, count: shape.stateLength)
    for k in 0..<shape.width {
      for (x, e) in zip(inputs, residuals) {
        let z = state[shape.indexOfW(k, 0)] * x[0] + state[shape.indexOfW(k, 1)] * x[1]
        let (value, slope) = sigma(z, p)
        result[k] -= mobilityA * factor * value * e / 4
        for j in 0..<2 {
          result[shape.indexOfW(k, j)] -= mobilityW * factor * state[k] * slope * x[j] * e / 4
        }
      }
    }
    return result
  }

  private struct PowerOfReLU: Activation {
    let p: Int
    var name: String { "relu^\(p)" }
    var homogeneity: Int? { p }
    func evaluate(
      _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
    ) {}
    func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {}
  }

  @Test("The original flow, passed through (7), is the normalised flow", arguments: [1, 2, 3])
  func equivalence(p: Int) throws {
    let model = try OriginalModel(alpha: 3, beta1: 0.7, beta2: 1.9)
    let scaling = try model.scaling(for: PowerOfReLU(p: p))
    var normalized = try GaussianStart(seed: 5).state(for: shape)
    var original = model.state(fromNormalized: normalized, shape: shape)
    #expect(original[0] == 0.7 * normalized[0] && original[5] == 1.9 * normalized[5])
    // Euler's method with steps of the same length in either time keeps the two in step, if the fields agree.
    let step = 0.05
    for _ in 0..<40 {
      let back = model.normalizedState(from: original, shape: shape)
      let f = (
        outputs(original, factor: 1 / model.alpha, p), outputs(normalized, factor: scaling.kappa, p)
      )
      for (a, b) in zip(f.0, f.1) { #expect(abs(a - b) <= 1e-12 * abs(b) + 1e-15) }
      for (a, b) in zip(back, normalized) { #expect(abs(a - b) <= 1e-12 * abs(b)) }
      let slow = rightHandSide(
        original, factor: 1 / model.alpha, mobilityA: 1, mobilityW: 1, p)
      let fast = rightHandSide(
        normalized, factor: scaling.kappa, mobilityA: 1 / scaling.kappaPrime,
        mobilityW: scaling.kappaPrime, p)
      // d theta / dt = (d theta / d thetabar) (d thetabar / d tbar) (d tbar / dt)
      let passed = model.state(fromNormalized: fast, shape: shape).map { $0 * model.normalizedTime(from: 1) }
      let size = slow.map { abs($0) }.max()!
      for (a, b) in zip(slow, passed) { #expect(abs(a - b) <= 1e-13 * size) }
      original = zip(original, slow).map { $0 + model.time(fromNormalized: step) * $1 }
      normalized = zip(normalized, fast).map { $0 + step * $1 }
    }
    let start = try GaussianStart(seed: 5).state(for: shape)
    #expect(abs(normalized[0] - start[0]) > 1e-3)
  }

  @Test("kappa and kappa' are (8), and time goes both ways")
  func scalings() throws {
    let model = try OriginalModel(alpha: 4, beta1: 6, beta2: 2)
    #expect(try model.scaling(for: ReLU()) == Scaling(kappa: 3, kappaPrime: 3))
    #expect(try model.scaling(for: Monomial(power: 3)) == Scaling(kappa: 12, kappaPrime: 3))
    #expect(model.time(fromNormalized: 2) == 24 && model.normalizedTime(from: 24) == 2)
  }

  @Test("Without homogeneity there is no normalised model, and bad parameters are named")
  func errors() throws {
    let model = try OriginalModel(alpha: 1, beta1: 1, beta2: 1)
    #expect(throws: OriginalModelError.notHomogeneous(activation: "tanh")) {
      _ = try model.scaling(for: Tanh())
    }
    #expect(throws: OriginalModelError.parameter(name: "beta1", value: 0)) {
      _ = try OriginalModel(alpha: 1, beta1: 0, beta2: 1)
    }
    #expect(throws: ScalingError.self) {
      _ = try OriginalModel(alpha: 1e-300, beta1: 1e300, beta2: 1e-5).scaling(for: ReLU())
    }
  }
}
