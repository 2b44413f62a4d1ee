import CFlowKernels
import CFlowKernelsPlain
import GradientFlow
import ODECore
import Testing

@Suite("The same bits")
struct DeterminismTests {
  @Test(
    "one, two and three threads give identical results",
    arguments: [Size(20_011, 2, 4), Size(9001, 3, 45), Size(1500, 40, 60), Size(1100, 70, 33)])
  func threads(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.relu, .leakyReLU, .tanh] {
      for path in FlowPath.allCases
      where path != .fused || (activation.slopes != nil && size.d <= FlowPath.largestFusedDimension) {
        let flows = try [1, 2, 3].map { try problem.flow(activation, threads: $0, path: path) }
        let y = problem.state
        let results = try flows.map { flow in
          let gram = try flow.gramMatrix(y.span)
          return
            (flow.derivative(at: y) + flow.product(at: y, problem.direction)
            + [flow.risk(y.span), try flow.spectralRadius(0, y.span)] + gram.a + gram.w)
        }
        for other in results.dropFirst() {
          #expect(firstDifference(other, results[0]) == nil, "\(activation.name), \(path)")
        }
        #expect(firstDifference(flows[1].derivative(at: y), flows[1].derivative(at: y)) == nil)
      }
    }
  }

  @Test("keeping features and computing them again give identical results")
  func storage() throws {
    let problem = try RandomProblem(Size(3000, 3, 9))
    let scaling = try Scaling(kappa: 0.5, kappaPrime: 2)
    let features = NeuronFeatures(
      problem.data.inputs,
      Network(width: 3000, inputDimension: 3, scaling: scaling, activation: PointwiseActivation.tanh),
      path: .blocked)
    let factors = GradientFactors(scaling, sampleCount: 9)
    let (theta, v) = (StateVector(problem.state), StateVector(problem.direction))
    let (l, q) = (
      StateVector((0..<9).map { Double($0) - 4 }), StateVector((0..<9).map { 1 / Double($0 + 1) })
    )
    let results = [0, LayeredPasses.storedLimit].map { limit in
      let passes = LayeredPasses(features, threads: 2, storedLimit: limit)
      let (f, df) = (StateVector(count: 9), StateVector(count: 9))
      let (dy, jv) = (StateVector(count: theta.count), StateVector(count: theta.count))
      passes.outputs(theta.pointer, into: f.pointer)
      passes.gradient(theta.pointer, weights: l.pointer, factors, into: dy.pointer)
      passes.outputsTangent(theta.pointer, direction: v.pointer, into: df.pointer)
      passes.gradientTangent(
        theta.pointer, direction: v.pointer, weights: l.pointer, weightsTangent: q.pointer, factors,
        into: jv.pointer)
      return f.array + df.array + dy.array + jv.array
    }
    #expect(firstDifference(results[0], results[1]) == nil)
    #expect(Set(results[0]).count > 1000)
  }

  @Test(
    "this processor's vector instructions give the bits of plain C",
    arguments: [Size(1, 2, 1), Size(77, 2, 4), Size(1003, 2, 7), Size(515, 5, 21), Size(130, 33, 12)])
  func instructionSets(_ size: Size) throws {
    let (m, d, n) = (size.m, size.d, size.n)
    let problem = try RandomProblem(size)
    let (y, v, x) = (problem.state, problem.direction, problem.data.inputs.values)
    var numbers = TestNumbers(5)
    let (lx, qx) = (numbers.uniform(n * d), numbers.uniform(n * d))
    let (g0, h0) = (numbers.uniform(d), numbers.uniform(d))
    let (a, w, va, vw) = (Array(y[..<m]), Array(y[m...]), Array(v[..<m]), Array(v[m...]))

    var fast = Kernels(m, d, n)
    cflow_fused_outputs(m, m, d, n, a, w, x, &fast.sums, &fast.linear)
    cflow_fused_gradient(m, m, d, n, a, w, x, lx, g0, -0.3, -0.7, &fast.da, &fast.dw, m)
    cflow_fused_outputs_tangent(m, m, d, n, a, w, va, vw, x, &fast.sums2, &fast.linear2)
    cflow_fused_gradient_tangent(
      m, m, d, n, a, w, va, vw, x, lx, g0, qx, h0, -0.3, -0.7, &fast.ja, &fast.jw, m)

    var plain = Kernels(m, d, n)
    plain_fused_outputs(m, m, d, n, a, w, x, &plain.sums, &plain.linear)
    plain_fused_gradient(m, m, d, n, a, w, x, lx, g0, -0.3, -0.7, &plain.da, &plain.dw, m)
    plain_fused_outputs_tangent(m, m, d, n, a, w, va, vw, x, &plain.sums2, &plain.linear2)
    plain_fused_gradient_tangent(
      m, m, d, n, a, w, va, vw, x, lx, g0, qx, h0, -0.3, -0.7, &plain.ja, &plain.jw, m)

    #expect(firstDifference(fast.all, plain.all) == nil)
    #expect(!fast.all.contains { $0.isNaN })
  }
}

/// What the four fused kernels write.
private struct Kernels {
  var sums, linear, sums2, linear2, da, dw, ja, jw: [Double]

  init(_ m: Int, _ d: Int, _ n: Int) {
    func unset(_ count: Int) -> [Double] { [Double](repeating: .nan, count: count) }
    (sums, linear, sums2, linear2) = (unset(n), unset(d), unset(n), unset(d))
    (da, dw, ja, jw) = (unset(m), unset(m * d), unset(m), unset(m * d))
  }

  var all: [Double] { sums + linear + sums2 + linear2 + da + dw + ja + jw }
}
