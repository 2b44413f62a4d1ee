import GradientFlow
import Testing

private let sizes = [Size(30, 2, 4), Size(301, 3, 9), Size(500, 4, 40), Size(200, 40, 33)]

@Suite("Gram matrices")
struct GramTests {
  @Test("residuals obey e' = -(m/n) G e along the flow", arguments: sizes)
  func residuals(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.tanh, .relu] {
      let flow = try problem.flow(activation)
      let e = flow.forward(problem.state.span).residuals
      let slope = flow.derivative(at: problem.state)
      let gram = try flow.gramMatrix(problem.state.span).sum
      let (n, factor) = (size.n, Double(size.m) / Double(size.n))
      let predicted = (0..<n).map { i in -factor * (0..<n).reduce(0) { $0 + gram[i * n + $1] * e[$1] } }
      // Small enough that no pre-activation crosses zero in this problem, as the ReLU's error shows.
      let h = 1e-7 / slope.map { abs($0) }.max()!
      func outputs(_ by: Double) -> [Double] {
        flow.forward(zip(problem.state, slope).map { $0 + by * $1 }.span).predictions
      }
      let actual = zip(outputs(h), outputs(-h)).map { ($0 - $1) / (2 * h) }
      #expect(relativeDifference(actual, predicted) < 1e-6, "\(activation.name)")
    }
  }

  @Test("dR/dt = -(m/n^2) e^T G e equals grad R . theta' to rounding", arguments: sizes)
  func energy(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.relu, .leakyReLU, .tanh] {
      let flow = try problem.flow(activation)
      let e = flow.forward(problem.state.span).residuals
      let gram = try flow.gramMatrix(problem.state.span).sum
      let n = size.n
      var form = 0.0
      for i in 0..<n { for j in 0..<n { form += e[i] * gram[i * n + j] * e[j] } }
      // theta' = -M grad R, so grad R . theta' = -sum_i theta_i'^2 / M_i.
      let kappaPrime = flow.scaling.kappaPrime
      let slope = flow.derivative(at: problem.state)
      let rate = slope.enumerated().reduce(0) {
        $0 - $1.element * $1.element * ($1.offset < size.m ? kappaPrime : 1 / kappaPrime)
      }
      let expected = -Double(size.m) / Double(n * n) * form
      #expect(abs(rate - expected) <= 1e-12 * abs(expected), "\(activation.name)")
    }
  }

  @Test("the Gram matrix is the sum over neurons that (32) says", arguments: sizes)
  func definition(_ size: Size) throws {
    let problem = try RandomProblem(size)
    let flow = try problem.flow(PointwiseActivation.leakyReLU)
    let gram = try flow.gramMatrix(problem.state.span)
    let (m, d, n, x, y) = (size.m, size.d, size.n, problem.data.inputs.values, problem.state)
    let (kappa, kappaPrime) = (flow.scaling.kappa, flow.scaling.kappaPrime)
    var (a, w) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
    for k in 0..<m {
      let z = (0..<n).map { i in
        (0..<d).reduce(0) { $0 + y[flow.shape.indexOfW(k, $1)] * x[i * d + $1] }
      }
      let s = z.map { $0 > 0 ? 1 : 0.1 }
      for i in 0..<n {
        for j in 0..<n {
          let dot = (0..<d).reduce(0) { $0 + x[i * d + $1] * x[j * d + $1] }
          a[i * n + j] += kappa * kappa / kappaPrime / Double(m) * s[i] * z[i] * s[j] * z[j]
          w[i * n + j] += kappa * kappa * kappaPrime / Double(m) * y[k] * y[k] * s[i] * s[j] * dot
        }
      }
    }
    #expect(relativeDifference(gram.a, a) < 1e-12)
    #expect(relativeDifference(gram.w, w) < 1e-12)
  }

  @Test("kappa'^2 a a' = w . w' for every neuron and 1-homogeneous activation (77)", arguments: sizes)
  func conservation(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.relu, .leakyReLU] {
      for path in FlowPath.exact {
        let flow = try problem.flow(activation, path: path)
        let (y, dy) = (problem.state, flow.derivative(at: problem.state))
        let square = flow.scaling.kappaPrime * flow.scaling.kappaPrime
        for k in 0..<size.m {
          let left = square * y[k] * dy[k]
          var (right, scale) = (0.0, 0.0)
          for j in 0..<size.d {
            let term = y[flow.shape.indexOfW(k, j)] * dy[flow.shape.indexOfW(k, j)]
            right += term
            scale += abs(term)
          }
          // The fused path forms a' as w . g: a few roundings of the terms. The others sum over samples,
          // whose terms may cancel.
          let rounding = path == .fused ? 2e-15 * Double(size.d) : 1e-12
          let typical = path == .fused ? scale : max(scale, 1)
          #expect(abs(left - right) <= rounding * typical, "\(activation.name), \(path), neuron \(k)")
        }
      }
    }
  }
}
