import ActivationsPlugins
import GradientFlow
import Testing

@Suite("The multiplicity of an activation at 0")
struct MultiplicityTests {
  /// The first derivative at 0 that does not vanish, from each one's Taylor series; of ReLU the one-sided first.
  @Test(
    "is the order of the first derivative that does not vanish",
    arguments: [
      (Tanh() as any Activation, 1), (Sine(), 1), (Sigmoid(), 1), (Softplus(beta: 1), 1), (ReLU(), 1),
      (Identity(), 1),
      (Monomial(power: 2), 2), (Monomial(power: 7), 7), (PowerTanh(power: 1), 2), (PowerTanh(power: 2), 3),
    ])
  func orders(activation: any Activation, order: Int) {
    #expect(activation.multiplicityAtZero == order)
  }
}
