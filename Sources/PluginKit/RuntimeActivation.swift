import CPluginABI
import Networks
import PhaseFlowPlugin

/// An activation from a plug-in library: blocks go straight to its C functions.
struct RuntimeActivation: Activation, FaultReporting {
  private let functions: TableActivation
  private let instance: RuntimeInstance
  private let faults = FaultBox()
  private let item: String
  var fault: String? { faults.text }

  /// - Throws: see ``RuntimeInstance``; ``PluginLibraryError`` for kinks out of order and slopes that
  ///   are not finite.
  init(_ plugin: RuntimePlugin<phaseflow_activation>, _ arguments: PluginArguments) throws {
    instance = try RuntimeInstance(plugin, arguments)
    item = plugin.item
    do {
      functions = try TableActivation(plugin.descriptor, instance.pointer, name: instance.specification)
    } catch let error as TableActivationError {
      throw PluginLibraryError(
        file: plugin.file, problem: .inconsistent(item: item, reason: error.description))
    }
  }

  var name: String { functions.name }
  var homogeneity: Int? { functions.homogeneity }
  var kinks: [Double] { functions.kinks }
  var slopes: Slopes? { functions.slopes }

  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    functions.evaluate(z, value: &value, derivative: &derivative)
    faults.check(item, z, value: value.span, derivative: derivative.span)
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    functions.secondDerivative(z, into: &result)
    faults.check(item, "second derivative", z, result.span)
  }
}
