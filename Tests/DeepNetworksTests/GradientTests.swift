import DeepNetworks
import ODECore
import ODETestKit
import Testing

/// Sums of at most 50 products of numbers of size 1.
private let rounding = 2e-13

@Suite("Flows of networks of any depth against 50-digit differences of outputs and risk")
struct GradientTests {
  @Test("outputs and risk", arguments: GradientCase.all)
  func outputs(_ oracle: GradientCase) throws {
    let pass = try oracle.flow().forward(oracle.theta.span)
    #expect(difference(pass.predictions, oracle.outputs) < rounding)
    #expect(abs(pass.loss - oracle.risk) < rounding * oracle.risk)
  }

  @Test("the right-hand side is -M grad R", arguments: GradientCase.all)
  func derivative(_ oracle: GradientCase) throws {
    #expect(difference(try oracle.flow().derivative(at: oracle.theta), oracle.derivative) < rounding)
  }

  @Test("the Jacobian-vector product has all second derivatives", arguments: GradientCase.all)
  func product(_ oracle: GradientCase) throws {
    var jv = [Double](repeating: .nan, count: oracle.theta.count)
    var span = jv.mutableSpan
    try oracle.flow().jacobianVectorProduct(0, oracle.theta.span, oracle.v.span, into: &span)
    #expect(difference(jv, oracle.jv) < rounding)
  }

  @Test(
    "the kernel by Hadamard products is (1/n) J M J^T, and the sum of the layers'",
    arguments: GradientCase.all)
  func kernel(_ oracle: GradientCase) throws {
    let flow = try oracle.flow()
    #expect(difference(flow.kernel(oracle.theta.span), oracle.kernel) < rounding)
    let layers = (1...oracle.mobilities.count).map { flow.kernel(oracle.theta.span, layer: $0) }
    let sum = oracle.kernel.indices.map { i in layers.reduce(0) { $0 + $1[i] } }
    #expect(difference(sum, oracle.kernel) < rounding)
  }

  /// The suite for anyone's architecture, at points where no kink is within reach: smooth activations.
  @Test("networks pass the suite for architectures", arguments: GradientCase.all)
  func conformance(_ oracle: GradientCase) {
    var suite = ArchitectureConformance()
    // Kinks of these starts are at least so far away.
    suite.reach = oracle.activations.contains { $0.hasSuffix("relu") } ? 1e-4 : 0.02
    if suite.reach < 1e-3 { suite.tolerance = 1e-7 }
    #expect(suite.violations(of: oracle.network, at: oracle.inputs, theta: oracle.theta) == [])
  }

  @Test("flows pass the suite for systems", arguments: GradientCase.all)
  func system(_ oracle: GradientCase) throws {
    #expect(SystemConformance().violations(of: try oracle.flow(), at: [(0, oracle.theta)]) == [])
  }
}
