import ActivationsPlugins
import GradientFlow
import ODECore
import RungeKutta

/// Where one path overtakes another: the figures behind `FlowPath.choose`.
func benchPaths() throws {
  print("ns per neuron and right-hand side, one thread, m = 4096")
  for (activation, first) in [(ReLU(), FlowPath.fused), (Tanh(), .blocked)]
    as [(any Activation, FlowPath)]
  {
    for n in [4, 45, 500] {
      for d in [2, 4, 8, 16, 24, 32, 48, 64] {
        let times = try [first, .gemm].map { path in
          let problem = try BenchProblem(m: 4096, d: d, n: n, activation, path: path)
          let (y, dy) = (StateVector(problem.state), StateVector(count: problem.flow.dimension))
          return try shortestTimes(
            [
              { y.withSpan { y in dy.withMutableSpan { problem.flow.derivative(0, y, into: &$0) } } }
            ], budget: 0.08)[0]
        }
        print(
          "\(activation.name) n=\(n) d=\(d)".padded(20),
          "\(first.rawValue) \(fixed(times[0] * 1e9 / 4096, 2))".padded(20),
          "gemm \(fixed(times[1] * 1e9 / 4096, 2))".padded(16))
      }
    }
  }
}

/// From which size a second thread pays: the figures behind the default of `threads`.
func benchThreads() throws {
  print("us per right-hand side with 1 and 2 threads")
  for (d, n, activation) in [
    (2, 4, ReLU()), (2, 45, ReLU()), (2, 4, Tanh()), (785, 45, ReLU()),
  ]
    as [(Int, Int, any Activation)]
  {
    for m in [1000, 4000, 10000, 20000, 40000, 80000, 160_000] where m * d < 10_000_000 {
      let times = try [1, 2].map { threads in
        let problem = try BenchProblem(m: m, d: d, n: n, activation, threads: threads)
        let (y, dy) = (StateVector(problem.state), StateVector(count: problem.flow.dimension))
        return try shortestTimes(
          [
            { y.withSpan { y in dy.withMutableSpan { problem.flow.derivative(0, y, into: &$0) } } }
          ], budget: 0.1)[0]
      }
      print(
        "\(activation.name) d=\(d) n=\(n) m=\(m)".padded(30), "mnd \(m * n * d)".padded(16),
        fixed(times[0] * 1e6, 1).padded(10), fixed(times[1] * 1e6, 1).padded(10))
    }
  }
  try benchStateThreads()
}

/// What a step of Dormand-Prince costs without its right-hand sides.
private func benchStateThreads() throws {
  print("us per step of dormand-prince where f costs nothing, with 1 and 2 threads")
  for count in [1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20, 3_000_000] {
    // The stages keep their zeros; what moves is memory.
    let problem = try ODEProblem(
      ClosureSystem(dimension: count) { _, _, _ in }, to: .infinity,
      initialState: [Double](repeating: 1, count: count))
    let states = try [1, 2].map { threads in
      try DormandPrince(StepControl(initialStep: 1, maxStep: 1, threads: threads))
        .makeState(for: problem, restart: nil)
    }
    let times = try shortestTimes(
      states.map { state in { try state.advance(to: .infinity) } }, budget: 0.2)
    print(
      "N = \(count)".padded(30), "".padded(16), fixed(times[0] * 1e6, 1).padded(10),
      fixed(times[1] * 1e6, 1).padded(10))
  }
}

/// What else a flow offers, in right-hand sides.
func benchCapabilities() throws {
  print("Cost in right-hand sides, one thread")
  for (m, d, n, activation) in [
    (40000, 2, 4, ReLU()), (40000, 2, 4, Tanh()), (10000, 2, 45, ReLU()),
    (1000, 785, 45, ReLU()), (1000, 785, 500, ReLU()),
  ] as [(Int, Int, Int, any Activation)] {
    let problem = try BenchProblem(m: m, d: d, n: n, activation)
    let flow = problem.flow
    let (y, v) = (StateVector(problem.state), StateVector(problem.state.reversed()))
    let dy = StateVector(count: flow.dimension)
    let times = try shortestTimes(
      [
        { y.withSpan { y in dy.withMutableSpan { flow.derivative(0, y, into: &$0) } } },
        { _ = y.withSpan { flow.risk($0) } },
        {
          y.withSpan { y in
            v.withSpan { v in dy.withMutableSpan { flow.jacobianVectorProduct(0, y, v, into: &$0) } }
          }
        },
        { _ = try y.withSpan { try flow.gramMatrix($0) } },
        { _ = try y.withSpan { try flow.spectralRadius(0, $0) } },
      ], budget: 0.15)
    print(
      "\(activation.name) d=\(d) n=\(n) m=\(m)".padded(30),
      zip(["risk", "Jv", "Gram", "rho"], times.dropFirst()).map { "\($0) \(fixed($1 / times[0], 2))" }
        .joined(separator: "   "))
  }
}
