import CZlib
import Foundation
import Networks
import PluginKit
import Testing

import DatasetsPlugins

/// An IDX file: header and elements.
private func idx(_ type: UInt8, _ dimensions: [UInt32], _ elements: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0, 0, type, UInt8(dimensions.count)]
  for length in dimensions { withUnsafeBytes(of: length.bigEndian) { bytes += $0 } }
  return bytes + elements
}

private func write(_ bytes: [UInt8], to url: URL, compressed: Bool = false) throws {
  guard compressed else { return try Data(bytes).write(to: url) }
  let file = try #require(gzopen(url.path, "wb"))
  #expect(gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
  #expect(gzclose(file) == Z_OK)
}

@Suite struct IDXDatasetTests {
  private static let images = idx(0x08, [3, 2, 2], [0, 255, 51, 102, 1, 2, 3, 4, 255, 254, 253, 252])
  private static let labels = idx(0x08, [3], [7, 0, 9])

  private func load(_ specification: String) throws -> Dataset {
    try DatasetsPlugin.dataset(for: specification, in: catalog())
  }

  @Test("Images and labels are read, compressed or not, with pixels in [0, 1]", arguments: [true, false])
  func reads(compressed: Bool) throws {
    try withFolder { folder in
      let (images, labels) = (folder.appendingPathComponent("i"), folder.appendingPathComponent("l"))
      try write(Self.images, to: images, compressed: compressed)
      try write(Self.labels, to: labels, compressed: compressed)
      let data = try load("idx:\(images.path),\(labels.path)")
      #expect(data.inputDimension == 5)
      #expect(data.sampleCount == 3)
      #expect(data.targets == [7, 0, 9])
      #expect(data.input(0) == [0, 1, 0.2, 0.4, 1])
      let last: [Double] = [255, 254, 253, 252, 255].map { $0 / 255 }
      #expect(Array(data.input(2)) == last)
      let two = try load("idx:\(images.path),\(labels.path),n=2")
      #expect(two.inputs.values == Array(data.inputs.values[..<10]))
      #expect(two.targets == [7, 0])
    }
  }

