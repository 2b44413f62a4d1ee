import BuiltinPlugins
import Foundation
import Studies
import Testing

@testable import Validation

@Suite("A validation that was stopped") struct ResumptionTests {
  private func settings() -> ValidationSettings {
    var settings = ValidationSettings()
    settings.widths = [50, 100]
    settings.seeds = .count(2)
    settings.points = [PhasePoint(0.5, 0), PhasePoint(1.75, 0)]
    settings.statement = ["energy", "conservation", "theorem-8", "late-rate"]
    return settings
  }

  private func validator() throws -> Validator { try Validator(settings(), BuiltinPlugins.catalog()) }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "validation-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test("takes the runs that were kept, to the same bytes, whichever of them are there")
  func sameBytes() throws {
    let whole = try validator().run()
    try withFolder { folder in
      let first = try validator().run(keeping: folder)
      #expect(try first.json == whole.json && first.markdown == whole.markdown)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(files.count == whole.runs)
      // As after a kill: some are there, one is half of a file.
      for file in files.prefix(3) { try FileManager.default.removeItem(at: folder.appending(path: file)) }
      let half = folder.appending(path: files[3])
      try Data(contentsOf: half).prefix(1000).write(to: half)
      let again = try validator().run(keeping: folder)
      #expect(try again.json == whole.json && again.markdown == whole.markdown)
    }
  }

  @Test("does no kept run again: what is in its file is what is judged")
  func notAgain() throws {
    try withFolder { folder in
      let whole = try validator().run(keeping: folder)
      let storage = RunStorage(folder: folder)
      let context = try ValidationContext(settings(), BuiltinPlugins.catalog())
      let configuration = context.ladder(PhasePoint(1.75, 0))[0]
      var run = try #require(storage.read(configuration))
      run.observers["energy"]?["maxRise"] = .number(1e9)
      try storage.write(run, of: configuration)
      let report = try validator().run(keeping: folder)
      // A rise of R that a finer run, which is done now, does not show.
      #expect(whole.isSound && !whole.markdown.contains("error of integration"))
      #expect(report.markdown.contains("error of integration"))
    }
  }

  @Test("a kept run has every bit, also of numbers that are not finite")
  func bits() throws {
    try withFolder { folder in
      let context = try ValidationContext(settings(), BuiltinPlugins.catalog())
      let configuration = context.ladder(PhasePoint(0.5, 0))[0]
      var run = try context.result(configuration)
      run.observers["own"] = [
        "nan": .number(.nan), "inf": .number(-.infinity), "third": .number(1.0 / 3), "whole": .integer(3),
        "flag": .flag(true), "list": .numbers([0.1, .infinity]), "text": .text("a\u{301}\n"),
      ]
      let storage = RunStorage(folder: folder)
      try storage.write(run, of: configuration)
      let back = try #require(storage.read(configuration))
      #expect(back.state.map(\.bitPattern) == run.state.map(\.bitPattern))
      #expect(
        back.record.values.map { $0.map(\.bitPattern) } == run.record.values.map { $0.map(\.bitPattern) })
      #expect(
        "\(back.observers["own"]!.sorted { $0.key < $1.key })"
          == "\(run.observers["own"]!.sorted { $0.key < $1.key })")
      #expect(back.tables == run.tables && back.network == run.network && back.scaling == run.scaling)
    }
  }
}
