import Foundation
import PluginKit

/// A new run-time plug-in: a folder with a working example that builds by `make` and needs nothing
/// else.
///
/// ```swift
/// try PluginTemplate(.activation, name: "my-swish", language: .c).write(to: URL(filePath: "my-swish"))
/// ```
public struct PluginTemplate {
  /// What the plug-in is.
  public let kind: Kind
  /// Its name, as a command line will have it.
  public let name: String
  /// What it is written in.
  public let language: Language

  /// The kinds of plug-ins.
  public enum Kind: String, CaseIterable, Sendable {
    /// One of that kind.
    case activation, loss, observer, system, integrator
  }
  /// The languages of the templates.
  public enum Language: String, CaseIterable, Sendable {
    /// One in that language.
    case swift, c
  }

  /// - Throws: ``PluginTemplateError/badName(_:)``.
  public init(_ kind: Kind, name: String, language: Language) throws {
    guard isPluginName(name) else { throw PluginTemplateError.badName(name) }
    self.kind = kind
    self.name = name
    self.language = language
  }

  /// What the folder will hold: paths and texts.
  public var files: [(name: String, text: String)] {
    let header = text(PackageResources.phaseflow_plugin_h_template)
    let readme = ("README.md", text(PackageResources.README_md_template))
    switch language {
    case .c:
      return [
        ("phaseflow_plugin.h", header), (source, text(sourceText)), readme,
        ("Makefile", text(PackageResources.Makefile_c_template)),
      ]
    case .swift:
      return [
        ("Package.swift", text(PackageResources.Package_swift_template)),
        (source, text(sourceText)), readme,
        ("Makefile", text(PackageResources.Makefile_swift_template)),
        (".gitignore", ".build*\n.exports\nPackage.resolved\n*.so\n"),
      ] + kit.map { ("PhaseFlowPlugin/\($0.0)", text($0.1)) }
    }
  }

  /// The file to edit.
  public var source: String {
    language == .c ? "\(name).c" : "Sources/\(typeName)/\(typeName).swift"
  }

  /// What plug-ins in Swift are written with, as a package of its own.
  private var kit: [(String, [UInt8])] {
    [
      ("Package.swift", PackageResources.KitPackage_swift_template),
      ("Sources/CPluginABI/CPluginABI.c", PackageResources.CPluginABI_c_template),
      ("Sources/CPluginABI/include/phaseflow_plugin.h", PackageResources.phaseflow_plugin_h_template),
    ] + kitSources.map { ("Sources/\($0.path)", $0.text) }
  }

  /// The name as a Swift type's: `my-swish` is `MySwish`.
  public var typeName: String {
    name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// Makes `folder` and writes ``files`` there.
  ///
  /// - Throws: ``PluginTemplateError/exists(_:)`` if there is already something of that name, or
  ///   Foundation's error if it cannot be written.
  public func write(to folder: URL) throws {
    if FileManager.default.fileExists(atPath: folder.path) {
      throw PluginTemplateError.exists(folder.relativePath)
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  private var sourceText: [UInt8] {
    switch (kind, language) {
    case (.activation, .c): PackageResources.activation_c_template
    case (.activation, .swift): PackageResources.activation_swift_template
    case (.loss, .c): PackageResources.loss_c_template
    case (.loss, .swift): PackageResources.loss_swift_template
    case (.observer, .c): PackageResources.observer_c_template
    case (.observer, .swift): PackageResources.observer_swift_template
    case (.system, .c): PackageResources.system_c_template
    case (.system, .swift): PackageResources.system_swift_template
    case (.integrator, .c): PackageResources.integrator_c_template
    case (.integrator, .swift): PackageResources.integrator_swift_template
    }
  }

  /// How `phaseflow run` is told to use it.
  private var option: String {
    switch kind {
    case .observer: "observe"
    case .activation, .loss, .system, .integrator: kind.rawValue
    }
  }

  private func text(_ template: [UInt8]) -> String {
    let entry = """
      let exports = PluginExports(version: "1.0", [\(typeName).self])

      @_cdecl("phaseflow_plugin_entry")
      public func phaseflowPluginEntry() -> UnsafeRawPointer { exports.entry }
      """
    let substitutions = [
      "NAME": name, "KIND": kind.rawValue.replacing("-", with: " "), "TYPE": typeName, "ENTRY": entry,
      "SOURCE": source,
      "ARTICLE": "aioe".contains(kind.rawValue.prefix(1)) ? "An" : "A",
      "OPTION": option,
      "REFERENCE": language == .c
        ? "`phaseflow_plugin.h` says what every field and function means."
        : "`PhaseFlowPlugin/Sources` documents the protocols.",
    ]
    return substitutions.reduce(String(decoding: template, as: UTF8.self)) {
      $0.replacing("@\($1.key)@", with: $1.value)
    }
  }
}

/// Why a new plug-in cannot be written.
public enum PluginTemplateError: Error, Equatable, CustomStringConvertible {
  /// The name cannot be that of a plug-in.
  case badName(String)
  /// The folder is there already.
  case exists(String)

  public var description: String {
    switch self {
    case .badName(let name):
      "the name '\(name)' must be lower-case letters, digits and '-', first a letter"
    case .exists(let folder): "'\(folder)' exists already; name a new folder"
    }
  }
}
