import GradientFlow
import ODECore
import Testing

private let sizes = [
  Size(1, 1, 1), Size(1, 2, 1), Size(7, 2, 3), Size(8, 2, 4), Size(9, 2, 8), Size(31, 2, 9),
  Size(33, 3, 4), Size(64, 5, 13), Size(100, 17, 21), Size(257, 2, 45), Size(300, 33, 37),
  Size(515, 64, 5), Size(4099, 2, 4), Size(8200, 2, 4), Size(2500, 3, 12), Size(513, 70, 40),
]

/// (9), (25) and (26) as they are written: plain loops.
private func plainRightHandSide(_ problem: RandomProblem, _ flow: TwoLayerFlow) -> [Double] {
  let (m, d, n) = (flow.shape.width, flow.shape.inputDimension, flow.data.sampleCount)
  let (y, x) = (problem.state, flow.data.inputs.values)
  let (kappa, kappaPrime) = (flow.scaling.kappa, flow.scaling.kappaPrime)
  var result = [Double](repeating: 0, count: y.count)
  for i in 0..<n {
    let z = (0..<m).map { k in (0..<d).reduce(0) { $0 + y[flow.shape.indexOfW(k, $1)] * x[i * d + $1] } }
    let features = z.map { PointwiseActivation.feature(flow.activation, $0) }
    let f = kappa * (0..<m).reduce(0) { $0 + y[$1] * features[$1].value }
    let e = f - flow.data.targets[i]
    for k in 0..<m {
      result[k] -= kappa / (kappaPrime * Double(n)) * e * features[k].value
      for j in 0..<d {
        result[flow.shape.indexOfW(k, j)] -=
          kappaPrime * kappa / Double(n) * e * y[k] * features[k].derivative * x[i * d + j]
      }
    }
  }
  return result
}

extension PointwiseActivation {
  fileprivate static func feature(
    _ activation: any Activation, _ z: Double
  ) -> (value: Double, derivative: Double) {
    let (value, derivative) = (StateVector(count: 1), StateVector(count: 1))
    value.withMutableSpan { v in
      derivative.withMutableSpan { s in activation.evaluate([z].span, value: &v, derivative: &s) }
    }
    return (value.array[0], derivative.array[0])
  }
}

/// Sums of `m`, `n` and `d` terms in different orders; the factor 8 is for terms that cancel.
private func summation(_ size: Size) -> Double {
  8 * Double(size.m + size.n + size.d) * Double.ulpOfOne
}

@Suite("The ways to evaluate the flow")
struct PathTests {
  private func paths(_ activation: PointwiseActivation, _ size: Size) -> [FlowPath] {
    FlowPath.exact.filter {
      $0 != .fused || (activation.slopes != nil && size.d <= FlowPath.largestFusedDimension)
    }
  }

  @Test("all paths agree with plain loops", arguments: sizes)
  func rightHandSides(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.relu, .leakyReLU, .tanh] {
      for path in paths(activation, size) {
        let flow = try problem.flow(activation, path: path)
        let expected = plainRightHandSide(problem, flow)
        #expect(
          relativeDifference(flow.derivative(at: problem.state), expected) <= summation(size),
          "\(activation.name), \(path)")
      }
    }
  }

  @Test("Jacobian-vector products of all paths agree", arguments: sizes)
  func jacobianVectorProducts(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.relu, .leakyReLU, .tanh] {
      let products = try paths(activation, size).map {
        try problem.flow(activation, path: $0).product(at: problem.state, problem.direction)
      }
      for product in products.dropFirst() {
        #expect(relativeDifference(product, products[0]) <= summation(size), "\(activation.name)")
      }
    }
  }

  @Test("a Jacobian-vector product is the limit of a difference of right-hand sides", arguments: sizes)
  func difference(_ size: Size) throws {
    let problem = try RandomProblem(size)
    let flow = try problem.flow(PointwiseActivation.tanh, loss: PointwiseLoss.squared)
    let h = 1e-5
    func shifted(_ by: Double) -> [Double] {
      flow.derivative(at: zip(problem.state, problem.direction).map { $0 + by * $1 })
    }
    let quotient = zip(shifted(h), shifted(-h)).map { ($0 - $1) / (2 * h) }
    // h^2 times third derivatives, and rounding over h.
    #expect(relativeDifference(flow.product(at: problem.state, problem.direction), quotient) < 1e-8)
  }

  @Test("risk and forward give the same loss to the bit", arguments: sizes)
  func risk(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for path in paths(.relu, size) {
      let flow = try problem.flow(PointwiseActivation.relu, path: path)
      #expect(flow.risk(problem.state.span) == flow.forward(problem.state.span).loss)
    }
  }

  @Test("a NaN or an infinity in the state reaches the risk and the right-hand side")
  func nonFinite() throws {
    for bad in [Double.nan, .infinity] {
      let size = Size(41, 2, 4)
      let problem = try RandomProblem(size)
      for index in [3, 40, 45, 81, 122] {
        var state = problem.state
        state[index] = bad
        for path in paths(.relu, size) {
          let flow = try problem.flow(PointwiseActivation.relu, path: path)
          #expect(!flow.risk(state.span).isFinite || bad == .infinity, "\(path), \(index)")
          #expect(flow.derivative(at: state).contains { !$0.isFinite }, "\(path), \(index)")
        }
      }
    }
  }

  @Test("a path that cannot serve is refused, and says what would be right")
  func refused() throws {
    let problem = try RandomProblem(Size(4, 2, 3))
    #expect(throws: FlowPathError.needsSlopes(activation: "tanh")) {
      try problem.flow(PointwiseActivation.tanh, path: .fused)
    }
    let large = try RandomProblem(Size(4, 65, 3))
    #expect(throws: FlowPathError.dimensionTooLarge(inputDimension: 65)) {
      try large.flow(PointwiseActivation.relu, path: .fused)
    }
    #expect(FlowPathError.needsSlopes(activation: "tanh").description.contains("'blocked' or 'gemm'"))
  }

  @Test("an OpenBLAS that computes wrongly is caught and named together with the way out")
  func wrongBLAS() throws {
    func multiply(_ fault: Double, transposedOnly: Bool) -> BLAS.Multiply {
      { transpose, rows, columns, inner, a, b, c in
        for i in 0..<rows {
          for j in 0..<columns {
            c[i * columns + j] = (0..<inner).reduce(0) {
              $0 + a[transpose ? $1 * rows + i : i * inner + $1] * b[$1 * columns + j]
            }
          }
        }
        if transpose || !transposedOnly { c[rows * columns - 1] += fault }
      }
    }
    try BLAS.judge(coreName: "right", multiply(0, transposedOnly: false)).get()
    for (fault, transposedOnly) in [(1e-9, false), (-0.5, true), (.nan, true)] {
      let error = #expect(throws: BLASError.self) {
        try BLAS.judge(coreName: "Cooperlake", multiply(fault, transposedOnly: transposedOnly)).get()
      }
      let text = try #require(error).description
      #expect(text.contains("OPENBLAS_CORETYPE=Haswell") && text.contains("Cooperlake"))
    }
  }
}

extension FlowPath {
  /// Those that agree to rounding in double precision.
  static let exact = allCases.filter { $0 != .mixed }
}
