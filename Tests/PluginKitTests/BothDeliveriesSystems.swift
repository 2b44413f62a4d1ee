import GradientFlow
import PhaseFlowPlugin

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The system of the template.
struct Prey: SystemPlugin, DenseJacobianProviding {
  static let name = "prey"
  static let summary = "predators and prey"
  static let parameters = [Parameter("rate", default: 1, in: 0.01...100)]
  static let finalTime = 20.0
  let rate: Double
  init(_ parameters: Parameters) { rate = parameters["rate"] }
  let dimension = 2
  let initialState = [2.0, 1]
  let componentNames: [String]? = ["prey", "predators"]

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    dy[0] = y[0] * (1 - y[1])
    dy[1] = rate * y[1] * (y[0] - 1)
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into j: inout MutableSpan<Double>) {
    (j[0], j[1], j[2], j[3]) = (1 - y[1], rate * y[1], -y[0], rate * (y[0] - 1))
  }

  var events: [Event] { [Event("most prey", direction: .falling) { _, y in y[0] * (1 - y[1]) }] }
  var invariants: Invariants? {
    Invariants(names: ["V"]) { _, y in [rate * (y[0] - log(y[0])) + y[1] - log(y[1])] }
  }
}

/// `y' = -(1, 1000) y`.
struct StiffDecay: ODESystem {
  let dimension = 2
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    (dy[0], dy[1]) = (-y[0], -1000 * y[1])
  }
}

/// The same, with its Newton equations.
final class KnowingDecay: NewtonSystemSolving {
  let dimension = 2
  private var gamma = 0.0
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    (dy[0], dy[1]) = (-y[0], -1000 * y[1])
  }
  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) { self.gamma = gamma }
  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    (z[0], z[1]) = (r[0] / (1 + gamma), r[1] / (1 + 1000 * gamma))
  }
}

/// `max(z, 0) / 2`, without slopes, so that its functions are called.
struct HalfReLU: Activation {
  let name = "half-relu"
  let homogeneity: Int? = 1
  let kinks = [0.0]
  func evaluate(_ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>) {
    for i in z.indices { (value[i], derivative[i]) = (max(z[i], 0) / 2, z[i] > 0 ? 0.5 : 0) }
  }
  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in z.indices { result[i] = 0 }
  }
}
