import Foundation
import GRDB
import Studies

/// The tables of `sweep.sqlite`; docs/sweeps.md explains the columns.
enum SweepSchema {
  /// The format that this program writes.
  static let version = 2
  static let file = "sweep.sqlite"

  /// What makes each older format into the next, from format 1 on.
  private static let migrations = [
    "ALTER TABLE timing ADD COLUMN provenance TEXT"
  ]

  /// The format of a store; `nil` if it is none.
  static func format(_ db: Database) throws -> Int? {
    guard try db.tableExists("sweep") else { return nil }
    return try String.fetchOne(db, sql: "SELECT value FROM sweep WHERE key = 'format'").flatMap { Int($0) }
  }

  /// - Throws: `UsageError` unless this program can read `format`.
  static func check(_ format: Int?, _ folder: URL) throws {
    guard let format, format >= 1 else {
      throw UsageError("'\(folder.relativePath)' holds no sweep: its \(file) belongs to another program")
    }
    guard format <= version else {
      throw UsageError(
        "the store in '\(folder.relativePath)' has format \(format), and PhaseFlow \(phaseFlowVersion) reads formats up to "
          + "\(version); use the newer PhaseFlow that wrote it")
    }
  }

  /// Brings an older format up to this program's; nothing is lost.
  static func migrate(_ db: Database) throws {
    let old = try format(db)!
    for step in migrations[(old - 1)...] { try db.execute(sql: step) }
    try db.execute(sql: "UPDATE sweep SET value = ? WHERE key = 'format'", arguments: ["\(version)"])
  }

  static func create(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE sweep (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE run (
          id INTEGER PRIMARY KEY,
          gamma REAL, gamma_prime REAL, width INTEGER NOT NULL, seed INTEGER NOT NULL,
          beta2_exponent REAL, others TEXT NOT NULL, checks INTEGER,
          configuration TEXT NOT NULL, cost REAL NOT NULL);

        CREATE TABLE result (
          run INTEGER PRIMARY KEY REFERENCES run,
          return_code TEXT NOT NULL, message TEXT NOT NULL, program TEXT NOT NULL,
          integrator TEXT, kappa REAL, kappa_prime REAL, time REAL, loss REAL, initial_loss REAL,
          rd_w REAL, rd_a REAL, rd_theta REAL, sup_w REAL, sup_a REAL, sup_theta REAL,
          nfev INTEGER, accepted INTEGER, rejected INTEGER,
          observers TEXT NOT NULL, statistics TEXT NOT NULL);

        CREATE TABLE timing (
          run INTEGER PRIMARY KEY REFERENCES result ON DELETE CASCADE,
          wall_seconds REAL NOT NULL, threads INTEGER NOT NULL, finished TEXT NOT NULL,
          host TEXT NOT NULL, pid INTEGER NOT NULL, provenance TEXT);

        CREATE TABLE curve (
          run INTEGER PRIMARY KEY REFERENCES result ON DELETE CASCADE,
          columns TEXT NOT NULL, data BLOB NOT NULL);

        CREATE TABLE neurons (
          run INTEGER NOT NULL REFERENCES result ON DELETE CASCADE,
          moment TEXT NOT NULL, total INTEGER NOT NULL, data BLOB NOT NULL,
          PRIMARY KEY (run, moment)) WITHOUT ROWID;

        CREATE TABLE weights (
          run INTEGER PRIMARY KEY REFERENCES result ON DELETE CASCADE, data BLOB NOT NULL);

        CREATE TABLE fit (
          run INTEGER PRIMARY KEY REFERENCES result ON DELETE CASCADE, data BLOB NOT NULL);

        CREATE TABLE claim (
          run INTEGER PRIMARY KEY REFERENCES run,
          owner TEXT NOT NULL, machine TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
          started INTEGER NOT NULL, heartbeat REAL NOT NULL);
        """)
  }

  /// The tables that hold what runs gave, parents first: what a merge copies and what does not hang on chance,
  /// `timing` apart.
  static let resultTables = ["result", "timing", "curve", "neurons", "weights", "fit"]
}