  @Test("The labels' file is guessed from MNIST's naming")
  func guess() throws {
    try withFolder { folder in
      try write(Self.images, to: folder.appendingPathComponent("t-images-idx3-ubyte"))
      try write(Self.labels, to: folder.appendingPathComponent("t-labels-idx1-ubyte"))
      #expect(try load("idx:\(folder.path)/t-images-idx3-ubyte").targets == [7, 0, 9])
      #expect(throws: DatasetFileError(path: "\(folder.path)/pictures", problem: .labelsUnknown)) {
        _ = try load("idx:\(folder.path)/pictures")
      }
    }
  }

  @Test("All six element types are decoded, big-endian")
  func types() throws {
    try withFolder { folder in
      let cases: [(UInt8, [UInt8], [Double])] = [
        (0x08, [0x80, 1], [128, 1]), (0x09, [0x80, 1], [-128, 1]), (0x0B, [0xff, 0xfe, 1, 2], [-2, 258]),
        (0x0C, [0xff, 0xff, 0xff, 0xfd, 0, 1, 0, 0], [-3, 65536]),
        (0x0D, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], [1.5, -2]),
        (0x0E, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1.5, -2]),
      ]
      for (type, bytes, values) in cases {
        let url = folder.appendingPathComponent("f")
        try write(idx(type, [2], bytes), to: url)
        #expect(try IDXFile(path: url.path).items(2) == values)
        #expect(try IDXFile(path: url.path).items(1, divisor: 2, suffix: [5]) == [values[0] / 2, 5])
      }
    }
  }

  @Test("Damaged files are rejected, each with its own message")
  func damaged() throws {
    try withFolder { folder in
      let (images, labels) = (folder.appendingPathComponent("i"), folder.appendingPathComponent("l"))
      func check(
        _ a: [UInt8], _ b: [UInt8], extra: String = "", is expected: DatasetFileError.Problem?,
        at location: SourceLocation = #_sourceLocation
      ) throws {
        try write(a, to: images)
        try write(b, to: labels)
        var problem: DatasetFileError.Problem?
        do { _ = try load("idx:\(images.path),\(labels.path)\(extra)") } catch {
          problem = (error as? DatasetFileError)?.problem
        }
        #expect(problem == expected, sourceLocation: location)
      }
      let (i, l) = (Self.images, Self.labels)
      try check(i, l, is: nil)
      try check([], l, is: .empty)
      try check(Array("x,y\n".utf8), l, is: .magic(Array("x,y\n".utf8)))
      try check([0, 0, 8], l, is: .magic([0, 0, 8]))
      try check(idx(0x0A, [1, 1], [1]), l, is: .elementType(0x0A))
      try check([0, 0, 8, 3, 0, 0], l, is: .truncated(expected: 16, got: 6))
      for count in 16..<i.count {
        try check(Array(i[..<count]), l, is: .truncated(expected: 28, got: count))
      }
      try check(i, l.dropLast(), is: .truncated(expected: 11, got: 10))
      try check(i + [0], l, is: .trailingBytes)
      try check(i, idx(0x08, [2], [1, 2]), is: .labelCount(images: 3, labels: 2))
      try check(l, l, is: .imageRank(1))
      try check(i, i, is: .labelRank(3))
      try check(i, l, extra: ",n=4", is: .sampleCount(wanted: 4, available: 3))
      try check(idx(0x08, [0, 2, 2], []), idx(0x08, [0], []), is: .empty)
      try check(idx(0x08, [2, 0], []), idx(0x08, [2], [1, 2]), is: .dimensions([2, 0]))
      let most = UInt32.max
      try check(idx(0x08, [most, most, most], []), l, is: .dimensions([Int(most), Int(most), Int(most)]))
      // A header that lies about 4 billion images is refused by the length of the file, before anything is read.
      try check(
        idx(0x08, [most, 28], [1, 2, 3]), idx(0x08, [most], []),
        is: .truncated(expected: 12 + Int(most) * 28, got: 12))
    }
  }

  @Test("Every truncation and every damaged byte of a compressed file is noticed or harmless")
  func compression() throws {
    try withFolder { folder in
      let (images, labels) = (folder.appendingPathComponent("i"), folder.appendingPathComponent("l"))
      var pixels = idx(0x08, [50, 10, 10], [])
      var generator = PCG64(seed: 4)
      for _ in 0..<5000 { pixels.append(UInt8(truncatingIfNeeded: generator.next() & 15)) }
      try write(pixels, to: images, compressed: true)
      try write(idx(0x08, [50], [UInt8](repeating: 1, count: 50)), to: labels)
      let whole = try load("idx:\(images.path),\(labels.path)")
      let file = [UInt8](try Data(contentsOf: images))
      for count in stride(from: 3, to: file.count, by: 7) {
        try write(Array(file[..<count]), to: images)
        #expect(throws: DatasetFileError.self, "\(count) bytes") {
          _ = try load("idx:\(images.path),\(labels.path)")
        }
      }
      var noticed = 0
      for i in stride(from: 10, to: file.count, by: 11) {
        var bad = file
        bad[i] ^= 0x20
        try write(bad, to: images)
        do {
          #expect(try load("idx:\(images.path),\(labels.path)") == whole)
        } catch {
          #expect(error is DatasetFileError)
          noticed += 1
        }
      }
      #expect(noticed > 200)
    }
  }

  @Test("A missing file and a missing argument are named")
  func missing() throws {
    #expect {
      _ = try load("idx:/nonexistent/a,/nonexistent/b")
    } throws: { "\($0)" == "cannot use '/nonexistent/a': No such file or directory" }
    #expect(throws: PluginError.self) { _ = try load("idx") }
    #expect(throws: PluginError.self) { _ = try load("idx:a,b,n=0") }
    #expect(throws: PluginError.self) { _ = try load("idx:a,b,c") }
  }
}
