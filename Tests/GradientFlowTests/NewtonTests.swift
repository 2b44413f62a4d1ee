import Foundation
import GradientFlow
import ODECore
import Testing

/// Sizes for each form: `d = 1` to many samples, `n < d` (blocks in the span of the inputs), several chunks,
/// GEMM paths, and more samples than unknowns.
private let sizes = [
  Size(1, 1, 2), Size(7, 2, 4), Size(30, 2, 20), Size(33, 5, 9), Size(20, 12, 5), Size(12, 30, 7),
  Size(70, 3, 50), Size(5, 2, 15), Size(5, 2, 16), Size(9, 3, 600),
]

private let activations: [PointwiseActivation] =
  [.relu, .leakyReLU, .tanh] + ["softplus", "sin"].map { try! .named($0) }

@Suite("Structured Newton systems")
struct NewtonTests {
  /// `(I - gamma J) z - r`, relative to the largest of its terms.
  private func residual(_ flow: TwoLayerFlow, _ y: [Double], _ z: [Double], _ r: [Double], _ gamma: Double)
    -> Double
  {
    let jz = flow.product(at: y, z)
    var (worst, scale) = (0.0, 0.0)
    for i in r.indices {
      let error = abs(z[i] - gamma * jz[i] - r[i])
      if error.isNaN { return .nan }
      worst = max(worst, error)
      scale = max(scale, abs(r[i]), abs(z[i]), abs(gamma * jz[i]))
    }
    return worst / scale
  }

  /// The matrix's rounding errors are below 1e-13; woodbury's terms, and with them its errors, are larger than
  /// the solution by up to the spread `gamma rho` of the eigenvalues of `I - gamma J`.
  private func tolerance(_ spread: Double) -> Double { 1e-12 * max(1, spread) }

  @Test(
    "solutions agree with LU factors of the matrix built column by column from J v", arguments: sizes)
  func dense(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in activations {
      for loss in PointwiseLoss.all {
        let flow = try problem.flow(activation, loss: loss)
        let rho = try flow.spectralRadius(0, problem.state.span)
        let columns = jacobianColumns(flow, problem.state)
        for spread in [1e-3, 0.3, 3, 1e3] {
          let gamma = spread / rho
          try flow.prepareNewton(0, problem.state.span, gamma: gamma)
          let z = flow.newtonSolution(of: problem.direction)
          let expected = solve(columns, gamma: gamma, problem.direction)
          #expect(
            relativeDifference(z, expected) < tolerance(spread),
            "\(activation.name), \(loss.name), \(flow.newtonForm), gamma rho = \(spread)")
          #expect(
            residual(flow, problem.state, z, problem.direction, gamma) < tolerance(spread),
            "\(activation.name), \(loss.name), \(flow.newtonForm), gamma rho = \(spread)")
        }
      }
    }
  }

  @Test("the form follows from size and activation")
  func forms() throws {
    func form(_ size: Size, _ activation: PointwiseActivation) throws -> NewtonForm {
      try RandomProblem(size).flow(activation).newtonForm
    }
    #expect(try form(Size(5, 2, 15), .relu) == .arrow)
    #expect(try form(Size(5, 2, 15), .tanh) == .blocks)
    #expect(try form(Size(5, 2, 16), .tanh) == .dense)
    #expect(try form(Size(5, 2, 16), .relu) == .dense)
    #expect(try form(Size(5, 200, 64), .tanh) == .blocks)
    #expect(try form(Size(5, 200, 65), .tanh) == .withoutCurvature)
    #expect(try form(Size(5, 200, 65), .relu) == .arrow)
    #expect(try RandomProblem(Size(5, 200, 65)).flow(PointwiseActivation.tanh).newtonSolution == .approximate)
  }

  @Test(
    "many neurons, many dimensions, unequal chunks: the residual is rounding",
    arguments: [Size(1003, 2, 50), Size(700, 20, 33), Size(300, 200, 40), Size(2500, 3, 8)])
  func large(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.tanh, .relu] {
      for spread in [1.0, 1e3] {
        let flow = try problem.flow(activation)
        let gamma = spread / (try flow.spectralRadius(0, problem.state.span))
        try flow.prepareNewton(0, problem.state.span, gamma: gamma)
        let z = flow.newtonSolution(of: problem.direction)
        #expect(residual(flow, problem.state, z, problem.direction, gamma) < tolerance(spread))
      }
    }
  }

  @Test("a growing mode faster than 1/gamma: indefinite blocks are solved, too", arguments: [4, 40])
  func indefinite(_ d: Int) throws {
    // Large residuals: |G_k| > 1, where Cholesky's factors do not exist.
    let problem = try RandomProblem(Size(d == 4 ? 40 : 8, d, 8), targets: 200...300)
    for activation in [PointwiseActivation.tanh, .relu] {
      let flow = try problem.flow(activation, kappa: 0.01)
      let rates = (0..<flow.dimension).map { column in
        flow.product(at: problem.state, unit(column, flow.dimension))[column]
      }
      #expect(rates.contains { $0 > 0 } || activation.slopes != nil)
      let columns = jacobianColumns(flow, problem.state)
      for gamma in [0.5, 2.0, 20] {
        try flow.prepareNewton(0, problem.state.span, gamma: gamma)
        let z = flow.newtonSolution(of: problem.direction)
        let expected = solve(columns, gamma: gamma, problem.direction)
        #expect(relativeDifference(z, expected) < 1e-9, "\(activation.name), gamma = \(gamma)")
      }
    }
  }

  @Test("a singular block throws, and a smaller gamma then works")
  func singular() throws {
    // One ReLU neuron, one sample x = 1 with z > 0: B = kappa l' [0, 1; 1, 0], singular at gamma = 1 / (kappa |l'|).
    let data = try Dataset(name: "one", features: [[]], targets: [3])
    let flow = try TwoLayerFlow(
      width: 1, data: data, scaling: Scaling(kappa: 1, kappaPrime: 1),
      activation: PointwiseActivation.relu, loss: PointwiseLoss.squared)
    let y = [1.0, 1.0]
    // l' = f - y = -2.
    #expect(throws: SingularNewtonSystem.self) { try flow.prepareNewton(7, y.span, gamma: 0.5) }
    try flow.prepareNewton(7, y.span, gamma: 0.25)
    let r = [1.0, -2.0]
    #expect(residual(flow, y, flow.newtonSolution(of: r), r, 0.25) < 1e-14)
  }

  @Test("a state that is not finite throws, and does not trap", arguments: sizes)
  func nonFinite(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.tanh, .relu] {
      for bad in [Double.nan, .infinity] {
        let flow = try problem.flow(activation)
        var state = problem.state
        state[0] = bad
        #expect(throws: SingularNewtonSystem.self) {
          try flow.prepareNewton(0, state.span, gamma: 0.1)
        }
      }
    }
  }

  @Test("the number of threads does not change a bit", arguments: [Size(3000, 2, 50), Size(900, 40, 30)])
  func threads(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.tanh, .relu] {
      let solutions = try [1, 2, 3].map { threads in
        let flow = try problem.flow(activation, threads: threads)
        try flow.prepareNewton(0, problem.state.span, gamma: 0.1)
        return bits(flow.newtonSolution(of: problem.direction))
      }
      #expect(solutions[0] == solutions[1] && solutions[0] == solutions[2])
    }
  }

  @Test("features computed again for each solve give the same bits as stored ones")
  func unstored() throws {
    let size = Size(500, 3, 12)
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.tanh, .relu] {
      let limits = try [LayeredPasses.storedLimit, 100].map { limit in
        let flow = try problem.flow(activation)
        flow.newtonStoredLimit = limit
        try flow.prepareNewton(0, problem.state.span, gamma: 0.1)
        return bits(flow.newtonSolution(of: problem.direction))
      }
      #expect(limits[0] == limits[1])
    }
  }
}

