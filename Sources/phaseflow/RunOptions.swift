import ArgumentParser
import Foundation
import PluginKit
import Studies

/// The flags that are also keys of a configuration file, one for each of `RunSettings.all`. Where a flag is given it wins.
///
/// The parser learns what flags there are from a mirror, which shows it an option for each setting: help, defaults and
/// completions follow from the declaration. A number may be negative, so the word after a flag is its value even if it
/// begins with a dash.
struct RunOptions: ParsableArguments, CustomReflectable {
  private(set) var file: String?
  /// What the flags give.
  private(set) var flags = RunConfiguration()
  /// What is wrong with a flag: the parser takes no other errors than its own while it decodes.
  private var fault: UsageError?

  init() {}

  private static let fileLabel = "_file"

  var customMirror: Mirror {
    let file = Argument<String?>(
      help: "A YAML file whose keys are the names of these flags.",
      completion: .file(extensions: ["yaml", "yml"]))
    return Mirror(
      self,
      children: [(label: Self.fileLabel as String?, value: file as Any)]
        + RunSettings.all.map { setting in (label: "_" + setting.key, value: Self.option(setting)) })
  }

  private static func option(_ setting: any AnySetting) -> Any {
    let help = ArgumentHelp(
      setting.help + defaults(setting), valueName: setting.valueName ?? setting.key)
    let name = NameSpecification.customLong(setting.key)
    if setting.isFlag {
      return Flag<Bool?>(name: name, inversion: .prefixedNo, help: help)
    }
    let completion: CompletionKind? =
      switch setting.completion {
      case .none: nil
      case .plugins(let kind): .custom { _, _, _ in Self.names(kind) }
      case .files(let extensions): .file(extensions: extensions)
      case .words(let words): .list(words)
      }
    if setting.isRepeated {
      return Option<[String]>(
        wrappedValue: [], name: name, parsing: .unconditionalSingleValue, help: help, completion: completion)
    }
    return Option<String?>(name: name, parsing: .unconditional, help: help, completion: completion)
  }

  /// What a setting is where nobody says.
  private static func defaults(_ setting: any AnySetting) -> String {
    func text(_ tree: SettingTree) -> String? {
      switch tree {
      case .null: nil
      case .list(let items):
        items.isEmpty ? nil : items.compactMap(\.specification).joined(separator: ",")
      default: tree.specification
      }
    }
    let network = setting.isOfNetworks ? text(setting.defaultTree(ofSystem: false)) : nil
    let system = setting.isOfSystems ? text(setting.defaultTree(ofSystem: true)) : nil
    switch (network, system) {
    case (let value?, let other?) where value != other: return " (default: \(value); of a system \(other))"
    case (let value?, _), (nil, let value?): return " (default: \(value))"
    case (nil, nil): return ""
    }
  }

  private static func names(_ kind: String) -> [String] {
    guard let catalog = try? makeCatalog(libraries: []) else { return [] }
    return pluginLines(of: catalog).first { $0.0 == kind }?.1.map(\.name) ?? []
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnyKey.self)
    func set(_ body: () throws -> Void) throws {
      do { try body() } catch let error as UsageError { fault = fault ?? error }
    }
    file = try values.decode(Argument<String?>.self, forKey: AnyKey("file")).wrappedValue
    for setting in RunSettings.all {
      let key = AnyKey(setting.key)
      if setting.isFlag {
        if let value = try values.decode(Flag<Bool?>.self, forKey: key).wrappedValue {
          try set { try flags.set(setting.key, .flag(value)) }
        }
      } else if setting.isRepeated {
        let words = try values.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !words.isEmpty { try set { try flags.set(setting.key, .list(words.map(SettingTree.text))) } }
      } else if let word = try values.decode(Option<String?>.self, forKey: key).wrappedValue {
        try set { try flags.set(setting.key, flag: word) }
      }
    }
  }

  func validate() throws {
    if let fault { throw ValidationError(fault.description) }
  }

  /// The file's configuration, or the default one, with the flags applied.
  ///
  /// - Throws: ``UsageError``.
  func configuration() throws -> RunConfiguration {
    let fromFile = try file.map { try RunConfiguration(yamlFile: $0) } ?? RunConfiguration()
    if flags.isOfSystem, let file, !fromFile.isOfSystem {
      throw UsageError("'\(file)' describes a network; leave out --system, or the file")
    }
    var configuration = fromFile.overlaid(by: flags)
    if flags.gives("seed"), configuration.initialState != nil {
      throw UsageError("--seed draws an initial state, but one is given; leave out one of them")
    }
    if configuration.isOfSystem { try configuration.resolveSystemFile() }
    return configuration
  }
}

/// Where results go and what is said meanwhile.
struct OutputOptions: ParsableArguments {
  @Option(help: "A new folder for the results and pictures.", completion: .directory)
  var out: String?
  @Flag(help: "Print exactly one JSON object on standard output.")
  var json = false
  @Flag(help: "No progress, no summary.")
  var quiet = false
}
