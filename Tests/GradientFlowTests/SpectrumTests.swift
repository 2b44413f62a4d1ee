import Foundation
import GradientFlow
import ODECore
import Testing

@Suite("Eigenvalues and the spectral radius")
struct SpectrumTests {
  @Test("the second difference matrix has eigenvalues 2 - 2 cos(k pi / (n + 1))", arguments: [1, 2, 7, 90])
  func secondDifference(_ n: Int) throws {
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      matrix[i * n + i] = 2
      if i > 0 { (matrix[i * n + i - 1], matrix[(i - 1) * n + i]) = (-1, -1) }
    }
    let expected = (1...n).map { 2 - 2 * cos(Double($0) * .pi / Double(n + 1)) }
    let computed = try symmetricEigenvalues(matrix, count: n)
    for (value, exact) in zip(computed, expected) { #expect(abs(value - exact) < 1e-13) }
    #expect(abs(try largestEigenvalue(matrix, count: n) - expected[n - 1]) < 1e-13)
  }

  @Test("a matrix that is not finite is refused")
  func nonFinite() {
    #expect(throws: EigenvalueError.self) { try symmetricEigenvalues([1, 0, .infinity, 1], count: 2) }
  }

  /// The eigenvalue of largest modulus of the Jacobian: its matrix column by column, made symmetric by
  /// the mobility's square root.
  private func exactRadius(_ flow: TwoLayerFlow, _ y: [Double]) throws -> Double {
    let (size, kappaPrime) = (flow.dimension, flow.scaling.kappaPrime)
    func root(_ i: Int) -> Double {
      (i < flow.shape.width ? 1 / kappaPrime : kappaPrime).squareRoot()
    }
    var matrix = [Double](repeating: 0, count: size * size)
    for j in 0..<size {
      var unit = [Double](repeating: 0, count: size)
      unit[j] = 1
      let column = flow.product(at: y, unit)
      for i in 0..<size { matrix[i * size + j] = column[i] * root(j) / root(i) }
    }
    var asymmetry = 0.0
    for i in 0..<size {
      for j in 0..<i {
        asymmetry = max(asymmetry, abs(matrix[i * size + j] - matrix[j * size + i]))
      }
    }
    #expect(asymmetry < 1e-10 * (1 + matrix.reduce(0) { max($0, abs($1)) }))
    let values = try symmetricEigenvalues(matrix, count: size)
    return max(abs(values[0]), abs(values[size - 1]))
  }

  @Test(
    "the estimate bounds the Jacobian's spectral radius",
    arguments: [Size(3, 2, 4), Size(20, 2, 4), Size(40, 3, 7), Size(12, 5, 40)])
  func bound(_ size: Size) throws {
    for seed in 1...4 {
      let problem = try RandomProblem(size, seed: UInt64(seed))
      for activation in PointwiseActivation.all {
        for kappa in [1.0, 0.05] {
          for path in FlowPath.exact where path != .fused || activation.slopes != nil {
            let flow = try problem.flow(activation, kappa: kappa, path: path)
            let exact = try exactRadius(flow, problem.state)
            let estimate = try flow.spectralRadius(0, problem.state.span)
            #expect(estimate >= exact * (1 - 1e-10), "\(activation.name), kappa \(kappa), \(path)")
            // p = |P| and b = |B| are exact if sigma'' = 0, and B's spectrum is symmetric: the radius is
            // at least b and at least p - b, so p + b is at most three times it.
            if activation.slopes != nil {
              #expect(estimate <= 3 * exact, "\(activation.name), kappa \(kappa), \(path)")
            }
          }
        }
      }
    }
  }

  @Test("the estimate is close in the kernel regime, where blocks are smaller by kappa")
  func kernelRegime() throws {
    let problem = try RandomProblem(Size(400, 2, 4))
    for activation in [PointwiseActivation.relu, .tanh] {
      // P is of order 1, B of order kappa = 1/20 times the residuals.
      let flow = try problem.flow(activation, kappa: 0.05)
      let exact = try exactRadius(flow, problem.state)
      let estimate = try flow.spectralRadius(0, problem.state.span)
      #expect(estimate >= exact * (1 - 1e-10) && estimate <= 1.5 * exact, "\(activation.name)")
    }
  }

  @Test("it bounds the radius for losses with curvature of their own")
  func curvedLoss() throws {
    let base = try RandomProblem(Size(15, 3, 6))
    let data = try Dataset(
      name: "signs", features: (0..<6).map { Array(base.data.input($0).dropLast()) },
      targets: base.data.targets.map { $0 > 0 ? 1 : -1 })
    for activation in [PointwiseActivation.relu, .tanh] {
      let flow = try TwoLayerFlow(
        width: 15, data: data, scaling: Scaling(kappa: 0.4, kappaPrime: 0.5), activation: activation,
        loss: PointwiseLoss.logistic)
      let exact = try exactRadius(flow, base.state)
      let estimate = try flow.spectralRadius(0, base.state.span)
      #expect(estimate >= exact * (1 - 1e-10), "\(activation.name)")
    }
  }

  @Test(
    "power iteration finds the Gram matrix's largest eigenvalue",
    arguments: [Size(100, 2, 30), Size(60, 5, 50)])
  func iteration(_ size: Size) throws {
    for activation in [PointwiseActivation.relu, .tanh] {
      let problem = try RandomProblem(size)
      let flow = try problem.flow(activation)
      let y = problem.state
      let exact = Double(size.m) / Double(size.n) * (try flow.gramMatrix(y.span).eigenvalues().last!)
      let iterated = try y.span.withUnsafeBufferPointer {
        _ = flow.evaluateLoss($0.baseAddress!)
        flow.evaluateCurvatures()
        return try flow.largestRateByIteration($0.baseAddress!)
      }
      // Stops at a residual of 5 per cent, which is added.
      #expect(iterated >= 0.95 * exact && iterated <= 1.06 * exact, "\(activation.name)")
    }
  }

  @Test("many samples in few dimensions take the iteration, and the bound still holds")
  func manySamples() throws {
    let problem = try RandomProblem(Size(10, 2, 600))
    let flow = try problem.flow(PointwiseActivation.relu)
    let exact = try exactRadius(flow, problem.state)
    let estimate = try flow.spectralRadius(0, problem.state.span)
    #expect(estimate >= exact && estimate <= 3 * exact)
  }

  @Test("more samples than a Gram matrix has room for take the iteration in any dimension")
  func tooManySamplesForAMatrix() throws {
    // 4097 samples in 70 dimensions: by n > 64 d alone the matrix would be made.
    let problem = try RandomProblem(Size(4, 70, 4097))
    let flow = try problem.flow(PointwiseActivation.relu)
    let exact = try exactRadius(flow, problem.state)
    let estimate = try flow.spectralRadius(0, problem.state.span)
    #expect(estimate >= exact && estimate <= 3 * exact)
  }

  @Test("a state that is not finite gives an error rather than a number")
  func nonFiniteState() throws {
    let problem = try RandomProblem(Size(10, 2, 4))
    let flow = try problem.flow(PointwiseActivation.relu)
    var state = problem.state
    state[12] = .nan
    #expect(throws: EigenvalueError.self) { try flow.spectralRadius(0, state.span) }
  }
}
