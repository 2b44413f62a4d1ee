import Files
import Foundation
import GradientFlow
import Testing

/// `start-seed7.npy` is a start as a user would make it with NumPy (Tests/Oracles/npy_fixtures.py).
@Suite("State files") struct StateFileTests {
  @Test("A state file goes into the state column by column, and back to the same bytes")
  func stateFile() throws {
    let url = fixture("start-seed7.npy")
    let shape = NetworkShape(width: 6, inputDimension: 3)
    let state = try StateFile.read(url, shape: shape)
    #expect(try GaussianStart(seed: 7).state(for: shape) == state)
    #expect(try StateFile.read(url).shape == shape)

    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let copy = folder.appendingPathComponent("copy.npy")
    try StateFile.write(state.span, shape: shape, to: copy)
    #expect(try Data(contentsOf: copy) == Data(contentsOf: url))
  }

  @Test("A state of another shape or with NaN is rejected with its place")
  func badStates() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let nan = folder.appendingPathComponent("nan.npy")
    try NumPyFile(shape: [2, 3], values: [1, 2, 3, 4, .nan, 6]).write(to: nan)
    #expect { _ = try StateFile.read(nan) } throws: {
      guard case .nonFinite(1, 1, let value) = ($0 as? NumPyFileError)?.problem else { return false }
      return value.isNaN
    }
    let start = fixture("start-seed7.npy")
    #expect(
      throws: NumPyFileError(path: start.path, problem: .shape(expected: [5, 4], got: [6, 4]))
    ) { _ = try StateFile.read(start, shape: NetworkShape(width: 5, inputDimension: 3)) }
    let vector = folder.appendingPathComponent("vector.npy")
    try NumPyFile(shape: [3], values: [1, 2, 3]).write(to: vector)
    #expect {
      _ = try StateFile.read(vector)
    } throws: { "\($0)".contains("[3] instead of [m, d + 1]") }
    #expect {
      _ = try StateFile.read(URL(fileURLWithPath: "/nonexistent/x.npy"))
    } throws: { "\($0)".hasPrefix("cannot use '/nonexistent/x.npy': ") }
  }
}

private func temporaryFolder() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("phaseflow-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}
