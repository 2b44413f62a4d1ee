import CPluginABI
import Foundation
import GradientFlow

/// A shared library with plug-ins, loaded while the program runs, through the C interface of
/// `phaseflow_plugin.h`.
///
/// ```swift
/// var catalog = try BuiltinPlugins.catalog()
/// try PluginLibrary("./swish.so").register(in: &catalog)
/// let swish = try catalog.activations.make("swish:1.5")
/// ```
///
/// Nothing of the library's own types is shared with this program but C structures, so it may have
/// been built by another compiler, in another language. It stays loaded for the life of the process.
public struct PluginLibrary {
  /// As the caller named it.
  public let path: String
  private let activations: [RuntimePlugin<phaseflow_activation>]
  private let losses: [RuntimePlugin<phaseflow_loss>]
  private let observers: [RuntimePlugin<phaseflow_observer>]

  /// Loads the library and checks all that it declares; no plug-in is made yet.
  ///
  /// - Throws: ``PluginLibraryError``.
  public init(_ path: String) throws {
    func failure(_ problem: PluginLibraryError.Problem) -> PluginLibraryError {
      PluginLibraryError(file: path, problem: problem)
    }
    var isFolder: ObjCBool = false
    // Without a slash in it, dlopen would look in the system's folders.
    let file = URL(filePath: path).path
    guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
      throw failure(.missingFile)
    }
    if isFolder.boolValue { throw failure(.isFolder) }
    guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
      throw failure(.notLoadable(reason: dlerror().map { String(cString: $0) } ?? "unknown reason"))
    }
    guard let symbol = dlsym(handle, "phaseflow_plugin_entry") else { throw failure(.noEntry) }
    typealias Entry = @convention(c) () -> UnsafePointer<phaseflow_plugin>?
    guard let table = unsafeBitCast(symbol, to: Entry.self)() else { throw failure(.noPlugin) }

    let plugin = try readPlugin(table, path)
    self.path = path
    activations = try plugin.list("activations", plugin.activations, plugin.activation_count, path)
    losses = try plugin.list("losses", plugin.losses, plugin.loss_count, path)
    observers = try plugin.list("observers", plugin.observers, plugin.observer_count, path)
    if activations.isEmpty, losses.isEmpty, observers.isEmpty { throw failure(.empty) }
  }

  /// Adds all that the library brings, or nothing if it throws.
  ///
  /// - Throws: ``PluginLibraryError`` if a name is taken.
  public func register(in catalog: inout PluginCatalog) throws {
    var extended = catalog
    for plugin in activations {
      try add(plugin, to: &extended.activations) { try RuntimeActivation(plugin, $0) }
    }
    for plugin in losses { try add(plugin, to: &extended.losses) { try RuntimeLoss(plugin, $0) } }
    for plugin in observers {
      try add(plugin, to: &extended.observers) { try RuntimeObserver(plugin, $0) }
    }
    catalog = extended
  }

  private func add<Descriptor, Product>(
    _ plugin: RuntimePlugin<Descriptor>, to table: inout PluginTable<Product>,
    make: @escaping (PluginArguments) throws -> Product
  ) throws {
    let source = "[\(URL(filePath: path).lastPathComponent)]"
    do {
      try table.add(
        plugin.name, summary: plugin.summary.isEmpty ? source : "\(plugin.summary) \(source)",
        usage: plugin.usage, make: make)
    } catch PluginError.duplicate(let kind, let name) {
      throw PluginLibraryError(file: path, problem: .duplicateName(kind: kind, name: name))
    }
  }
}

/// Reads the library's own structure: the version before anything else, since only the first two
/// fields are the same in all versions.
private func readPlugin(
  _ table: UnsafePointer<phaseflow_plugin>, _ file: String
) throws -> phaseflow_plugin {
  let raw = UnsafeRawPointer(table)
  let size = raw.load(as: Int.self)
  let versionOffset = MemoryLayout<phaseflow_plugin>.offset(of: \.abi_version)!
  let headerSize = versionOffset + MemoryLayout<UInt32>.size
  func tooSmall(_ expected: Int) -> PluginLibraryError {
    PluginLibraryError(
      file: file, problem: .structSize(item: "the library's table", size: size, expected: expected))
  }
  if size < headerSize { throw tooSmall(headerSize) }
  let version = raw.load(fromByteOffset: versionOffset, as: UInt32.self)
  guard version == PHASEFLOW_ABI_VERSION else {
    throw PluginLibraryError(
      file: file, problem: .abiVersion(built: version, spoken: PHASEFLOW_ABI_VERSION))
  }
  if size < MemoryLayout<phaseflow_plugin>.size { throw tooSmall(MemoryLayout<phaseflow_plugin>.size) }
  return table.pointee
}

extension phaseflow_plugin {
  fileprivate func list<Descriptor: RuntimeDescriptor>(
    _ field: String, _ pointers: UnsafePointer<UnsafePointer<Descriptor>?>?, _ count: Int,
    _ file: String
  ) throws -> [RuntimePlugin<Descriptor>] {
    if count == 0 { return [] }
    func missing(_ field: String) -> PluginLibraryError {
      PluginLibraryError(file: file, problem: .missing(item: "the library's table", field: field))
    }
    guard let pointers else { throw missing(field) }
    let plugins = try (0..<count).map { i in
      guard let descriptor = pointers[i] else { throw missing("\(field)[\(i)]") }
      return try RuntimePlugin(descriptor, file: file)
    }
    for (i, plugin) in plugins.enumerated() where plugins[..<i].contains(where: { $0.name == plugin.name }) {
      throw PluginLibraryError(
        file: file, problem: .duplicateName(kind: Descriptor.kind, name: plugin.name))
    }
    return plugins
  }
}
