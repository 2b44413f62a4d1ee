import Foundation
import GradientFlow

/// An activation from three scalar functions, for tests.
struct PointwiseActivation: Activation {
  let name: String
  var homogeneity: Int?
  var slopes: Slopes?
  let functions: @Sendable (Double) -> (Double, Double, Double)

  init(
    _ name: String, homogeneity: Int? = nil, slopes: Slopes? = nil,
    _ functions: @escaping @Sendable (Double) -> (Double, Double, Double)
  ) {
    self.name = name
    self.homogeneity = homogeneity
    self.slopes = slopes
    self.functions = functions
  }

  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    for i in z.indices { (value[i], derivative[i], _) = functions(z[i]) }
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in z.indices { (_, _, result[i]) = functions(z[i]) }
  }

  static func piecewise(_ name: String, _ negative: Double, _ positive: Double) -> Self {
    Self(name, homogeneity: 1, slopes: Slopes(negative: negative, positive: positive)) {
      let slope = $0 > 0 ? positive : negative
      return (slope * $0, slope, 0)
    }
  }

  static let relu = piecewise("relu", 0, 1)
  static let leakyReLU = piecewise("leaky-relu:0.1", 0.1, 1)
  static let tanh = Self("tanh") {
    let t = Foundation.tanh($0)
    return (t, 1 - t * t, -2 * t * (1 - t * t))
  }

  /// Every activation of the fixture, by its name there.
  static let all: [Self] = [
    relu, leakyReLU, tanh, piecewise("identity", 1, 1),
    Self("softplus") {
      let s = 1 / (1 + exp(-$0))
      return (log1p(exp($0)), s, s * (1 - s))
    },
    Self("sigmoid") {
      let s = 1 / (1 + exp(-$0))
      return (s, s * (1 - s), s * (1 - s) * (1 - 2 * s))
    },
    Self("sin") { (sin($0), cos($0), -sin($0)) },
    Self("monomial:2", homogeneity: 2) { ($0 * $0, 2 * $0, 2) },
    Self("monomial:3", homogeneity: 3) { ($0 * $0 * $0, 3 * $0 * $0, 6 * $0) },
  ]

  static func named(_ name: String) throws -> Self {
    guard let found = all.first(where: { $0.name == name }) else { throw UnknownName(name: name) }
    return found
  }
}

/// A loss from `(f, y) -> (l, l', l'')`, for tests.
struct PointwiseLoss: Loss {
  let name: String
  var isSquared = false
  let functions: @Sendable (Double, Double) -> (Double, Double, Double)

  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    for i in f.indices { (value[i], derivative[i], _) = functions(f[i], y[i]) }
  }

  func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>
  ) {
    for i in f.indices { (_, _, result[i]) = functions(f[i], y[i]) }
  }

  static let squared = Self(name: "mse", isSquared: true) { f, y in
    ((f - y) * (f - y) / 2, f - y, 1)
  }

  static let logistic = Self(name: "logistic") { f, y in
    let s = 1 / (1 + exp(y * f))
    return (log1p(exp(-y * f)), -y * s, s * (1 - s))
  }

  static let all: [Self] = [
    squared, logistic,
    Self(name: "huber:0.5") { f, y in
      let e = f - y
      return abs(e) <= 0.5 ? (e * e / 2, e, 1) : (0.5 * (abs(e) - 0.25), e > 0 ? 0.5 : -0.5, 0)
    },
    Self(name: "exponential-margin") { f, y in
      let g = exp(-y * f)
      return (g, -y * g, g)
    },
  ]

  static func named(_ name: String) throws -> Self {
    guard let found = all.first(where: { $0.name == name }) else { throw UnknownName(name: name) }
    return found
  }
}

struct UnknownName: Error { let name: String }
