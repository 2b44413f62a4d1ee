import ArgumentParser
import Foundation
import ODETestKit
import PluginKit
import Synchronization

struct PluginsCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Loads a plug-in library, lists its plug-ins and tests them.",
    discussion: """
      The tests use the default parameters. Activations and losses: derivatives against finite differences, results \
      that do not depend on how a block is divided, array bounds. Observers: they change nothing, and a resumed run \
      gives the same results as an uninterrupted one. Systems: f depends on its arguments only; Jacobian, events, \
      invariants and discontinuities. Integrators: order, steps, dense output and its order, events, errors, NaN and \
      restart. Changes to the process are found too: rounding mode, flush to zero, standard output. The tests run in a \
      separate process, so a crash is reported like any other fault.

      Exit codes: 0 sound, 1 something is wrong with a plug-in, 2 the library cannot be loaded.
      """)

  @Argument(help: "A plug-in library.", completion: .file(extensions: ["so"]))
  var file: String
  @Option(
    help: .init("Seconds after which a test that does not return is stopped.", valueName: "seconds"))
  var patience = 120.0
  @Flag(help: .private)
  var inside = false

  func run() throws {
    if inside { return try check() }
    let child = try CheckProcess(file: file, patience: patience)
    try child.run()
  }

  private func check() throws {
    let stage = CheckProcess.announce
    stage("loading it")
    defer { stage(CheckProcess.done) }
    // Here a crash is to end the process, whose parent says where.
    let deeds = Deeds()
    PluginGuard.listen { deeds.note($0) }
    // With the built-in ones, since that is how a run will load it: a name may be taken.
    let all = try makeCatalog(libraries: [file])
    var own = PluginCatalog()
    let library = try PluginLibrary(file)
    try library.register(in: &own)
    try tell(pluginListing(pluginLines(of: own)))
    fflush(nil)
    let tests = PluginViolations(
      own: own, builtin: all, claimedOrders: library.claimedOrders, stage: stage)
    let violations = try tests.run() + deeds.sentences
    for violation in violations { try tell("violation: \(violation)") }
    if violations.isEmpty { return try tell("sound") }
    try tell("\(violations.count) violation\(violations.count == 1 ? "" : "s")")
    throw ExitCode(1)
  }
}

/// Prints a result, on standard error if the library has taken standard output.
private func tell(_ text: String) throws {
  if PluginGuard.hasLostOutput { Console.say(text) } else { try Console.show(text) }
}

/// What a library does to the process that is not its own, told from any thread.
private final class Deeds: Sendable {
  private let list = Mutex<[String]>([])
  var sentences: [String] { list.withLock { $0 } }
  func note(_ sentence: String) { list.withLock { $0.append(sentence) } }
}
