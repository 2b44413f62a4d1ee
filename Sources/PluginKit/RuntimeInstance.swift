import CPluginABI
import CPluginGuard

/// One instance of a plug-in from a library, destroyed with its last reference.
///
/// `Sendable` because `phaseflow_plugin.h` demands that functions of activations and losses may run for
/// one instance on several threads at once; what uses the other kinds is not `Sendable`.
final class RuntimeInstance: @unchecked Sendable {
  /// What every function of the plug-in gets first.
  let pointer: UnsafeMutableRawPointer?
  /// The plug-in's name with the parameters' values, if it has any: `swish:1.5`.
  let specification: String
  /// How its functions are called.
  let call: PluginCalls
  private let destroy: RuntimeDescriptor.Destroy?

  /// - Parameter arguments: checked against the plug-in's parameters.
  /// - Throws: ``PluginLibraryError`` if the plug-in refuses the numbers; ``PluginCrash``.
  init<Descriptor>(_ plugin: RuntimePlugin<Descriptor>, _ arguments: PluginArguments) throws {
    call = PluginCalls(plugin.item, plugin.file)
    var values = plugin.parameters.map { arguments.number($0.name) }
    specification = arguments.specification(plugin.parameters.map(\.name))
    guard let create = plugin.descriptor.create else {
      pointer = plugin.descriptor.context
      destroy = nil
      return
    }
    if values.isEmpty { values = [0] }  // so that the pointer is one even without parameters
    var made: UnsafeMutableRawPointer?
    let reason = try call("create") { cguard_create($0, create, plugin.descriptor.context, values, &made) }
    if let reason {
      throw PluginLibraryError(
        file: plugin.file, problem: .refused(item: plugin.item, reason: String(cString: reason)))
    }
    pointer = made
    destroy = plugin.descriptor.destroy
  }

  deinit {
    guard let destroy else { return }
    // What went wrong here cannot spoil a result any more.
    do { try call("destroy") { cguard_destroy($0, destroy, pointer) } } catch { PluginGuard.noteEnd(error) }
  }
}
