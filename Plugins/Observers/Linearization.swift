import DeepNetworks
import Foundation
import GradientFlow
import ODECore

/// `linearization`: the network beside its linearisation around the start, (15), which for the squared loss has the
/// closed form
///
///     e_lin(t) = exp(-(m/n) G(0) t) e(0),   f_lin(x, t) = f(x, 0) - (m/n) sum_i G(x, x_i; 0) int_0^t e_lin,i
///
/// (``ResidualModes``). The two are compared at the samples and, to see functions and not only fits, halfway between
/// consecutive samples (at most ``maxProbes`` of these points):
///
///     distance(t) = rms (f - f_lin) / rms y
///
/// In the linear regime its supremum over time vanishes with the width, in the condensed regime it does not.
///
/// - Columns: `linearizedLoss`, `R` of the linearisation; `linearizedDistance`.
/// - Summary: `supDistance` over the records, `distance` at the end. All are null for other losses and for more than
///   ``maxSamples`` samples; distances also if all targets are zero.
public final class Linearization: FlowObserver {
  public let name = "linearization"
  public let needsGradientFlow = true
  public let columns = ["linearizedLoss", "linearizedDistance"]
  /// With more samples its values are null: the matrix has their square of entries.
  public static let maxSamples = 500
  /// The most inputs at which the linearised network is compared.
  public static let maxProbes = 100

  private var model: Model?
  private var supremum = 0.0

  /// The observer has no parameters.
  public init() {}

  /// Networks of any depth have an observer of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    problem.system is ArchitectureFlow ? ArchitectureLinearization() : self
  }

  /// The supremum so far.
  public var memory: [Double] {
    get { [supremum] }
    set { if let value = newValue.first { supremum = value } }
  }

  public func begin(_ snapshot: FlowSnapshot) throws {
    supremum = 0
    let applies =
      snapshot.flow.loss.isSquared && snapshot.flow.data.sampleCount <= Self.maxSamples
    model = applies ? try Model(snapshot) : nil
  }

  public func record(_ snapshot: FlowSnapshot) throws -> [Double] {
    guard let model else { return [.nan, .nan] }
    let distance = try model.distance(snapshot)
    supremum = Swift.max(supremum, distance)
    return [model.modes.risk(at: snapshot.time), distance]
  }

  public func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] {
    [
      "supDistance": .number(model == nil ? .nan : supremum),
      "distance": .number(try model?.distance(snapshot) ?? .nan),
    ]
  }

  /// What is known at the start.
  private struct Model {
    let modes: ResidualModes
    /// The samples' inputs, then the points between them.
    private let everywhere: Inputs
    private let outputs: [Double]
    /// `(m/n) G(x, x_i; 0)`, a row for each point.
    private let kernel: [Double]
    private let n: Int
    private let scale: Double

    init(_ snapshot: FlowSnapshot) throws {
      let flow = snapshot.flow
      let (data, m) = (flow.data, flow.shape.width)
      let n = data.sampleCount
      let between = (0..<min(n - 1, Linearization.maxProbes)).flatMap { i in
        zip(data.input(i), data.input(i + 1)).map { ($0 + $1) / 2 }
      }
      let everywhere = Inputs(data.inputs.values + between, dimension: data.inputDimension)
      let count = everywhere.count
      let (gram, outputs) = try snapshot.withState { state in
        (
          try flow.network.gramMatrix(state, at: everywhere, threads: flow.threads).sum,
          try flow.network.outputs(state, at: everywhere, threads: flow.threads)
        )
      }
      modes = try ResidualModes(
        gram: (0..<n * n).map { gram[$0 / n * count + $0 % n] }, width: m,
        residuals: zip(outputs, data.targets).map { $0 - $1 })
      let factor = Double(m) / Double(n)
      kernel = (0..<count * n).map { factor * gram[$0 / n * count + $0 % n] }
      scale = (data.targets.reduce(0) { $0 + $1 * $1 } / Double(n)).squareRoot()
      (self.n, self.everywhere, self.outputs) = (n, everywhere, outputs)
    }

    func distance(_ snapshot: FlowSnapshot) throws -> Double {
      let integral = modes.integratedResiduals(to: snapshot.time)
      let flow = snapshot.flow
      let network = try snapshot.withState {
        try flow.network.outputs($0, at: everywhere, threads: flow.threads)
      }
      let squares = network.indices.reduce(0) { sum, p in
        let change = (0..<n).reduce(0) { $0 + kernel[p * n + $1] * integral[$1] }
        let difference = network[p] - (outputs[p] - change)
        return sum + difference * difference
      }
      return (squares / Double(network.count)).squareRoot() / scale
    }
  }
}
