import ArgumentParser
import Files
import Foundation
import GradientFlow
import Studies
import Sweeps

struct SweepReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes a sweep as one page to explore in a browser.",
    discussion: """
      The map of S_w, S_a and S_theta; a click on a cell shows its loss, distances, neurons and learned functions. One \
      HTML file that needs no network.

      Example:  phaseflow sweep report fig4
      """)

  @Argument(help: "The folder of a sweep.", completion: .directory)
  var store: String
  @Option(
    help: "The page's file; default: report.html in the sweep's folder.",
    completion: .file(extensions: ["html"]))
  var out: String?

  func run() throws {
    let store = try SweepStore(store)
    let catalog = try makeCatalog(libraries: store.definition.base.plugin)
    let page = try SweepReport(store, catalog).html()
    let file = out.map { URL(filePath: $0) } ?? store.folder.appending(path: "report.html")
    try UsageError.preparing { try AtomicFile.write(Data(page.utf8), to: file) }
    try Console.show(file.path)
  }
}
