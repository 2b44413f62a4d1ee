import ArgumentParser
import Foundation
import PluginKit
import Studies

struct PlotCommand: DrawingCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draws a run's pictures again, or one picture of several runs side by side.",
    discussion: """
      With one folder its own pictures are redrawn in place. With several, or with --out, the \
      learned functions and neurons stand side by side as in the paper's Figure 2, and the curves \
      of loss and relative distance lie in one plot; a table of the runs is printed.
      --phase-diagram draws the paper's Figure 1 with the runs marked where they lie.

      Example:  phaseflow plot run-0.5 run-1.0 run-1.75 --out figure2
                phaseflow plot --phase-diagram run-0.5 --out diagram
      """)

  @Argument(help: "Folders written by 'phaseflow run --out'.", completion: .directory)
  var folders: [String] = []
  @Option(help: "Load a plug-in library; may be given several times.", completion: .file(extensions: ["so"]))
  var plugin: [String] = []
  @Flag(help: "Draw the phase diagram of gamma and gamma', with the runs in it; folders are optional.")
  var phaseDiagram = false
  @Option(
    help: "A new folder for pictures of several runs, or for the phase diagram.", completion: .directory)
  var out: String?
  @OptionGroup var figures: FigureOptions

  func run() throws {
    let runs = folders.map { FinishedRun.place(of: URL(filePath: $0)) }
    if !phaseDiagram, folders.isEmpty {
      throw UsageError("name the folder of a run, or ask for the --phase-diagram")
    }
    let catalog = try makeCatalog(libraries: libraries(runs))
    if phaseDiagram {
      guard let out else { throw UsageError("name a new folder for the phase diagram: --out DIR") }
      let places = try PhasePlaces(folders: runs, catalog)
      try Console.show(places.draw(to: out).path)
      return
    }
    if folders.count == 1, out == nil {
      for picture in try FinishedRun(runs[0], catalog).draw(in: runs[0], warn: Self.warn) {
        try Console.show(picture.path)
      }
      return
    }
    guard let out else {
      throw UsageError("several folders need a new one for the pictures: --out DIR")
    }
    let overview = try RunOverview(folders: runs, catalog)
    let pictures = try overview.draw(to: out)
    try Console.show(overview.table)
    for picture in pictures { try Console.show(picture.path) }
  }

  private static func warn(_ text: String) {
    Console.say("warning: \(text)")
  }

  /// Those of `--plugin`, then those that the runs were made with; one that moved is named by `--plugin`.
  private func libraries(_ runs: [URL]) throws -> [String] {
    var found: [String] = []
    let recorded = try runs.flatMap(RunOverview.plugins(of:))
    for file in plugin + recorded {
      let path = PluginLibrary.parts(of: file).path
      let name = URL(filePath: file).lastPathComponent
      if !plugin.contains(file), !FileManager.default.fileExists(atPath: path) {
        // Most pictures need the record only.
        if !found.contains(where: { URL(filePath: $0).lastPathComponent == name }) {
          Self.warn("the run's plug-in library '\(path)' is gone; if it moved, name it by --plugin")
        }
        continue
      }
      if !found.contains(where: { URL(filePath: $0).lastPathComponent == name }) { found.append(file) }
    }
    return found
  }
}
