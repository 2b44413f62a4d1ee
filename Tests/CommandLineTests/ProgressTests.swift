import Foundation
import Testing

@Suite("Progress as JSON") struct ProgressTests {
  private struct Line: Decodable {
    let fraction: Double
    let done: Int?
    let total: Int?
    let time: Double?
    let steps: Int?
  }

  private func lines(_ text: String) throws -> [Line] {
    try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
  }

  @Test("of a sweep is one object in each line, and ends with all runs done")
  func sweep() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "progress-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let definition = """
      base: {data: four-points, rtol: 1.0e-2}
      axes: {gamma: [0.5, 1.75], width: [20, 40]}
      accuracy: {sample: 0}
      """
    try definition.write(to: folder.appending(path: "s.yaml"), atomically: true, encoding: .utf8)
    let result = try Program(name: "phaseflow").run(
      ["sweep", "s.yaml", "--out", "s", "--progress", "json"], in: folder.path)
    #expect(result.exitCode == 0)
    let told = try lines(result.errors)
    #expect(told.last?.done == 4)
    #expect(told.allSatisfy { $0.total == 4 && (0...1).contains($0.fraction) })
  }

  // 1e5 steps of 2e4 neurons take more than a second, and reports come every half second.
  @Test("of a run tells time and steps, which rise")
  func run() throws {
    let result = try Program(name: "phaseflow").run(
      [
        "run", "--width", "20000", "--integrator", "euler", "--step", "1e-5", "--t-end", "1e3", "--max-steps",
        "100000", "--observe", "none", "--progress", "json",
      ])
    let told = try lines(
      result.errors.split(separator: "\n").filter { $0.hasPrefix("{") }.joined(separator: "\n"))
    #expect(zip(told, told.dropFirst()).allSatisfy { $0.steps! <= $1.steps! && $0.time! <= $1.time! })
    #expect(!told.isEmpty && told.allSatisfy { $0.done == nil })
  }
}
