import BuiltinPlugins
import Foundation
import GRDB
import PluginKit
import Studies
import Testing

@testable import Sweeps

/// Stores into which somebody has written what does not belong there: every reader gives values or an error, which names the
/// store, and none ends the process.
@Suite("Damaged stores") struct DamagedStoreTests {
  /// What is written, and what the error says of it.
  private static let damages: [(String, String)] = [
    ("UPDATE run SET width = 'x' WHERE id = 1", "width"),
    ("UPDATE run SET gamma = x'00' WHERE id = 1", "gamma"),
    ("UPDATE curve SET columns = 'time,loss,time'", "curve of run"),
    ("UPDATE curve SET data = x'00'", "run.sqlite|npy|NumPy|sweep"),
    ("UPDATE neurons SET data = zeroblob(128)", "NumPy|npy|sweep"),
    ("UPDATE neurons SET total = 'many'", "total"),
    ("UPDATE fit SET data = (SELECT data FROM weights)", "shape"),
    ("UPDATE timing SET wall_seconds = 'u'", "wall_seconds"),
    ("DROP TABLE result", "result"), ("UPDATE sweep SET value = '99' WHERE key = 'format'", "99"),
    ("UPDATE sweep SET value = 'axes: {' WHERE key = 'definition'", "definition|YAML"),
    ("DELETE FROM sweep", "sweep"),
  ]

  private static let template = Result {
    try withFolder { folder in
      let yaml = smallSweep.replacing("[0.5, 1.75]", with: "[0.5]").replacing("[20, 60]", with: "[20]")
      let plan = try plan(yaml.replacing("keep: {", with: "keep: {curves: 5, "))
      try run(SweepStore(folder, plan), plan)
      let queue = try DatabaseQueue(path: folder + "/sweep.sqlite")
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      try queue.close()
      return try Data(contentsOf: URL(filePath: folder + "/sweep.sqlite"))
    }
  }

  /// The errors of everything that reads a store.
  private func errors(_ folder: String) -> [String] {
    var errors: [String] = []
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { errors.append("\(error)") }
    }
    do {
      let store = try SweepStore(folder)
      attempt { _ = try SweepExport.json(store.rows()) }
      attempt {
        for id in 1...2 {
          _ = try store.curves(of: id)
          for final in [false, true] { _ = try store.neurons(of: id, final: final) }
          _ = try store.fit(of: id)
          _ = try store.weights(of: id)
        }
      }
      attempt { _ = try SweepReport(store, BuiltinPlugins.catalog()).html() }
      attempt { _ = try SweepSummary(store).json }
      attempt {
        let plan = try SweepPlan(store.definition, BuiltinPlugins.catalog())
        try run(SweepStore(folder, plan), plan)
      }
    } catch {
      errors.append("\(error)")
    }
    return errors
  }

  private func withStore(_ damage: String, _ body: (String) throws -> Void) throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Self.template.get().write(to: URL(filePath: folder + "/sweep.sqlite"))
      let queue = try DatabaseQueue(path: folder + "/sweep.sqlite")
      try queue.writeWithoutTransaction { db in
        try db.execute(
          sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON")
        try? db.execute(sql: damage)
      }
      try queue.close()
      try body(folder)
    }
  }

  @Test("are told in a sentence that names the place", arguments: damages.indices)
  func damaged(index: Int) throws {
    let (damage, words) = Self.damages[index]
    try withStore(damage) { folder in
      let errors = errors(folder)
      #expect(!errors.isEmpty, "\(damage)")
      for error in errors {
        #expect(words.split(separator: "|").contains { error.contains($0) }, "\(damage): \(error)")
        // No bare error of SQLite's.
        #expect(!error.hasPrefix("SQLite error"), "\(damage): \(error)")
      }
    }
  }

  @Test(
    "a run that the plan lacks and a claim from the future change nothing for the rest",
    .timeLimit(.minutes(1)))
  func harmless() throws {
    for damage in [
      "INSERT INTO claim SELECT 1, 'x', 'm', 'nowhere', 1, 1, 9e12 WHERE 1", "SELECT 1",
    ] {
      try withStore(damage) { #expect(errors($0) == []) }
    }
    try withStore(
      "INSERT INTO run SELECT 77, gamma, gamma_prime, width, seed, beta2_exponent, others, checks, configuration, cost FROM run WHERE id = 1"
    ) { folder in
      for error in errors(folder) { #expect(error.contains("77") || error.contains("run"), "\(error)") }
    }
  }

  @Test("cut short or overwritten anywhere, are refused or read", arguments: 0..<40)
  func bytes(number: Int) throws {
    try withStore("SELECT 1") { folder in
      let file = URL(filePath: folder + "/sweep.sqlite")
      var data = try Data(contentsOf: file)
      // A fixed sequence of places.
      var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 &+ 1
      func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
      }
      if number.isMultiple(of: 4) {
        data = data.prefix(next(data.count))
      } else {
        for _ in 0..<(1 + number) { data[next(data.count)] = UInt8(next(256)) }
      }
      try data.write(to: file)
      for error in errors(folder) { #expect(!error.isEmpty && !error.hasPrefix("SQLite error"), "\(error)") }
    }
  }
}
