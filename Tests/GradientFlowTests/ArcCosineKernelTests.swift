import Foundation
import GradientFlow
import Testing

/// The paper's four points: x = -1/2, -1/6, 1/6, 1/2, y = x^2.
private func fourPoints() throws -> Dataset {
  let x = [-0.5, -1.0 / 6, 1.0 / 6, 0.5]
  return try Dataset(name: "four-points", features: x.map { [$0] }, targets: x.map { $0 * $0 })
}

@Suite("Infinite-width kernels")
struct ArcCosineKernelTests {
  @Test("the four points have the eigenvalues of the expectations (30) themselves")
  func eigenvalues() throws {
    let kernel = ArcCosineKernel.gramMatrix(try fourPoints().inputs)
    // SciPy's quadrature of the expectations: Tests/Oracles/infinite_width_kernels.py.
    let expected: [([Double], [Double])] = [
      (kernel.a, [0.0010114759108, 0.00898702274257, 0.226355646118, 2.04142363301]),
      (kernel.w, [0.0323547581963, 0.0617872260224, 0.407218954622, 1.77641683894]),
      (kernel.sum, [0.0334327101978, 0.0715468660896, 0.633508124649, 3.81706785462]),
    ]
    for (matrix, values) in expected {
      for (computed, printed) in zip(try symmetricEigenvalues(matrix, count: 4), values) {
        // Sixteen elements to 1e-12, and twelve digits of numbers up to 4: half a unit is 5e-12.
        #expect(abs(computed - printed) <= 2e-11, "\(computed) against \(printed)")
      }
    }
  }

  @Test("parallel, opposite and orthogonal inputs have the values of the closed form")
  func specialAngles() {
    // phi = 0: |x||x'|/2 and x.x'/2; phi = pi: 0 and 0; phi = pi/2: |x||x'|/(2 pi) and 0.
    #expect(abs(ArcCosineKernel.a([3, 4], [6, 8]) - 25) < 1e-13)
    #expect(abs(ArcCosineKernel.w([3, 4], [6, 8]) - 25) < 1e-13)
    #expect(abs(ArcCosineKernel.a([3, 4], [-3, -4])) < 1e-13)
    #expect(abs(ArcCosineKernel.w([3, 4], [-3, -4])) < 1e-13)
    #expect(abs(ArcCosineKernel.a([2, 0], [0, 3]) - 3 / .pi) < 1e-15)
    #expect(ArcCosineKernel.w([2, 0], [0, 3]) == 0)
    #expect(ArcCosineKernel.a([0, 0], [0, 3]) == 0)
  }

  @Test("the Gram matrix of a wide network tends to them")
  func wideNetwork() throws {
    let (data, m) = (try fourPoints(), 400_000)
    var numbers = TestNumbers(7)
    let state = numbers.normal(3 * m)
    let (kappa, kappaPrime) = (0.5, 2.0)
    let flow = try TwoLayerFlow(
      width: m, data: data, scaling: Scaling(kappa: kappa, kappaPrime: kappaPrime),
      activation: PointwiseActivation.relu, loss: PointwiseLoss.squared)
    let gram = try flow.gramMatrix(state.span)
    let limit = ArcCosineKernel.gramMatrix(data.inputs)
    for i in 0..<16 {
      // Means of m terms; the terms' standard deviations are below 2, so 5 of the means' are 0.016.
      #expect(abs(gram.a[i] * kappaPrime / (kappa * kappa) - limit.a[i]) < 0.016)
      #expect(abs(gram.w[i] / (kappaPrime * kappa * kappa) - limit.w[i]) < 0.016)
    }
  }
}
