import ArgumentParser
import Foundation
import Studies
import Sweeps

struct SweepSubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Hands a sweep to a cluster: a job array of shards, and a job that merges them.",
    discussion: """
      The folder must be seen by all nodes. The whole is DIR/merged when the jobs are through; submitted again, the \
      shards go on where they stopped.

      Example:  phaseflow sweep submit figure-5 --slurm --shards 40 --out fig5 --sbatch=--time=12:00:00
      """)

  @OptionGroup var choice: SweepChoice
  @Flag(help: "By Slurm's sbatch.")
  var slurm = false
  @Option(help: "Into how many tasks the sweep is split.")
  var shards = 40
  @Option(help: "Cores of each task.")
  var cores = 1
  @Option(help: .init("A further option of sbatch; may be given several times.", valueName: "option"))
  var sbatch: [String] = []
  @Option(help: "A folder for the scripts, the shards and the whole.", completion: .directory)
  var out: String
  @Flag(help: "Write the scripts and submit nothing.")
  var dryRun = false

  func run() throws {
    guard slurm else { throw UsageError("say which scheduler: --slurm") }
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
