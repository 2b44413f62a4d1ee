import ActivationsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore

/// `n` points on a line, `y = sin 3x`.
struct LineProblem {
  let flow: TwoLayerFlow
  let start: [Double]

  init(
    width m: Int, samples n: Int, gamma: Double, activation: String, randomDimension: Int? = nil
  ) throws {
    let x = (0..<n).map { -1 + 2 * Double($0) / Double(n - 1) }
    var features = x.map { [$0] }
    if let d = randomDimension {
      for i in 0..<n { features[i] = (1..<d).map { Foundation.sin(Double(31 * i * i + 17 * $0 * $0)) } }
    }
    let data = try Dataset(
      name: "line", features: features, targets: x.map { Foundation.sin(3 * $0) })
    let sigma: any Activation
    switch activation {
    case "tanh": sigma = Tanh()
    case "softplus": sigma = Softplus()
    case "relu": sigma = ReLU()
    default: fail("--activation \(activation): tanh, softplus or relu")
    }
    flow = try TwoLayerFlow(
      width: m, data: data, scaling: Scaling(gamma: gamma, gammaPrime: 0, width: m),
      activation: sigma, loss: SquaredLoss(), threads: 1)
    start = try GaussianStart(seed: 1).state(for: flow.shape)
  }
}

/// A flow that hides its Newton solves: Krylov's method without a preconditioner.
struct ProductsOnly: JacobianVectorProductProviding {
  let flow: TwoLayerFlow
  var dimension: Int { flow.dimension }
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    flow.derivative(t, y, into: &dy)
  }
  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    flow.jacobianVectorProduct(t, y, v, into: &jv)
  }
}

/// An integrator that is given another system in place of the problem's.
struct Substituting<I: Integrator>: Integrator {
  let integrator: I
  let system: any ODESystem
  var name: String { integrator.name }
  func makeState(for problem: ODEProblem, restart: Restart?) throws -> I.State {
    try integrator.makeState(
      for: ODEProblem(
        system, from: problem.initialTime, to: problem.finalTime, initialState: problem.initialState),
      restart: restart)
  }
}

extension Integrator {
  func on(_ system: any ODESystem) -> Substituting<Self> {
    Substituting(integrator: self, system: system)
  }
}

/// What the parts of a step cost.
func printCosts(_ problem: LineProblem, _ state: [Double], gamma: Double) throws {
  let flow = problem.flow
  let (y, r, z) = (StateVector(state), StateVector(problem.start), StateVector(count: state.count))
  func shortest(_ body: () throws -> Void) rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<20 {
      let before = processorSeconds()
      for _ in 0..<10 { try body() }
      best = min(best, (processorSeconds() - before) / 10)
    }
    return best
  }
  let rhs = shortest { y.withSpan { y in z.withMutableSpan { flow.derivative(0, y, into: &$0) } } }
  let product = shortest {
    y.withSpan { y in
      r.withSpan { r in z.withMutableSpan { flow.jacobianVectorProduct(0, y, r, into: &$0) } }
    }
  }
  let prepare = try shortest { try y.withSpan { try flow.prepareNewton(0, $0, gamma: gamma) } }
  let solve = shortest { r.withSpan { r in z.withMutableSpan { flow.solveNewton(r, into: &$0) } } }
  print(
    String(
      format: "microseconds: rhs %.1f, J v %.1f, prepare %.1f, solve %.1f", 1e6 * rhs, 1e6 * product,
      1e6 * prepare, 1e6 * solve))
}

/// The processor time of this process: on a busy machine wall-clock time says little.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// `RD_w` (16): the distance of `w` from its start, relative to its norm there.
func relativeDistance(_ y: [Double], _ start: [Double], from m: Int) -> Double {
  var (moved, norm) = (0.0, 0.0)
  for i in m..<y.count {
    moved += (y[i] - start[i]) * (y[i] - start[i])
    norm += start[i] * start[i]
  }
  return (moved / norm).squareRoot()
}
