import Foundation
import PluginKit

/// A new run-time plug-in: a folder with a working example that builds by `make` and needs nothing
/// else.
///
/// ```swift
/// try PluginTemplate(.activation, name: "my-swish", language: .c).write(to: URL(filePath: "my-swish"))
/// ```
public struct PluginTemplate {
  public let kind: Kind
  public let name: String
  public let language: Language

  public enum Kind: String, CaseIterable, Sendable { case activation, loss, observer }
  public enum Language: String, CaseIterable, Sendable { case swift, c }

  /// - Throws: ``PluginTemplateError/badName(_:)``.
  public init(_ kind: Kind, name: String, language: Language) throws {
    guard isPluginName(name) else { throw PluginTemplateError.badName(name) }
    self.kind = kind
    self.name = name
    self.language = language
  }

  /// What the folder will hold: names and texts.
  public var files: [(name: String, text: String)] {
    var files = [
      ("phaseflow_plugin.h", text(PackageResources.phaseflow_plugin_h_template)),
      ("\(name).\(language.rawValue)", text(source)),
      ("README.md", text(PackageResources.README_md_template)),
    ]
    switch language {
    case .c: files.append(("Makefile", text(PackageResources.Makefile_c_template)))
    case .swift:
      files.append(("Makefile", text(PackageResources.Makefile_swift_template)))
      files.append(("module.modulemap", text(PackageResources.module_modulemap_template)))
    }
    return files
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
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
  }

  private var source: [UInt8] {
    switch (kind, language) {
    case (.activation, .c): PackageResources.activation_c_template
    case (.activation, .swift): PackageResources.activation_swift_template
    case (.loss, .c): PackageResources.loss_c_template
    case (.loss, .swift): PackageResources.loss_swift_template
    case (.observer, .c): PackageResources.observer_c_template
    case (.observer, .swift): PackageResources.observer_swift_template
    }
  }

  private func text(_ template: [UInt8]) -> String {
    let substitutions = [
      "NAME": name, "KIND": kind.rawValue, "LANGUAGE": language.rawValue,
      "MODULE": name.replacing("-", with: "_"), "ARTICLE": kind == .loss ? "A" : "An",
      "OPTION": kind == .observer ? "observe" : kind.rawValue,
    ]
    return substitutions.reduce(String(decoding: template, as: UTF8.self)) {
      $0.replacing("@\($1.key)@", with: $1.value)
    }
  }
}

/// Why a new plug-in cannot be written.
public enum PluginTemplateError: Error, Equatable, CustomStringConvertible {
  case badName(String)
  case exists(String)

  public var description: String {
    switch self {
    case .badName(let name):
      "the name '\(name)' must be lower-case letters, digits and '-', first a letter"
    case .exists(let folder): "'\(folder)' exists already; name a new folder"
    }
  }
}
