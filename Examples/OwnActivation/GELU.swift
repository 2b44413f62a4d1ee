import ODECore
import Foundation
import GradientFlow
import PluginKit

/// `sigma(z) = z Phi(s z)`, where `Phi` is the normal distribution function and `s` the steepness: a smooth ReLU.
///
/// Hendrycks, Gimpel, Gaussian error linear units (2016).
struct GELU: Activation {
  let steepness: Double
  var name: String { "gelu:\(steepness)" }

  private func distribution(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
  private func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

  /// `sigma' = Phi(s z) + s z phi(s z)`.
  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    for i in z.indices {
      let x = steepness * z[i]
      let share = distribution(x)
      value[i] = z[i] * share
      derivative[i] = share + x * density(x)
    }
  }

  /// `sigma'' = s (2 - (s z)^2) phi(s z)`.
  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in z.indices {
      let x = steepness * z[i]
      result[i] = steepness * (2 - x * x) * density(x)
    }
  }
}

enum GELUPlugin: PluginFamily {
  static func register(in catalog: inout PluginCatalog) throws {
    try catalog.activations.add(
      "gelu", summary: "z Phi(steepness z), a smooth relu",
      parameters: [.number("steepness", "relu for steepness to infinity", default: 1, in: 1e-3...1e3)],
      citation: "Hendrycks, Gimpel, arXiv:1606.08415 (2016)"
    ) { GELU(steepness: $0.number("steepness")) }
  }
}
