import ActivationsPlugins
import DeepNetworks
import LossesPlugins
import ODECore
import Testing

@Suite("Newton's matrix of networks of any depth")
struct ArchitectureNewtonTests {
  /// `(I + gamma B H J) z = r` with `B H J v = -L v`, and `L v` from the phi functions' own product.
  @Test("the Gauss-Newton part is inverted exactly", arguments: GradientCase.all)
  func inverse(_ oracle: GradientCase) throws {
    let flow = try oracle.flow()
    let count = flow.dimension
    let rate = try flow.spectralRadius(0, oracle.theta.span)
    for gamma in [0.1 / rate, 100 / rate] {
      try flow.prepareNewton(0, oracle.theta.span, gamma: gamma)
      var z = [Double](repeating: .nan, count: count)
      var span = z.mutableSpan
      try flow.solveNewton(oracle.v.span, into: &span)
      try flow.preparePhi(0, oracle.theta.span)
      var image = z
      var imageSpan = image.mutableSpan
      try flow.applyLinearPart(z.span, into: &imageSpan)
      let back = zip(z, image).map { $0 - gamma * $1 }
      // Eigenvalues of a coupled loss's curvature below 1e-8 of the largest count as that: gamma rate 1e-8 at most.
      #expect(difference(back, oracle.v) < (oracle.loss == "cross-entropy" ? 1e-6 : 1e-10))
    }
  }
}
