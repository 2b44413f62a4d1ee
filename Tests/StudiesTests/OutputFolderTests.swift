import Foundation
import Testing

@testable import Studies

@Suite("A folder of pictures") struct OutputFolderTests {
  private struct Failure: Error {}

  @Test("has its name once it is full, and leaves nothing, not even unfinished, after an error")
  func fill() throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "folder-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    func contents() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: place.path) }
    let out = place.appending(path: "out").path

    #expect(throws: Failure.self) {
      try OutputFolder(new: out).fill {
        try Data("half".utf8).write(to: $0.appending(path: "a"))
        throw Failure()
      }
    }
    #expect(try contents() == [])
    try OutputFolder(new: out).fill { try Data("whole".utf8).write(to: $0.appending(path: "a")) }
    #expect(try contents() == ["out"])
    #expect(try String(contentsOf: place.appending(path: "out/a"), encoding: .utf8) == "whole")
  }
}
