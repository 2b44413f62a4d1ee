import ArgumentParser
import Foundation
import ODETestKit
import PluginKit

struct PluginsCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Loads a plug-in library, lists what it brings and tests it.",
    discussion: """
      Tested are, with default parameters, the derivatives against finite differences, independence of how a \
      block is cut, and, for an observer, that a resumed run sees what an unbroken one sees.

      Exit codes: 0 sound, 1 something is wrong with a plug-in, 2 the library cannot be loaded.
      """)

  @Argument(help: "A plug-in library.", completion: .file(extensions: ["so"]))
  var file: String

  func run() throws {
    // With the built-in ones, since that is how a run will load it: a name may be taken.
    let all = try makeCatalog(libraries: [file])
    var own = PluginCatalog()
    try PluginLibrary(file).register(in: &own)
    print(pluginListing(pluginLines(of: own)))
    let violations = try pluginViolations(own, builtin: all)
    for violation in violations { print("violation: \(violation)") }
    if violations.isEmpty { return print("sound") }
    print("\(violations.count) violation\(violations.count == 1 ? "" : "s")")
    throw ExitCode(1)
  }
}
