import DeepNetworks
import Foundation
import Studies
import Testing

@Suite("Expected exponents of networks of any depth")
struct LayerExponentTests {
  /// `g = (-gamma', gamma')`: the table for two layers, in every region in which that has numbers.
  @Test("two layers: those of the paper's phase diagram")
  func twoLayers() throws {
    var regions = Set<PhaseRegion>()
    for gamma in stride(from: 0.1, through: 2.5, by: 0.1) {
      for prime in stride(from: -1.05, through: 1.05, by: 0.1) {
        guard let two = ExpectedExponents(gamma: gamma, gammaPrime: prime) else { continue }
        regions.insert(PhaseRegion(gamma: gamma, gammaPrime: prime))
        let layers = LayerExponents(gamma: gamma, mobilityExponents: [-prime, prime])
        #expect(abs(layers.slopes[0] - two.w) < 1e-12 && abs(layers.slopes[1] - two.a) < 1e-12)
        #expect(abs(layers.theta - two.theta) < 1e-12)
      }
    }
    #expect(regions == [.thetaLazy, .wLazy, .condensed])
    for prime in [-0.7, 0, 0.4] {
      let g = [-prime, prime]
      #expect(
        LayerExponents.boundary(ofLayer: 1, mobilityExponents: g) == PhaseRegion.boundaryW(gammaPrime: prime))
      #expect(
        LayerExponents.boundary(ofLayer: 2, mobilityExponents: g) == PhaseRegion.boundaryA(gammaPrime: prime))
      #expect(LayerExponents.boundary(ofLayer: nil, mobilityExponents: g) == 1)
    }
  }

  /// By the definition of each: `S` changes its sign at its boundary, whatever the depth and the mobilities.
  @Test(
    "each slope vanishes at its boundary, and rises through it without a jump",
    arguments: [[0, 0, 0], [-0.6, 0.1, 0.5], [0.4, -0.9, 0.5], [0.3, 0.3, -0.2, -0.4], [0, 0, 0, 0, 0]])
  func boundaries(g: [Double]) {
    for layer in (1...g.count).map(Optional.some) + [nil] {
      let gamma = LayerExponents.boundary(ofLayer: layer, mobilityExponents: g)
      func slope(_ gamma: Double) -> Double {
        let exponents = LayerExponents(gamma: gamma, mobilityExponents: g)
        return layer.map { exponents.slopes[$0 - 1] } ?? exponents.theta
      }
      #expect(abs(slope(gamma)) < 1e-12)
      #expect(slope(gamma - 1e-3) < -1e-5 && slope(gamma + 1e-3) > 1e-5)
      #expect(abs(slope(gamma + 1e-9) - slope(gamma - 1e-9)) < 1e-8)
    }
  }

  /// With all layers condensed `kappa prod |theta_l| ~ 1` and `|theta_l|^2/mu_l` is the same for all: the sum of the sizes' exponents is gamma, and
  /// size and mobility differ by the same for every layer.
  @Test("condensed layers obey conservation and give outputs of size 1")
  func condensed() {
    let g = [-0.3, 0.1, 0.2]
    let exponents = LayerExponents(gamma: 2.4, mobilityExponents: g)
    #expect(exponents.condensed == [true, true, true])
    // Norms at the start: m^(1/2), m, m^(1/2).
    let sizes = zip(exponents.slopes, [0.5, 1, 0.5]).map { $0 + $1 }
    #expect(abs(sizes.reduce(0, +) - 2.4) < 1e-12)
    for l in 1..<3 { #expect(abs((2 * sizes[l] - g[l]) - (2 * sizes[0] - g[0])) < 1e-12) }
  }
}
