import CPluginABI

/// What the C tables of all kinds have in common.
package protocol DescriptionTable {
  typealias Create =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<Double>, UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> UnsafePointer<CChar>?
  typealias Destroy = @convention(c) (UnsafeMutableRawPointer?) -> Void

  init()
  var struct_size: Int { get set }
  var name: UnsafePointer<CChar>! { get set }
  var summary: UnsafePointer<CChar>? { get set }
  var citation: UnsafePointer<CChar>? { get set }
  var parameter_count: Int { get set }
  var parameters: UnsafePointer<UnsafePointer<phaseflow_parameter>?>? { get set }
  var context: UnsafeMutableRawPointer? { get set }
  var create: Create? { get set }
  var destroy: Destroy? { get set }
}

extension phaseflow_activation: DescriptionTable {}
extension phaseflow_loss: DescriptionTable {}
extension phaseflow_observer: DescriptionTable {}
extension phaseflow_system: DescriptionTable {}
extension phaseflow_integrator: DescriptionTable {}

extension DescriptionTable {
  /// The table of `type`, without its functions.
  ///
  /// - Parameter make: an instance, which the functions get.
  init<Instance: AnyObject>(
    _ type: any PluginDescription.Type, make: @escaping (Parameters) throws -> Instance
  ) {
    self.init()
    struct_size = MemoryLayout<Self>.size
    name = forever(type.name)
    summary = optionalText(type.summary)
    citation = optionalText(type.citation)
    (parameter_count, parameters) = parameterList(type.parameters)
    context = retained(Factory(parameters: type.parameters) { try make($0) })
    create = { context, values, instance in
      let factory = object(Factory.self, context)
      return attempt {
        instance.pointee = retained(try factory.make(Parameters(factory.parameters, values)))
      }
    }
    destroy = { release($0) }
  }
}

/// How instances of a plug-in are made.
private final class Factory {
  let parameters: [Parameter]
  let make: (Parameters) throws -> AnyObject

  init(parameters: [Parameter], make: @escaping (Parameters) throws -> AnyObject) {
    self.parameters = parameters
    self.make = make
  }
}
