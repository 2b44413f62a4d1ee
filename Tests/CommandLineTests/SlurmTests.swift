import Foundation
import Testing

/// Runs against a Slurm of its own on loopback, `Tests/Slurm/one-node-slurm.sh`, where that can start.
@Suite("Slurm", .serialized) struct SlurmTests {
  let phaseflow = Program(name: "phaseflow")

  @Test("a job array of shards and its merge give what one process gives")
  func array() throws {
    try withTemporaryFolder { folder in
      try """
      base: {data: four-points, asi: true, rtol: 0.01, observe: [relative-distance], record: steps}
      axes: {gamma: [0.5, 1, 1.75], width: [100, 400]}
      accuracy: {sample: 0}
      """.write(toFile: folder + "/s.yaml", atomically: true, encoding: .utf8)
      let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Slurm/one-node-slurm.sh").path
      let program = phaseflow.url.path
      // Until the merge has left its word, at most a minute.
      let wait = """
        "$0" sweep submit s.yaml --slurm --shards 3 --out job &&
        for i in $(seq 120); do grep -q runs job/slurm-merge.out 2>/dev/null && exit 0; sleep 0.5; done
        echo "no merge within a minute" >&2; cat job/*.out >&2; squeue >&2; exit 1
        """
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = [script, "sh", "-c", wait, program]
      process.currentDirectoryURL = URL(filePath: folder)
      let output = Pipe()
      (process.standardOutput, process.standardError) = (output, output)
      process.standardInput = FileHandle.nullDevice
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      if process.terminationStatus == 77 {
        print("Slurm test \(text)")
        return
      }
      #expect(process.terminationStatus == 0, "\(text)")
      #expect(text.contains("array"))
      #expect(try phaseflow("sweep", "s.yaml", "--out", "whole", "--quiet", in: folder).exitCode == 0)
      let (merged, whole) = (
        try phaseflow("sweep", "export", "job/merged", "--csv", in: folder).output,
        try phaseflow("sweep", "export", "whole", "--csv", in: folder).output
      )
      #expect(withoutSeconds(merged) == withoutSeconds(whole))
    }
  }
}
