import Files
import Foundation
import Studies

extension SweepRow {
  /// What came of the run, and the command that repeats it alone.
  ///
  /// - Throws: `UsageError` if the stored configuration cannot be read.
  public func text() throws -> String {
    var place = ["m = \(width)", "seed \(seed)"] + others
    if let gamma, let gammaPrime { place = ["gamma = \(gamma)", "gamma' = \(gammaPrime)"] + place }
    if let betaExponent { place.append("beta2 = m^-\(betaExponent)") }
    if let checks { place.append("checks run \(checks)") }
    var lines = ["run \(id): \(place.joined(separator: ", "))"]
    if let result {
      lines.append("  \(result.returnCode): \(result.message)")
      lines += SweepPart.all([self]).compactMap { part in
        result.final(part).map { "  RD_\(part.name) = \($0), sup \(result.supremum(part) ?? .nan)" }
      }
    } else {
      lines.append("  not done yet")
    }
    return (lines + ["", try command()]).joined(separator: "\n")
  }

  /// The command line that does this run alone, with the same results to the bit.
  ///
  /// - Throws: `UsageError` if the stored configuration cannot be read.
  public func command() throws -> String {
    let run = try RunConfiguration(yaml: configuration)
    return "phaseflow run " + run.flags.joined(separator: " ")
  }
}

extension RunConfiguration {
  /// The flags of `phaseflow run` that give this configuration, quoted for a shell; defaults are left out.
  var flags: [String] {
    changed.flatMap { setting, tree -> [String] in
      let name = "--\(setting.key)"
      switch tree {
      case .flag(let value): return [value ? name : "--no-\(setting.key)"]
      case .list(let items):
        let texts = items.compactMap(\.specification)
        if setting.isRepeated { return texts.flatMap { [name, Escaping.shell($0)] } }
        return [name, Escaping.shell(texts.isEmpty ? "none" : texts.joined(separator: ","))]
      default: return tree.specification.map { [name, Escaping.shell($0)] } ?? []
      }
    }
  }
}
