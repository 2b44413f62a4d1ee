import CPluginABI
import CPluginGuard
import Networks
import PhaseFlowPlugin

/// An activation from a plug-in library: blocks go straight to its C functions.
struct RuntimeActivation: Activation, FaultReporting, @unchecked Sendable {  // C functions are not marked Sendable
  private let functions: TableActivation
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_activation
  private let faults = FaultBox()
  private let item: String
  var fault: String? { instance.call.fault.map { "\($0)" } ?? faults.text }
  var crash: PluginCrash? { instance.call.fault as? PluginCrash }

  /// - Throws: see ``RuntimeInstance``; ``PluginLibraryError`` for kinks out of order and slopes that
  ///   are not finite.
  init(_ plugin: RuntimePlugin<phaseflow_activation>, _ arguments: PluginArguments) throws {
    let instance = try RuntimeInstance(plugin, arguments)
    self.instance = instance
    descriptor = plugin.descriptor
    item = plugin.item
    do {
      functions = try TableActivation(
        plugin.descriptor, instance.pointer, name: instance.specification,
        readSlopes: { read, negative, positive in
          try instance.call("slopes") { cguard_slopes($0, read, instance.pointer, negative, positive) }
        },
        readKinks: { read, capacity, points in
          try instance.call("kinks") { cguard_kinks($0, read, instance.pointer, capacity, points) }
        })
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
    let count = z.count
    precondition(value.count == count && derivative.count == count)
    if count == 0 { return }
    z.withUnsafeBufferPointer { z in
      value.withUnsafeMutableBufferPointer { value in
        derivative.withUnsafeMutableBufferPointer { derivative in
          do {
            try instance.call("evaluate") {
              cguard_evaluate(
                $0, descriptor.evaluate, instance.pointer, count, z.baseAddress!, value.baseAddress!,
                derivative.baseAddress!)
            }
          } catch {
            value.update(repeating: .nan)
            derivative.update(repeating: .nan)
          }
        }
      }
    }
    faults.check(item, z, value: value.span, derivative: derivative.span)
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    let count = z.count
    precondition(result.count == count)
    if count == 0 { return }
    z.withUnsafeBufferPointer { z in
      result.withUnsafeMutableBufferPointer { result in
        do {
          try instance.call("second_derivative") {
            cguard_second_derivative(
              $0, descriptor.second_derivative, instance.pointer, count, z.baseAddress!, result.baseAddress!)
          }
        } catch {
          result.update(repeating: .nan)
        }
      }
    }
    faults.check(item, "second derivative", z, result.span)
  }
}
