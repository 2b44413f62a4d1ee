import Foundation
import PluginKit

extension RunConfiguration {
  /// The same run, to be replayed from any folder: paths of files made absolute.
  package var withAbsolutePaths: RunConfiguration {
    var copy = self
    if gives("plugin") { copy.plugin = self.plugin.map(Self.absoluteLibrary) }
    if gives("initial-state") { copy.initialState = self.initialState.map(Self.absolute) }
    if !isOfSystem, gives("data") { copy.data = Self.absoluteData(self.data) }
    if !isOfSystem, gives("test-data") { copy.testData = self.testData.map(Self.absoluteData) }
    return copy
  }

  /// Replaces a library's file in `system` by the name of the one system in it, and adds the file to `plugin`.
  ///
  /// - Throws: `PluginLibraryError`; ``UsageError`` if the library brings none or several.
  public mutating func resolveSystemFile() throws {
    guard let system = self.system, let library = Self.library(in: system) else { return }
    let names = try PluginLibrary(library).systemNames
    guard names.count == 1 else {
      throw UsageError(
        names.isEmpty
          ? "the library '\(library)' contains no system"
          : "the library '\(library)' contains several systems; name one: --plugin \(library) --system "
            + names.joined(separator: "|"))
    }
    if !self.plugin.contains(library) { self.plugin.append(library) }
    self.system = names[0] + system.dropFirst(library.count)
  }

  /// The reference to a library at the beginning of `system`: the longest one whose file is there, since a file's name
  /// may hold colons and parentheses; else what precedes these, if it looks like a file.
  private static func library(in system: String) -> String? {
    let ends = system.indices.filter { system[$0] == ":" || system[$0] == "(" } + [system.endIndex]
    func isFile(_ reference: Substring) -> Bool {
      var isFolder: ObjCBool = false
      let path = PluginLibrary.parts(of: String(reference)).path
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
    if let end = ends.last(where: { isFile(system[..<$0]) }) { return String(system[..<end]) }
    let name = String(system[..<ends[0]])
    let path = PluginLibrary.parts(of: name).path
    return path.hasSuffix(".so") || path.contains("/") ? name : nil
  }

  private static func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }

  /// A library's reference, `FILE` or `NAME=FILE`, with the path made absolute.
  private static func absoluteLibrary(_ reference: String) -> String {
    let (alias, path) = PluginLibrary.parts(of: reference)
    return (alias.map { $0 + "=" } ?? "") + absolute(path)
  }

  /// A data file's path, or those after `idx:`, made absolute; names of data sets stay.
  private static func absoluteData(_ data: String) -> String {
    guard data.hasPrefix("idx:") else {
      return FileManager.default.fileExists(atPath: data) ? absolute(data) : data
    }
    return "idx:"
      + PluginArguments.splitFiles(String(data.dropFirst(4))).map {
        FileManager.default.fileExists(atPath: $0) ? absolute($0) : $0
      }.joined(separator: ",")
  }
}
