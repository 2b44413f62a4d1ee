import ArgumentParser
import Foundation
import Studies
import Sweeps

struct SweepSubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Submits a sweep to a cluster: a job array of shards, and a job that merges them.",
    discussion: """
      All nodes must see the folder. When the jobs are done, the merged sweep is in DIR/merged. Submit again to resume \
      the shards.

      Example:  phaseflow sweep submit figure-5 --slurm --shards 40 --out fig5 --sbatch=--time=12:00:00
      """)

  @OptionGroup var choice: SweepChoice
  @Flag(help: "Submit with Slurm's sbatch.")
  var slurm = false
  @Option(help: "Number of tasks into which the sweep is split.")
  var shards = 40
  @Option(help: "Cores of each task.")
  var cores = 1
  @Option(help: .init("A further option of sbatch; may be given several times.", valueName: "option"))
  var sbatch: [String] = []
  @Option(help: "A folder for the scripts, the shards and the merged sweep.", completion: .directory)
  var out: String
  @Flag(help: "Write the scripts and submit nothing.")
  var dryRun = false

  func run() throws {
    guard slurm else { throw UsageError("name the scheduler: --slurm") }
    let definition = try choice.definition()
    // Mistakes are to show here and not in forty log files; paths become absolute.
    let plan = try SweepPlan(definition, makeCatalog(libraries: definition.base.plugin))
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let job = try SlurmJob(
      folder: out, program: program, shards: shards, coresPerTask: cores, options: sbatch)
    try job.write(plan.definition)
    if dryRun { return try Console.show("wrote \(out)/shards.sbatch and \(out)/merge.sbatch") }
    let (array, merge) = try job.submit()
    try Console.show(
      "submitted: array \(array) of \(shards) shards, then \(merge), which merges them into \(out)/merged")
  }
}
