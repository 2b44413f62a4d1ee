import DeepNetworks
import Foundation
import GradientFlow
import ODECore

/// `linearization` of networks of any architecture: the network beside its linearisation around the start, which for the squared loss
/// has the closed form
///
///     e_lin(t) = exp(-K(0) t) e(0),   f_lin(x, t) = f(x, 0) - sum_i K(x, x_i; 0) int_0^t e_lin,i,   K = (1/n) J M J^T.
///
/// Where it is compared, columns and summary are those of ``Linearization``. All are null for other losses and for more than ``mostRows`` outputs at the
/// samples.
final class ArchitectureLinearization: Observer {
  let name = "linearization"
  let columns = ["linearizedLoss", "linearizedDistance"]
  static let mostRows = 500
  private var model: Model?
  private var supremum = 0.0

  var memory: [Double] {
    get { [supremum] }
    set { if let value = newValue.first { supremum = value } }
  }

  func begin(_ moment: Moment) throws {
    supremum = 0
    let flow = moment.architecture!.flow
    let applies = flow.loss.isSquared && flow.data.targets.count <= Self.mostRows
    model = applies ? try Model(moment) : nil
  }

  func record(_ moment: Moment) -> [Double] {
    guard let model else { return [.nan, .nan] }
    let distance = model.distance(moment)
    supremum = max(supremum, distance)
    return [model.risk(at: moment.time), distance]
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    [
      "supDistance": .number(model == nil ? .nan : supremum),
      "distance": .number(model?.distance(moment) ?? .nan),
    ]
  }

  /// What is known at the start.
  private struct Model {
    private let modes: ResidualModes
    /// The flow at the samples' inputs, then at points between them; its targets mean nothing.
    private let everywhere: ArchitectureFlow
    private let outputs: [Double]
    /// `K(x, x_i; 0)`, a row for each output at each point.
    private let kernel: [Double]
    /// Outputs at the samples, and all.
    private let (rows, count): (Int, Int)
    private let scale: Double
    private let outputCount: Int

    init(_ moment: Moment) throws {
      let network = moment.architecture!
      let (flow, data) = (network.flow, network.flow.data)
      let (n, c) = (data.sampleCount, data.outputCount)
      let between = (0..<min(n - 1, Linearization.maxProbes)).flatMap { i in
        zip(data.input(i), data.input(i + 1)).map { ($0 + $1) / 2 }
      }
      let inputs = Inputs(data.inputs.values + between, dimension: data.inputDimension)
      let (rows, count) = (n * c, inputs.count * c)
      everywhere = try ArchitectureFlow(
        architecture: flow.architecture, mobilities: flow.mobilities,
        data: Samples(
          inputs: inputs, targets: [Double](repeating: 0, count: count), outputCount: c),
        loss: flow.loss, threads: flow.threads)
      // The kernel has one over the number of its own samples.
      let factor = Double(inputs.count) / Double(n)
      let (all, outputs) = moment.withState { [everywhere] in
        (everywhere.kernel($0), everywhere.forward($0).predictions)
      }
      kernel = (0..<count * rows).map { factor * all[$0 / rows * count + $0 % rows] }
      modes = try ResidualModes(
        gram: Array(kernel.prefix(rows * rows)), width: rows, residuals: network.residuals)
      scale = (data.targets.reduce(0) { $0 + $1 * $1 } / Double(rows)).squareRoot()
      (self.rows, self.count, self.outputs, outputCount) = (rows, count, outputs, c)
    }

    /// `R` of the linearisation: a mean over samples of sums over outputs.
    func risk(at time: Double) -> Double { modes.risk(at: time) * Double(outputCount) }

    func distance(_ moment: Moment) -> Double {
      let integral = modes.integratedResiduals(to: moment.time)
      let now = moment.withState { everywhere.forward($0).predictions }
      let squares = now.indices.reduce(0) { sum, p in
        let change = (0..<rows).reduce(0) { $0 + kernel[p * rows + $1] * integral[$1] }
        // Offsets of a centred flow cancel.
        let difference = now[p] - outputs[p] + change
        return sum + difference * difference
      }
      return (squares / Double(count)).squareRoot() / scale
    }
  }
}
