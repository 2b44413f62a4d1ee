import ArgumentParser
import Files
import Foundation
import Studies
import Sweeps

struct WatchCommand: DrawingCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Follows a run or a sweep in progress and draws its results so far.",
    discussion: """
      Redraws the pictures in the folder of the run or sweep, and for a sweep the page report.html, which reloads \
      itself in the browser. It ends when the run or sweep ends. It only reads: start it in another terminal and stop \
      it with Ctrl-C; the run is not affected.

      Example:  phaseflow watch my-run
                phaseflow watch fig4 --interval 30
      """)

  @Argument(help: "The folder of a run or sweep, as it was given to --out.", completion: .directory)
  var folder: String
  @Option(help: .init("Seconds between two updates.", valueName: "seconds"))
  var interval = 5.0
  @Option(help: "Load a plug-in library; may be given several times.", completion: .file(extensions: ["so"]))
  var plugin: [String] = []
  @OptionGroup var figures: FigureOptions

  func run() throws {
    guard (0.1...86_400).contains(interval) else {
      throw UsageError("--interval is \(interval); it must be from 0.1 to 86400 seconds")
    }
    InterruptHandler.listen()
    if SweepStore.isStore(folder) {
      try watchSweep()
    } else {
      try watchRun()
    }
  }

  private func watchRun() throws {
    var last: Double?
    while true {
      // Asked before the look, so that the last look is at the finished run.
      let isFinished = OutputFolder.isComplete(folder)
      let place = FinishedRun.place(of: URL(filePath: folder))
      if isFinished || FileManager.default.fileExists(atPath: place.appending(path: "checkpoint.json").path) {
        let catalog = try makeCatalog(libraries: plugin + RunOverview.plugins(of: place))
        // A checkpoint is replaced, and the folder renamed, at any moment: then there is a next look.
        if let run = try? FinishedRun(place, catalog), run.progress.time != last {
          last = run.progress.time
          Console.say(run.progress.text)
          if !Self.wasMoved(place) { _ = try? run.draw(in: place) }
        }
      } else if !FileManager.default.fileExists(atPath: place.path) {
        throw UsageError("there is no run or sweep in '\(folder)'")
      }
      if isFinished { return try Console.show("the run in '\(folder)' is complete") }
      guard wait() else { return }
    }
  }

  private static func wasMoved(_ place: URL) -> Bool { !FileManager.default.fileExists(atPath: place.path) }

  private func watchSweep() throws {
    var shown = -1
    while true {
      let store = try SweepStore(folder)
      let counts = try store.progress()
      if counts.done != shown {
        shown = counts.done
        let failures = counts.failed > 0 ? ", \(counts.failed) failed" : ""
        Console.say("\(counts.done) of \(counts.total) runs done\(failures)")
        let catalog = try makeCatalog(libraries: plugin + store.definition.base.plugin)
        let isFinished = counts.done == counts.total
        _ = try SweepFigures(store, catalog).draw()
        if let report = try? SweepReport(store, catalog) {
          let page = try report.html(refreshedEvery: isFinished ? nil : interval)
          try AtomicFile.write(Data(page.utf8), to: store.folder.appending(path: "report.html"))
        }
        if isFinished { return try Console.show("the sweep in '\(folder)' is complete") }
      }
      guard wait() else { return }
    }
  }

  /// `false` if the user has had enough.
  private func wait() -> Bool {
    let end = ContinuousClock.now + .seconds(interval)
    while ContinuousClock.now < end {
      if InterruptHandler.cancellation.isCancelled { return false }
      usleep(50_000)
    }
    return true
  }
}
