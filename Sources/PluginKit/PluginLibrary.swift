import CPluginABI
import Foundation
import Networks
import PhaseFlowPlugin

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
  /// As the library says; empty if it does not.
  public let version: String
  /// What precedes the names of its plug-ins: `old.swish`.
  private let alias: String?
  private let systems: [RuntimePlugin<phaseflow_system>]
  private let integrators: [RuntimePlugin<phaseflow_integrator>]
  private let activations: [RuntimePlugin<phaseflow_activation>]
  private let losses: [RuntimePlugin<phaseflow_loss>]
  private let observers: [RuntimePlugin<phaseflow_observer>]

  /// Loads the library and checks all that it declares; no plug-in is made yet.
  ///
  /// - Parameter reference: its file; or `name=file`, to have its plug-ins called `name.swish` and the like, so
  ///   that two versions of one library can be used side by side.
  /// - Throws: ``PluginLibraryError``.
  public init(_ reference: String) throws {
    let (alias, path) = Self.parts(of: reference)
    if let alias, !isPluginName(alias) {
      throw PluginLibraryError(file: path, problem: .badAlias(alias))
    }
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
    let (loaded, loading) = Self.open(file, as: path)
    guard let handle = loaded else {
      throw failure(.notLoadable(reason: dlerror().map { String(cString: $0) } ?? "unknown reason"))
    }
    guard let symbol = dlsym(handle, "phaseflow_plugin_entry") else { throw failure(.noEntry) }
    typealias Entry = @convention(c) () -> UnsafePointer<phaseflow_plugin>?
    guard let table = loading.enter(unsafeBitCast(symbol, to: Entry.self)) else { throw failure(.noPlugin) }
    try self.init(table, path, alias: alias)
  }

  /// Plug-ins of the program that this is a part of, by its own table.
  ///
  /// - Parameters:
  ///   - table: stays valid and unchanged for the life of the process.
  ///   - name: stands for the library's file in messages.
  /// - Throws: ``PluginLibraryError``.
  public init(_ table: UnsafePointer<phaseflow_plugin>, name: String) throws {
    try self.init(table, name, alias: nil)
  }

  private init(_ table: UnsafePointer<phaseflow_plugin>, _ path: String, alias: String?) throws {
    let plugin = try readPlugin(table, path)
    (self.path, self.alias) = (path, alias)
    activations = try plugin.list("activations", plugin.activations, plugin.activation_count, path)
    losses = try plugin.list("losses", plugin.losses, plugin.loss_count, path)
    observers = try plugin.list("observers", plugin.observers, plugin.observer_count, path)
    systems = try plugin.list("systems", plugin.systems, plugin.system_count, path)
    integrators = try plugin.list("integrators", plugin.integrators, plugin.integrator_count, path)
    version = plugin.version.map { String(cString: $0) } ?? ""
    if activations.isEmpty, losses.isEmpty, observers.isEmpty, systems.isEmpty,
      integrators.isEmpty
    {
      throw PluginLibraryError(file: path, problem: .empty)
    }
  }

  /// The alias, if there is one, and the file of a reference; a file whose name holds `=` is found too.
  public static func parts(of reference: String) -> (alias: String?, path: String) {
    let parts = reference.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].contains("/"), !FileManager.default.fileExists(atPath: reference) else {
      return (nil, reference)
    }
    return (String(parts[0]), String(parts[1]))
  }

  /// The names of the systems it brings, as `--system` takes them.
  public var systemNames: [String] { systems.map { qualified($0.name) } }

  private func qualified(_ name: String) -> String { (alias.map { $0 + "." } ?? "") + name }

  /// Adds all that the library brings, or nothing if it throws.
  ///
  /// - Throws: ``PluginLibraryError`` if a name is taken.
  public func register(in catalog: inout PluginCatalog) throws {
    var extended = catalog
    extended.setOrigin(URL(filePath: path).lastPathComponent + (version.isEmpty ? "" : " \(version)"))
    for plugin in activations {
      try add(plugin, to: &extended.activations) { try RuntimeActivation(plugin, $0) }
    }
    for plugin in losses { try add(plugin, to: &extended.losses) { try RuntimeLoss(plugin, $0) } }
    for plugin in observers {
      try add(plugin, to: &extended.observers) { try RuntimeObserver(plugin, $0) }
    }
    for plugin in systems { try add(plugin, to: &extended.systems) { try SystemModel(plugin, $0) } }
    for plugin in integrators {
      try add(plugin, to: &extended.integrators) { arguments in
        let instance = try RuntimeInstance(plugin, arguments)
        return { try RuntimeIntegrator(plugin, instance, $0) }
      }
    }
    extended.setOrigin("")
    catalog = extended
  }

  private func add<Descriptor, Product>(
    _ plugin: RuntimePlugin<Descriptor>, to table: inout PluginTable<Product>,
    make: @escaping (PluginArguments) throws -> Product
  ) throws {
    do {
      try table.add(
        qualified(plugin.name), summary: plugin.summary, parameters: plugin.parameters,
        citation: plugin.citation, make: make)
    } catch PluginError.duplicate(let kind, let name, let origin) {
      throw PluginLibraryError(file: path, problem: .duplicateName(kind: kind, name: name, origin: origin))
    }
  }

  /// The order that each integrator claims, by name; only of those that do.
  public var claimedOrders: [String: Int] {
    Dictionary(
      uniqueKeysWithValues: integrators.filter { $0.descriptor.order > 0 }
        .map { (qualified($0.name), Int($0.descriptor.order)) })
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
  return try readStructure(
    table, atLeast: MemoryLayout<phaseflow_plugin>.offset(of: \.version)!, item: "the library's table",
    file: file)
}

extension phaseflow_plugin {
  fileprivate func list<Descriptor: RuntimeDescriptor>(
    _ field: String, _ pointers: UnsafePointer<UnsafePointer<Descriptor>?>?, _ count: Int,
    _ file: String
  ) throws -> [RuntimePlugin<Descriptor>] {
    if count == 0 { return [] }
    if let problem = implausible(field, count) {
      throw PluginLibraryError(
        file: file, problem: .inconsistent(item: "the library's table", reason: problem))
    }
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
        file: file,
        problem: .inconsistent(
          item: "the library's table", reason: "two \(field) are named '\(plugin.name)'"))
    }
    return plugins
  }
}
