import BuiltinPlugins
import CZlib
import DatasetsPlugins
import Files
import Foundation
import Networks
import PluginKit
import Studies

extension FuzzTarget {
  static let csv = FuzzTarget(
    "csv", words: ["x1,x2,y", "\"a\"", "\"\"", "1,2,3\n", "y"],
    seeds: {
      [
        "x,y\n0,1\n0.5,2\n1,3\n", "a,\"b, c\",y\r\n1,2,3\r\n4,5,6\r\n",
        "x1,x2,x3,y\n-1e-3,2.5,3,0\n\n1,2,3,4\n",
      ].map {
        Array($0.utf8)
      }
    },
    read: { input in
      let data = try CSVDataset.parse(Data(input), path: "mutated.csv")
      if !data.targets.allSatisfy(\.isFinite) { throw BrokenPromise("a target is not finite") }
    })

  /// The first byte says which of the two files the rest is.
  static let idx = FuzzTarget(
    "idx",
    seeds: { [[0] + images, [1] + labels, [0] + gzip(images), [1] + gzip(labels), [0] + floats] },
    read: { input in
      guard let which = input.first else { return }
      let rest = Array(input.dropFirst())
      let isImages = which % 2 == 0
      try Scratch.with(["images": isImages ? rest : images, "labels": isImages ? labels : rest]) { folder in
        let name = "idx:\(folder.appending(path: "images").path),\(folder.appending(path: "labels").path)"
        _ = try BuiltinPlugins.catalog().datasets.make(which & 2 == 0 ? name : name + ",n=2")
      }
    })

  static let npy = FuzzTarget(
    "npy",
    words: [
      "'descr'", "'<f8'", "'<f4'", "'fortran_order'", "True", "False", "'shape'", "(3, 4)", "(0,)", "()",
    ],
    seeds: {
      [
        [UInt8](NumPyFile(shape: [3, 2], values: [1, 2, 3, 4, 5, 6]).data),
        [UInt8](NumPyFile(shape: [], values: [7]).data),
        [UInt8](NumPyFile(shape: [0], values: []).data), fortran,
      ]
    },
    read: { input in
      let array = try NumPyFile(data: Data(input))
      let again = try NumPyFile(data: array.data)
      if again.shape != array.shape || again.values.map(\.bitPattern) != array.values.map(\.bitPattern) {
        throw BrokenPromise("written and read back it is another array")
      }
    })

  static let stateFile = FuzzTarget(
    "state-file", words: ["(20, 3)", "(3,)", "'<f8'", "'<f4'"],
    seeds: {
      [
        [UInt8](NumPyFile(shape: [4, 3], values: (0..<12).map { Double($0) / 7 }).data),
        [UInt8](NumPyFile(shape: [3], values: [1, 2, 3]).data),
      ]
    },
    read: { input in
      try Scratch.with(["state.npy": input]) { folder in
        let file = folder.appending(path: "state.npy").path
        var configuration = try RunConfiguration(yaml: "width: 4\nt-end: 1\n")
        configuration.initialState = file
        _ = try? integrateBriefly(configuration)
        configuration = try RunConfiguration(yaml: "system: lorenz\nt-end: 0.1\n")
        configuration.initialState = file
        try integrateBriefly(configuration)
      }
    })

  private static let images: [UInt8] = {
    let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2]
    return header + (0..<12).map { UInt8(20 * $0) }
  }()
  private static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 2]
  private static let floats: [UInt8] = {
    var bytes: [UInt8] = [0, 0, 0x0e, 2, 0, 0, 0, 3, 0, 0, 0, 1]
    for x in [1.0, -2.5, 3e-3] { withUnsafeBytes(of: x.bitPattern.bigEndian) { bytes += $0 } }
    return bytes
  }()
  private static let fortran: [UInt8] = {
    let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }".padding(
      toLength: 117, withPad: " ", startingAt: 0)
    var bytes: [UInt8] = [0x93]
    bytes += Array("NUMPY".utf8)
    bytes += [1, 0, 118, 0]
    bytes += Array(header.utf8)
    bytes.append(0x0a)
    for x: Float in [1, 2, 3, 4] { withUnsafeBytes(of: x.bitPattern.littleEndian) { bytes += $0 } }
    return bytes
  }()

  /// Compressed as gzip does.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)
    )
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + 256)
    let count = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        deflate(&stream, Z_FINISH)
        return Int(stream.total_out)
      }
    }
    return Array(output.prefix(count))
  }
}
