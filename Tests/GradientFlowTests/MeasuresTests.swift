import GradientFlow
import ODECore
import Testing

@Suite("Measures of a state") struct MeasuresTests {
  // |a| = 5 and |w| = 13; laid out as a, then the rows of w.
  private let shape = NetworkShape(width: 2, inputDimension: 2)
  private let start = [3.0, 4, 3, 4, 12, 0]

  @Test("the parts of the parameters are the output weights, the input weights and both")
  func parts() {
    #expect(ParameterPart.a.range(in: shape) == 0..<2 && ParameterPart.w.range(in: shape) == 2..<6)
    #expect(ParameterPart.theta.range(in: shape) == 0..<6)
    #expect(ParameterPart.allCases.map(\.symbol) == ["w", "a", "θ"])
  }

  @Test("relative distances are lengths over the length of the start (16)")
  func distances() {
    let measure = DistanceFromStart(start.span, shape: shape)
    #expect(measure.startNorm(.a) == 5 && measure.startNorm(.w) == 13)
    #expect(measure.startNorm(.theta) == 194.0.squareRoot())
    // a moves by (0.3, 0.4), w by 13.
    let distances = measure([3.3, 4.4, 3, 4, 12, 13].span)
    #expect(abs(distances[.a] - 0.1) < 1e-15 && distances[.w] == 1)
    #expect(abs(distances[.theta] - (169.25 / 194).squareRoot()) < 1e-15)
    #expect(measure(start.span) == .zero)
    // NaN, from a part that started at zero, is passed over.
    let undefined = RelativeDistances(w: .nan, a: 0.2, theta: 0.1)
    #expect(undefined.maximum(distances) == RelativeDistances(w: 1, a: 0.2, theta: distances.theta))
  }

  @Test("relative distances and conservation are the same in the span of the inputs")
  func invariance() throws {
    let problem = try RandomProblem(Size(40, 30, 6))
    let flow = try problem.flow(PointwiseActivation.relu)
    let representation = try FlowRepresentation(
      of: flow, from: problem.state, in: SpanCoordinates(problem.data.inputs))
    let step = representation.integrated.derivative(at: representation.integratedStart)
    let moved = zip(representation.integratedStart, step).map { $0 + 0.1 * $1 }
    let ambient = representation.ambient(moved)
    func measures(_ flow: TwoLayerFlow, _ from: [Double], _ to: [Double]) -> [Double] {
      let distances = DistanceFromStart(from.span, shape: flow.shape)(to.span)
      let defect = ConservationDefect(from.span, of: flow.network).largest(to.span)
      return [distances.w, distances.a, distances.theta, defect]
    }
    let (own, reduced) = (
      measures(flow, problem.state, ambient),
      measures(representation.integrated, representation.integratedStart, moved)
    )
    // Differences of sums of 30 squares of size 1, relative to a move of a hundredth.
    for (x, y) in zip(own, reduced) { #expect(abs(x - y) < 1e-12 && x > 1e-6) }
  }

  @Test("a defect is that of the worst neuron, and none above the known one gives that back")
  func conservation() throws {
    let network = Network(
      shape: shape, scaling: try Scaling(kappa: 1, kappaPrime: 2), activation: PointwiseActivation.relu)
    let law = ConservationDefect(start.span, of: network)
    // kappa' = 2, neuron 0: a from 3 to 1, |w|^2 stays 153: 32 / (36 + 153).
    let moved = [1.0, 4, 3, 4, 12, 0]
    #expect(law.largest(start.span) == 0)
    #expect(abs(law.largest(moved.span) - 32.0 / 189) < 1e-15)
    #expect(law.largest(moved.span, above: 0.5) == 0.5)
    #expect(law.largest([.nan, 4, 3, 4, 12, 0].span).isNaN)
  }

  @Test(
    "amplitude is |a||w|, orientation the angle in two dimensions and the cosine to (1, ..., 1) in others")
  func neurons() {
    let plane = NeuronPicture([3, -2, 0, -4, 1, 0].span, shape: shape)
    #expect(plane.amplitudes == [3, 8] && plane.norms == [1, 4])
    // (0, 1) and (-4, 0): pi counts as -pi.
    #expect(plane.angles == [.pi / 2, -.pi] && plane.orientations == plane.angles)
    let space = NeuronPicture(
      [1, 1, 5, 0, 5, 0, 5, 0].span, shape: NetworkShape(width: 2, inputDimension: 3))
    #expect(space.angles == nil && space.orientations == space.projections)
    #expect(abs(space.projections[0] - 1) < 1e-15 && space.projections[1] == 0)
    #expect(NeuronPicture([.infinity, 1, 1, 1, 0, 0].span, shape: shape).amplitudes == [0, 1])
  }
}
