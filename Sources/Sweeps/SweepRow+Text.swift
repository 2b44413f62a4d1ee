import Foundation
import GradientFlow
import Studies
import Yams

extension SweepRow {
  /// What came of the run, and the command that repeats it alone.
  ///
  /// - Parameter store: the folder, as the user calls it.
  /// - Throws: `UsageError` if the stored configuration cannot be read.
  public func text(in store: String) throws -> String {
    var place = ["m = \(width)", "seed \(seed)"] + others
    if let gamma, let gammaPrime { place = ["gamma = \(gamma)", "gamma' = \(gammaPrime)"] + place }
    if let betaExponent { place.append("beta2 = m^-\(betaExponent)") }
    if let checks { place.append("checks run \(checks)") }
    var lines = ["run \(id): \(place.joined(separator: ", "))"]
    if let result {
      lines.append("  \(result.returnCode): \(result.message)")
      lines += ParameterPart.allCases.compactMap { part in
        result.final[part].map { "  RD_\(part) = \($0), sup \(result.supremum[part] ?? .nan)" }
      }
    } else {
      lines.append("  not done yet")
    }
    return (lines + ["", try command(in: store)]).joined(separator: "\n")
  }

  /// The command line that does this run alone, with the same results to the bit.
  ///
  /// - Throws: `UsageError` if the stored configuration cannot be read.
  public func command(in store: String) throws -> String {
    let run = try RunConfiguration(yaml: configuration)
    if run.observe.contains(where: { $0.contains(",") }) {
      // The flag splits its value at commas.
      return
        "phaseflow sweep show \(shellQuoted(store)) \(id) --yaml > run-\(id).yaml && phaseflow run run-\(id).yaml"
    }
    return "phaseflow run " + (try run.flags.joined(separator: " "))
  }
}

extension RunConfiguration {
  /// The flags of `phaseflow run` that give this configuration, quoted for a shell; defaults are left out.
  var flags: [String] {
    get throws {
      let mine = try Yams.compose(yaml: yaml)?.mapping ?? [:]
      let plain = try Yams.compose(yaml: RunConfiguration().yaml)?.mapping ?? [:]
      return mine.flatMap { key, value -> [String] in
        if value == plain[key] { return [] }
        let name = "--\(key.string ?? "")"
        switch (key.string, value) {
        case ("plugin", .sequence(let files)): return files.flatMap { [name, shellQuoted($0.string ?? "")] }
        case (_, .sequence(let items)):
          let list = items.compactMap(\.string).joined(separator: ",")
          return [name, shellQuoted(list.isEmpty ? "none" : list)]
        default:
          let text = value.string ?? ""
          if text == "true" { return [name] }
          if text == "false" { return ["--no-\(key.string ?? "")"] }
          return [name, shellQuoted(text)]
        }
      }
    }
  }
}
