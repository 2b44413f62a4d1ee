import ArgumentParser
import Foundation
import GradientFlow
import Studies
import Sweeps

struct SweepReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "One HTML file to explore a sweep in a browser, without a network.",
    discussion: "Example:  phaseflow sweep report fig4")

  @Argument(help: "The folder of a sweep.", completion: .directory)
  var store: String
  @Option(help: "The file (default: report.html in the sweep's folder).", completion: .file(extensions: ["html"]))
  var out: String?

  func run() throws {
    let sweep = try SweepStore(store)
    let catalog = try makeCatalog(libraries: sweep.definition.base.plugin)
    let file = out.map { URL(filePath: $0) } ?? sweep.folder.appending(path: "report.html")
    try AtomicFile.write(Data(SweepReport(sweep, catalog).html().utf8), to: file)
    print(file.path)
  }
}
