import ArgumentParser
import Foundation
import PluginKit
import PluginTemplates
import Studies

extension PluginTemplate.Kind: ExpressibleByArgument {}
extension PluginTemplate.Language: ExpressibleByArgument {}

struct PluginsNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Writes a folder with a working plug-in, to be edited and built by make.",
    discussion: "Example:  phaseflow plugins new loss my-loss --language swift --out my-loss")

  @Argument(help: "What it is.")
  var kind: PluginTemplate.Kind
  @Argument(help: "Its name: a lower-case letter, then lower-case letters, digits and '-'.")
  var name: String
  @Option(help: "The language to write it in.")
  var language = PluginTemplate.Language.swift
  @Option(help: "A new folder; default: the plug-in's name.", completion: .directory)
  var out: String?

  func run() throws {
    let template = try PluginTemplate(kind, name: name, language: language)
    let catalog = try makeCatalog(libraries: [])
    let taken =
      switch kind {
      case .activation: catalog.activations.entries.map(\.name)
      case .loss: catalog.losses.entries.map(\.name)
      case .observer: catalog.observers.entries.map(\.name)
      case .system: catalog.systems.entries.map(\.name)
      case .integrator: catalog.integrators.entries.map(\.name)
      }
    if taken.contains(name) {
      throw UsageError("there is already a built-in \(kind.rawValue) named '\(name)'; take another name")
    }
    let folder = URL(filePath: out ?? name)
    try template.write(to: folder)
    let path = folder.relativePath
    try Console.show(
      """
      wrote \(path); edit \(path)/\(template.source)
      next: make -C \(path) && phaseflow plugins check \(path)/\(name).so
      """)
  }
}
