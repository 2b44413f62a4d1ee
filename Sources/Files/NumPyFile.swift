import Foundation
import UntrustedNumbers

/// An array in NumPy's `.npy` format (NumPy Enhancement Proposal 1).
///
/// Read: versions 1.0, 2.0 and 3.0; little-endian `float64` and `float32`; C and Fortran order.
/// Written: version 1.0, `float64`, C order.
public struct NumPyFile: Equatable, Sendable {
  /// Lengths of the axes; empty for a single number.
  public let shape: [Int]
  /// The elements, last axis fastest (C order), whatever the order in the file.
  public let values: [Double]

  /// `values` must have as many elements as `shape` says.
  public init(shape: [Int], values: [Double]) {
    precondition(shape.allSatisfy { $0 >= 0 } && values.count == shape.reduce(1, *))
    self.shape = shape
    self.values = values
  }

  /// - Throws: ``NumPyFileError``.
  public init(contentsOf url: URL) throws {
    let data: Data
    do { data = try AtomicFile.read(url) } catch let error as AtomicFileError {
      throw NumPyFileError(path: url.path, problem: .unreadable(error.reason))
    }
    do { try self.init(data: data) } catch let problem as NumPyFileError.Problem {
      throw NumPyFileError(path: url.path, problem: problem)
    }
  }

  /// - Throws: ``NumPyFileError/Problem``.
  public init(data: Data) throws {
    let header = try NumPyHeader(data: data)
    let shape = header.shape
    guard let count = UntrustedNumber.product(shape),
      let bytes = UntrustedNumber.product(shape + [header.elementSize])
    else { throw NumPyFileError.Problem.header("the shape \(shape) is too large") }
    guard data.count - header.length >= bytes else {
      throw NumPyFileError.Problem.truncated(expected: header.length + bytes, got: data.count)
    }
    guard data.count - header.length == bytes else {
      throw NumPyFileError.Problem.trailing(expected: header.length + bytes, got: data.count)
    }
    let stored: [Double] = data.withUnsafeBytes { raw in
      let body = UnsafeRawBufferPointer(rebasing: raw.dropFirst(header.length))
      return header.elementSize == 8
        ? (0..<count).map {
          Double(
            bitPattern: UInt64(littleEndian: body.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)))
        }
        : (0..<count).map {
          Double(
            Float(
              bitPattern: UInt32(
                littleEndian: body.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))))
        }
    }
    self.init(shape: shape, values: header.isFortranOrder ? fromFortranOrder(stored, shape) : stored)
  }

  /// The whole file.
  public var data: Data {
    let lengths = shape.map(String.init).joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(lengths),)" : "(\(lengths))"
    var header = "{'descr': '<f8', 'fortran_order': False, 'shape': \(tuple), }"
    // The elements begin at a multiple of 64 bytes; magic, version and length take 10, the end of line 1.
    header += String(repeating: " ", count: (64 - (header.utf8.count + 11) % 64) % 64) + "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data.append(contentsOf: [UInt8(header.utf8.count & 0xff), UInt8(header.utf8.count >> 8)])
    data.append(Data(header.utf8))
    // A closure, since a key path is looked up for every element.
    values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { data.append(contentsOf: $0) }
    return data
  }

  /// Writes the file, wholly or not at all.
  ///
  /// - Throws: ``AtomicFileError``.
  public func write(to url: URL) throws { try AtomicFile.write(data, to: url) }
}

/// Elements stored first axis fastest, in the order last axis fastest.
private func fromFortranOrder(_ stored: [Double], _ shape: [Int]) -> [Double] {
  var values = [Double](repeating: 0, count: stored.count)
  var index = [Int](repeating: 0, count: shape.count)
  for element in stored {
    var offset = 0
    for (i, length) in zip(index, shape) { offset = offset * length + i }
    values[offset] = element
    for axis in index.indices {
      index[axis] += 1
      if index[axis] < shape[axis] { break }
      index[axis] = 0
    }
  }
  return values
}
