import CPluginABI
import CPluginGuard
import Networks

/// A loss from a plug-in library: blocks go straight to its C functions.
struct RuntimeLoss: Loss, FaultReporting, @unchecked Sendable {  // C functions are not marked Sendable
  let name: String
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_loss
  private let faults = FaultBox()
  private let item: String
  var fault: String? { instance.call.fault.map { "\($0)" } ?? faults.text }
  var crash: PluginCrash? { instance.call.fault as? PluginCrash }

  /// - Throws: see ``RuntimeInstance``.
  init(_ plugin: RuntimePlugin<phaseflow_loss>, _ arguments: PluginArguments) throws {
    descriptor = plugin.descriptor
    instance = try RuntimeInstance(plugin, arguments)
    name = instance.specification
    item = plugin.item
  }

  func validate(targets: [Double]) throws {
    guard let accepts = descriptor.accepts_target else { return }
    for (i, y) in targets.enumerated() {
      let isAccepted = try instance.call("accepts_target") {
        cguard_accepts_target($0, accepts, instance.pointer, y)
      }
      if isAccepted != 0 { continue }
      throw LossTargetError(
        loss: name, index: i, target: y,
        expected: descriptor.target_requirement.map { String(cString: $0) }
          ?? "one that the loss is defined for")
    }
  }

  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    let count = f.count
    precondition(y.count == count && value.count == count && derivative.count == count)
    if count == 0 { return }
    f.withUnsafeBufferPointer { f in
      y.withUnsafeBufferPointer { y in
        value.withUnsafeMutableBufferPointer { value in
          derivative.withUnsafeMutableBufferPointer { derivative in
            do {
              try instance.call("evaluate") {
                cguard_evaluate_loss(
                  $0, descriptor.evaluate, instance.pointer, count, f.baseAddress!, y.baseAddress!,
                  value.baseAddress!, derivative.baseAddress!)
              }
            } catch {
              value.update(repeating: .nan)
              derivative.update(repeating: .nan)
            }
          }
        }
      }
    }
    faults.check(item, f, value: value.span, derivative: derivative.span)
  }

  func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>) {
    let count = f.count
    precondition(y.count == count && result.count == count)
    if count == 0 { return }
    f.withUnsafeBufferPointer { f in
      y.withUnsafeBufferPointer { y in
        result.withUnsafeMutableBufferPointer { result in
          do {
            try instance.call("second_derivative") {
              cguard_second_derivative_of_loss(
                $0, descriptor.second_derivative, instance.pointer, count, f.baseAddress!, y.baseAddress!,
                result.baseAddress!)
            }
          } catch {
            result.update(repeating: .nan)
          }
        }
      }
    }
    faults.check(item, "second derivative", f, result.span)
  }
}
