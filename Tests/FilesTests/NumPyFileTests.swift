import Foundation
import Testing

import Files

/// Files made by NumPy (Tests/Oracles/npy_fixtures.py), and damaged ones.
@Suite struct NumPyFileTests {
  private static let matrix = [0.1, -2.5, 3e300, 1.0 / 3, Double.leastNonzeroMagnitude, -0.0]

  private static func problem(_ data: Data) -> NumPyFileError.Problem? {
    do {
      _ = try NumPyFile(data: data)
      return nil
    } catch { return error as? NumPyFileError.Problem }
  }

  private static func withHeader(_ text: String, _ body: [UInt8] = []) -> Data {
    Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(text.utf8.count), 0]) + Data(text.utf8) + Data(body)
  }

  @Test(
    "Every format version and order of elements gives the same matrix",
    arguments: ["c-order.npy", "fortran-order.npy", "version2.npy", "version3.npy"])
  func read(name: String) throws {
    let file = try NumPyFile(contentsOf: fixture(name))
    #expect(file.shape == [2, 3])
    #expect(file.values.map(\.bitPattern) == Self.matrix.map(\.bitPattern))
  }

  @Test("Ranks 0, 1 and 3 and float32 are read")
  func shapes() throws {
    #expect(try NumPyFile(contentsOf: fixture("scalar.npy")) == NumPyFile(shape: [], values: [2.5]))
    #expect(try NumPyFile(contentsOf: fixture("vector.npy")) == NumPyFile(shape: [3], values: [1, 2, 3]))
    let cube = NumPyFile(shape: [2, 3, 4], values: (0..<24).map { Double($0) / 8 })
    #expect(try NumPyFile(contentsOf: fixture("fortran-cube.npy")) == cube)
    let single = try NumPyFile(contentsOf: fixture("float32.npy"))
    #expect(single.values == [Double(Float(0.1)), -2.5, Double(Float(1) / 3), 0])
  }

  @Test(
    "What we write is byte for byte what NumPy writes",
    arguments: ["c-order.npy", "scalar.npy", "vector.npy"])
  func sameBytes(name: String) throws {
    let url = fixture(name)
    #expect(try NumPyFile(contentsOf: url).data == Data(contentsOf: url))
  }

  @Test(
    "Element types other than little-endian floats are named",
    arguments: [
      ("big-endian.npy", ">f8"), ("int64.npy", "<i8"), ("record.npy", "[('a', '<f8'), ('b', '<i4')]"),
    ])
  func elementTypes(name: String, type: String) {
    let url = fixture(name)
    #expect(throws: NumPyFileError(path: url.path, problem: .elementType(type))) {
      _ = try NumPyFile(contentsOf: url)
    }
  }

  @Test("Every truncation of a file is noticed")
  func truncated() throws {
    let data = try Data(contentsOf: fixture("c-order.npy"))
    #expect(Self.problem(data) == nil)
    for count in 0..<data.count {
      let expected: NumPyFileError.Problem =
        count < 6 ? .magic : .truncated(expected: count < 12 ? 12 : count < 128 ? 128 : 176, got: count)
      #expect(Self.problem(data.prefix(count)) == expected)
    }
    #expect(Self.problem(data + [0]) == .trailing(expected: 176, got: 177))
  }

  @Test("Damaged headers are rejected, none of them traps")
  func damaged() throws {
    var data = try Data(contentsOf: fixture("c-order.npy"))
    data[0] = 0x94
    #expect(Self.problem(data) == .magic)
    data[0] = 0x93
    data[6] = 4
    #expect(Self.problem(data) == .version(4, 0))
    let texts = [
      "", "{", "{'descr': '<f8'}", "{'descr': '<f8', 'fortran_order': False}", "{'descr': <f8}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (a,)}",
      "{'descr': '<f8', 'fortran_order': 1, 'shape': (1,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x",
      "{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693951,)}",
    ]
    for text in texts {
      guard case .header = Self.problem(Self.withHeader(text, [UInt8](repeating: 0, count: 8))) else {
        Issue.record("accepted: \(text)")
        continue
      }
    }
    // A header that announces far more than there is: no memory is taken for it.
    let huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000000,)}"
    let length = 10 + huge.utf8.count
    #expect(
      Self.problem(Self.withHeader(huge)) == .truncated(expected: 800_000_000_000_000 + length, got: length))
    // Each byte of a good header replaced in turn.
    let good = try Data(contentsOf: fixture("c-order.npy"))
    for i in 6..<128 {
      for byte in [0, 0x27, 0x29, 0x39, 0xff] as [UInt8] {
        var bad = good
        bad[i] = byte
        _ = Self.problem(bad)
      }
    }
  }
}

func fixture(_ name: String) -> URL {
  Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(name)")
}

func temporaryFolder() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("phaseflow-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}
