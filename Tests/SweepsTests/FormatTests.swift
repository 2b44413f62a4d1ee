import Foundation
import GRDB
import Studies
import Testing

@testable import Sweeps

@Suite("The format of a store") struct FormatTests {
  /// What a store of format 1 is: it has no provenance.
  private func makeOld(_ store: SweepStore) throws {
    try store.write {
      try $0.execute(
        sql: "ALTER TABLE timing DROP COLUMN provenance; UPDATE sweep SET value = '1' WHERE key = 'format'")
    }
  }

  private func format(_ folder: String) throws -> Int? {
    let queue = try DatabaseQueue(path: folder + "/" + SweepSchema.file)
    return try queue.read(SweepSchema.format)
  }

  @Test("an older one is read without a change to it, and brought up to date by whoever works on it")
  func older() throws {
    try withFolder { folder in
      let plan = try plan()
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      let whole = try contents(store)
      try makeOld(store)
      let old = try SweepStore(folder)
      #expect(try contents(old) == whole)
      #expect(try format(folder) == 1)
      let again = try SweepStore(folder, plan)
      #expect(try format(folder) == SweepSchema.version)
      try run(again, plan)
      #expect(try contents(again) == whole)
      // Failed runs done again have their provenance.
      try again.write { try $0.execute(sql: "DELETE FROM result WHERE run = 1") }
      try run(again, plan)
      let known = try again.read {
        try String.fetchAll($0, sql: "SELECT provenance FROM timing WHERE run = 1")
      }
      #expect(
        try JSONDecoder().decode(Provenance.self, from: Data(known[0].utf8)).program == phaseFlowVersion)
    }
  }

  @Test("an older one is merged like any other")
  func merge() throws {
    try withFolder { folder in
      let plan = try plan()
      let whole = try SweepStore(folder + "/whole", plan)
      try run(whole, plan)
      for i in 1...2 {
        let part = try SweepStore("\(folder)/\(i)", plan, shard: Shard("\(i)/2"))
        try run(part, plan)
        if i == 1 { try makeOld(part) }
      }
      _ = try SweepMerge([folder + "/1", folder + "/2"]).write(to: folder + "/merged") { _ in try .builtin }
      #expect(try contents(SweepStore(folder + "/merged")) == contents(whole))
    }
  }

  @Test("a newer one, another program's and a damaged one are refused in words, to read and to write")
  func foreign() throws {
    func complaint(_ folder: String) throws -> [String] {
      let plan = try plan()
      return [{ _ = try SweepStore(folder) }, { _ = try SweepStore(folder, plan) }].map { open in
        do {
          try open()
          return "opened"
        } catch {
          return "\(error)"
        }
      }
    }
    try withFolder { folder in
      let store = try SweepStore(folder, plan())
      try store.write { try $0.execute(sql: "UPDATE sweep SET value = '99' WHERE key = 'format'") }
      for text in try complaint(folder) {
        #expect(text.contains("format 99") && text.contains("newer"), "\(text)")
      }
    }
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let queue = try DatabaseQueue(path: folder + "/" + SweepSchema.file)
      try queue.write { try $0.execute(sql: "CREATE TABLE sweep (key TEXT, value TEXT)") }
      for text in try complaint(folder) { #expect(text.contains("another program"), "\(text)") }
    }
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data("no database at all, but long enough to be looked at as one".utf8).write(
        to: URL(filePath: folder + "/" + SweepSchema.file))
      for text in try complaint(folder) {
        #expect(
          text.contains("is damaged: file is not a database") && !text.contains("SQLite error"), "\(text)")
      }
    }
    try withFolder { folder in
      let store = try SweepStore(folder, plan())
      try store.write { try $0.execute(sql: "DROP TABLE timing") }
      let error = #expect(throws: UsageError.self) { try store.rows() }
      #expect(error?.description.contains("is damaged: no such table: timing") == true)
    }
  }
}
