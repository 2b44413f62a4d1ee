import ArgumentParser
import Foundation
import Studies

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the records of a run or a sweep for another program.",
    discussion: """
      The format is the name of a program 'phaseflow-export-FORMAT' on PATH. The Python package brings hdf5, parquet and \
      tensorboard; docs/plugins.md says how to write another.

      Example:  phaseflow export r --format parquet --out r.parquet
      """)

  @Argument(help: "The folder of a run or a sweep.", completion: .directory)
  var folder: String
  @Option(help: "The format.", completion: .custom { _, _, _ in ExportProgram.formats })
  var format: String
  @Option(help: "The file to write; it must not exist.", completion: .file())
  var out: String

  func run() throws {
    let names = ["summary.json", "sweep.sqlite"]
    guard names.contains(where: { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }) else {
      throw UsageError(
        "'\(folder)' is not the folder of a run or a sweep: it has no \(names.joined(separator: " and no "))")
    }
    try ExportProgram(format: format).write(folder, to: out)
  }
}
