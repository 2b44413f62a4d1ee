import Foundation
import UntrustedNumbers

/// A file in the IDX format of the MNIST data set (Y. LeCun, "The MNIST database", section "File formats"): two
/// zero bytes, a type, a rank, that many big-endian 32-bit lengths, and the elements, big-endian, last axis
/// fastest. Items are taken along the first axis, and only as many as wanted are decoded.
package struct IDXFile {
  enum ElementType: UInt8 {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case int16 = 0x0B
    case int32 = 0x0C
    case float32 = 0x0D
    case float64 = 0x0E

    var size: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  let path: String
  let elementType: ElementType
  /// As in the header, whatever number of items is read.
  let dimensions: [Int]
  /// Elements of one item.
  let itemLength: Int
  private let reader: GzipReader

  var itemCount: Int { dimensions[0] }

  /// Opens the file and reads its header.
  ///
  /// - Throws: ``DatasetFileError``.
  package init(path: String) throws {
    self.path = path
    reader = try GzipReader(path: path)
    let magic = try reader.read(4)
    guard magic.count == 4, magic[0] == 0, magic[1] == 0, magic[3] > 0 else {
      throw DatasetFileError(path: path, problem: magic.isEmpty ? .empty : .magic(magic))
    }
    guard let type = ElementType(rawValue: magic[2]) else {
      throw DatasetFileError(path: path, problem: .elementType(magic[2]))
    }
    let rank = Int(magic[3])
    let lengths = try reader.read(4 * rank)
    guard lengths.count == 4 * rank else {
      throw DatasetFileError(
        path: path, problem: .truncated(expected: 4 + 4 * rank, got: 4 + lengths.count))
    }
    let dimensions = (0..<rank).map { axis in
      lengths[(4 * axis)..<(4 * axis + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    guard dimensions.dropFirst().allSatisfy({ $0 > 0 }) else {
      throw DatasetFileError(path: path, problem: .dimensions(dimensions))
    }
    guard let bytes = UntrustedNumber.product(dimensions + [type.size]), bytes < 1 << 48 else {
      throw DatasetFileError(path: path, problem: .dimensions(dimensions))
    }
    elementType = type
    self.dimensions = dimensions
    itemLength = dimensions.dropFirst().reduce(1, *)
  }

  /// The first `count` items, each followed by `suffix`. Call it once.
  ///
  /// If these are all items, the end of the file is checked as well, with gzip's checksum.
  ///
  /// - Parameters:
  ///   - divisor: divides every element.
  /// - Throws: ``DatasetFileError``.
  package func items(_ count: Int, divisor: Double = 1, suffix: [Double] = []) throws -> [Double] {
    guard count <= itemCount else {
      throw DatasetFileError(
        path: path, problem: .sampleCount(wanted: count, available: itemCount))
    }
    let itemSize = itemLength * elementType.size
    let header = 4 + 4 * dimensions.count
    // A header that lies must not make us reserve what it says.
    guard count * itemSize <= reader.mostBytes else {
      throw DatasetFileError(
        path: path, problem: .truncated(expected: header + count * itemSize, got: reader.position))
    }
    let perBlock = max(1, (1 << 20) / max(itemSize, 1))
    var block = [UInt8](repeating: 0, count: min(perBlock, count) * itemSize)
    var values: [Double] = []
    var done = 0
    while done < count {
      let now = min(perBlock, count - done)
      let got = try block.withUnsafeMutableBytes {
        try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0.prefix(now * itemSize)))
      }
      guard got == now * itemSize else {
        throw DatasetFileError(
          path: path, problem: .truncated(expected: header + count * itemSize, got: reader.position))
      }
      // Only now: a header that lies must not make us reserve what it says.
      if done == 0 || values.capacity < values.count + now * (itemLength + suffix.count) {
        values.reserveCapacity(min(count, 64 * (done + now)) * (itemLength + suffix.count))
      }
      let rowLength = itemLength + suffix.count
      let start = values.count
      values.append(contentsOf: repeatElement(0, count: now * rowLength))
      values.withUnsafeMutableBufferPointer { values in
        block.withUnsafeBytes { bytes in
          for item in 0..<now {
            let row = UnsafeMutableBufferPointer(
              rebasing: values[(start + item * rowLength)..<(start + (item + 1) * rowLength)])
            decode(bytes, from: item * itemSize, divisor: divisor, into: row)
            for (k, x) in suffix.enumerated() { row[itemLength + k] = x }
          }
        }
      }
      done += now
    }
    if count == itemCount {
      guard try reader.read(1).isEmpty else {
        throw DatasetFileError(path: path, problem: .trailingBytes)
      }
    }
    return values
  }

  /// Decodes one item into the beginning of `row`.
  private func decode(
    _ bytes: UnsafeRawBufferPointer, from start: Int, divisor: Double,
    into row: UnsafeMutableBufferPointer<Double>
  ) {
    func bigEndian<Word: FixedWidthInteger>(_ i: Int, _: Word.Type) -> Word {
      Word(bigEndian: bytes.loadUnaligned(fromByteOffset: start + i * Word.bitWidth / 8, as: Word.self))
    }
    switch elementType {
    case .unsignedByte:
      for i in 0..<itemLength { row[i] = Double(bytes[start + i]) / divisor }
    case .signedByte:
      for i in 0..<itemLength { row[i] = Double(bigEndian(i, Int8.self)) / divisor }
    case .int16:
      for i in 0..<itemLength { row[i] = Double(bigEndian(i, Int16.self)) / divisor }
    case .int32:
      for i in 0..<itemLength { row[i] = Double(bigEndian(i, Int32.self)) / divisor }
    case .float32:
      for i in 0..<itemLength {
        row[i] = Double(Float(bitPattern: bigEndian(i, UInt32.self))) / divisor
      }
    case .float64:
      for i in 0..<itemLength { row[i] = Double(bitPattern: bigEndian(i, UInt64.self)) / divisor }
    }
  }
}
