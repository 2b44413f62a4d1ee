import Files
import Foundation
import Testing

@Suite("Files that are whole or absent") struct AtomicFileTests {
  @Test("A file is replaced, and nothing else stays in the folder")
  func replaces() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appendingPathComponent("a.txt")
    let large = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) })
    for contents in [Data("old".utf8), Data(), large] {
      try AtomicFile.write(contents, to: url)
      #expect(try Data(contentsOf: url) == contents)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.txt"])
    }
  }

  @Test("Where nothing can be written the error names the file, and nothing is left behind")
  func errors() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let missing = folder.appendingPathComponent("no/such/folder/a.txt")
    #expect(throws: AtomicFileError(path: missing.path, action: "create", code: ENOENT)) {
      try AtomicFile.write(Data(), to: missing)
    }
    // A folder cannot be replaced by a file.
    let taken = folder.appendingPathComponent("taken")
    try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: true)
    #expect(throws: AtomicFileError(path: taken.path, action: "replace", code: EISDIR)) {
      try AtomicFile.write(Data("x".utf8), to: taken)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
  }

  @Test("A pipe and a device are refused at once: nothing waits, nothing is read without end")
  func notFiles() throws {
    let pipe = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: pipe) }
    try #require(mkfifo(pipe.path, 0o600) == 0)
    for (url, reason) in [(pipe, "it is a pipe"), (URL(filePath: "/dev/zero"), "it is a device")] {
      let error = #expect(throws: AtomicFileError.self) { try AtomicFile.read(url) }
      #expect(error?.reason.hasPrefix(reason) == true)
    }
  }
}
