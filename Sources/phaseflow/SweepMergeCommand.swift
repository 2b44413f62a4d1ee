import ArgumentParser
import Studies
import Sweeps

struct SweepMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Merges several stores of one sweep into one.",
    discussion: """
      A merge happens completely or not at all. Stores of other sweeps are refused. Runs that are there already are \
      kept, so shards can be merged as they finish.

      Example:  phaseflow sweep merge shard-1 shard-2 shard-3 --out whole
      """)

  @Argument(help: "Folders of sweeps.", completion: .directory)
  var stores: [String]
  @Option(help: "The folder of the merged sweep, new or of the same sweep.", completion: .directory)
  var out: String

  func run() throws {
    guard !stores.isEmpty else { throw UsageError("name the stores to merge") }
    let merged = try SweepMerge(stores).write(to: out, makeCatalog)
    try Console.show("\(merged.done) of \(merged.total) runs are in \(out)")
  }
}