private func unit(_ i: Int, _ n: Int) -> [Double] { (0..<n).map { $0 == i ? 1 : 0 } }

private func jacobianColumns(_ flow: TwoLayerFlow, _ y: [Double]) -> [[Double]] {
  (0..<flow.dimension).map { flow.product(at: y, unit($0, flow.dimension)) }
}

/// `(I - gamma J) z = r` by Gauss's elimination with partial pivoting; `J` by columns.
private func solve(_ jacobian: [[Double]], gamma: Double, _ r: [Double]) -> [Double] {
  let n = r.count
  var a = (0..<n).map { i in
    (0..<n).map { j in (i == j ? 1 : 0) - gamma * jacobian[j][i] } + [r[i]]
  }
  for c in 0..<n {
    let pivot = (c..<n).max { abs(a[$0][c]) < abs(a[$1][c]) }!
    a.swapAt(c, pivot)
    for i in (c + 1)..<max(n, c + 1) {
      let factor = a[i][c] / a[c][c]
      if factor != 0 { for j in c...n { a[i][j] -= factor * a[c][j] } }
    }
  }
  var z = [Double](repeating: 0, count: n)
  for i in stride(from: n - 1, through: 0, by: -1) {
    var sum = a[i][n]
    for j in (i + 1)..<max(n, i + 1) { sum -= a[i][j] * z[j] }
    z[i] = sum / a[i][i]
  }
  return z
}

extension TwoLayerFlow {
  fileprivate func newtonSolution(of r: [Double]) -> [Double] {
    let z = StateVector([Double](repeating: .nan, count: dimension))
    StateVector(r).withSpan { r in z.withMutableSpan { solveNewton(r, into: &$0) } }
    return z.array
  }
}

private func bits(_ values: [Double]) -> [UInt64] { values.map(\.bitPattern) }
