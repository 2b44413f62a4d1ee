import CPluginABI
import Networks
import ODECore

/// The system of which an observer sees the solution; PhaseFlow keeps its right-hand side to itself.
final class WatchedSystem: ODESystem {
  let dimension: Int

  init(dimension: Int) { self.dimension = dimension }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    throw NoDerivative()
  }
}

/// Likewise of a network.
final class WatchedFlow: NetworkFlow {
  let dimension: Int
  private let view: TableNetworkView

  init(dimension: Int, view: TableNetworkView) { (self.dimension, self.view) = (dimension, view) }

  func makeView() -> any NetworkView { view }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    throw NoDerivative()
  }
}

private struct NoDerivative: Error, CustomStringConvertible {
  var description: String { "an observer loaded at run time cannot evaluate the right-hand side" }
}

/// The network that PhaseFlow shows, as the core's observers see one.
final class TableNetworkView: NetworkView {
  let network: Network
  private var table: UnsafePointer<phaseflow_network>
  private var state: UnsafePointer<Double>

  /// - Throws: ``ScalingError``, ``TableActivationError``.
  init(_ table: UnsafePointer<phaseflow_network>) throws {
    self.table = table
    state = table.pointee.inputs
    let now = table.pointee
    network = Network(
      width: now.width, inputDimension: now.input_dimension,
      scaling: try Scaling(kappa: now.kappa, kappaPrime: now.kappa_prime),
      activation: try TableActivation(
        now.activation.pointee, now.activation_instance, name: String(cString: now.activation.pointee.name)))
  }

  /// Shows these weights from now on.
  func show(_ table: UnsafePointer<phaseflow_network>, _ state: UnsafePointer<Double>) {
    (self.table, self.state) = (table, state)
  }

  func follow(_ moment: Moment) {}

  /// The same during a run, hence copied once.
  private(set) lazy var data = Samples(
    inputs: Inputs(
      Array(span(table.pointee.inputs, table.pointee.sample_count * network.shape.inputDimension)),
      dimension: network.shape.inputDimension),
    targets: Array(span(table.pointee.targets, table.pointee.sample_count)))
  var loss: Double { table.pointee.loss }
  var predictions: [Double] { numbers(table.pointee.predictions) }
  var residuals: [Double] { numbers(table.pointee.residuals) }

  private func numbers(_ pointer: UnsafePointer<Double>?) -> [Double] {
    pointer.map { Array(span($0, table.pointee.sample_count)) } ?? []
  }

  func a(_ k: Int) -> Double {
    precondition(k >= 0 && k < network.shape.width)
    return state[network.shape.indexOfA(k)]
  }

  func w(_ k: Int, _ j: Int) -> Double {
    precondition(k >= 0 && k < network.shape.width && j >= 0 && j < network.shape.inputDimension)
    return state[network.shape.indexOfW(k, j)]
  }
}
