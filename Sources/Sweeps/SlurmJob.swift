import Files
import Foundation
import GradientFlow
import Studies

/// A sweep as a Slurm job array: one task for each shard, then one that merges them.
///
/// The folder gets `sweep.yaml` (the complete definition), `shards.sbatch`, `merge.sbatch`, and, as the jobs run,
/// `shard-I` (a store each), `slurm-*.out` and `merged` (the whole).
public struct SlurmJob {
  private let folder: URL
  private let program: String
  private let shards: Int
  private let coresPerTask: Int
  /// Further options of `sbatch` for both jobs, e.g. `--partition=long`.
  private let options: [String]

  /// - Throws: `UsageError` for a number below 1, or an option with a line break.
  public init(folder: String, program: String, shards: Int, coresPerTask: Int, options: [String]) throws {
    guard shards > 0 else { throw UsageError("--shards is \(shards); it must be at least 1") }
    guard coresPerTask > 0 else { throw UsageError("--cores is \(coresPerTask); it must be at least 1") }
    if let odd = options.first(where: { !$0.hasPrefix("-") || $0.contains(where: \.isNewline) }) {
      throw UsageError("--sbatch is '\(odd)'; it must be an option of sbatch, like --sbatch=--partition=long")
    }
    self.folder = URL(filePath: folder, directoryHint: .isDirectory).standardizedFileURL
    // Lines of the scripts that sbatch reads know no escapes.
    if self.folder.path.unicodeScalars.contains(where: {
      $0.properties.generalCategory == .control || $0 == "\""
    }) {
      throw UsageError(
        "the folder '\(Escaping.terminal(folder))' has a line break or a quotation mark in its path; sbatch cannot take that"
      )
    }
    self.program = program
    self.shards = shards
    self.coresPerTask = coresPerTask
    self.options = options
  }

  /// Writes the definition and the two scripts; a folder that has them is left as it is if they are the same.
  ///
  /// - Throws: `UsageError` if the folder holds another sweep's job; `AtomicFileError`.
  public func write(_ definition: SweepDefinition) throws {
    let yaml = try definition.yaml
    let file = folder.appending(path: "sweep.yaml")
    if let old = try? String(contentsOf: file, encoding: .utf8), old != yaml {
      throw UsageError(
        "'\(folder.relativePath)' holds the job of another sweep. What differs (- there, + now):\n\(lineDifference(old, yaml))"
      )
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw UsageError("cannot create '\(folder.path)': \(error.localizedDescription)")
    }
    for (name, text) in [("sweep.yaml", yaml), ("shards.sbatch", shardScript), ("merge.sbatch", mergeScript)]
    {
      try AtomicFile.write(Data(text.utf8), to: folder.appending(path: name))
    }
  }

  /// Hands both to `sbatch`.
  ///
  /// - Returns: the numbers of the array and of the merging job.
  /// - Throws: ``SlurmError``.
  public func submit() throws -> (array: String, merge: String) {
    let array = try sbatch([folder.appending(path: "shards.sbatch").path])
    // A shard with failed runs exits with 1, and is to be merged all the same.
    let merge = try sbatch([
      "--dependency=afterany:\(array)", folder.appending(path: "merge.sbatch").path,
    ])
    return (array, merge)
  }

  var shardScript: String {
    header("shards", "slurm-%a.out", cores: coresPerTask, "#SBATCH --array=1-\(shards)")
      + """
      exec \(Escaping.shell(program)) sweep start \(path("sweep.yaml")) --shard "$SLURM_ARRAY_TASK_ID/\(shards)" \\
        --out \(path("shard-"))"$SLURM_ARRAY_TASK_ID" --workers "${SLURM_CPUS_PER_TASK:-\(coresPerTask)}"

      """
  }

  var mergeScript: String {
    header("merge", "slurm-merge.out", cores: 1, nil)
      + """
      exec \(Escaping.shell(program)) sweep merge \\
        \((1...shards).map { path("shard-\($0)") }.joined(separator: " \\\n  ")) \\
        --out \(path("merged"))

      """
  }

  private func header(_ name: String, _ output: String, cores: Int, _ extra: String?) -> String {
    let lines =
      [
        "#!/bin/sh", "#SBATCH --job-name=phaseflow-\(name)", "#SBATCH --ntasks=1",
        "#SBATCH --cpus-per-task=\(cores)",
        "#SBATCH --output=\"\(folder.appending(path: output).path)\"",
      ] + (extra.map { [$0] } ?? []) + options.map { "#SBATCH \($0)" }
    return lines.joined(separator: "\n") + "\n\n"
  }

  private func path(_ name: String) -> String { Escaping.shell(folder.appending(path: name).path) }

  private func sbatch(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["sbatch", "--parsable"] + arguments
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw SlurmError(
        arguments: arguments, message: complaint.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    // "12" or "12;cluster".
    return String(text.prefix { $0 != ";" && !$0.isWhitespace })
  }
}

/// `sbatch` refused, or is not there.
public struct SlurmError: Error, CustomStringConvertible {
  /// The command with its arguments.
  public let arguments: [String]
  /// What it printed.
  public let message: String
  public var description: String {
    "sbatch \(arguments.joined(separator: " ")) failed: \(message.isEmpty ? "no reason given" : message)"
  }
}
