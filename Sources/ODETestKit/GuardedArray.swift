import Foundation

/// Numbers that end right before a page that nobody may touch, and begin after a strip of known values: code that
/// reads or writes beyond the end is stopped by the processor, and what it writes before the beginning is found.
public final class GuardedArray {
  /// Elements between the guards.
  public let count: Int
  /// The first element's address.
  public let pointer: UnsafeMutablePointer<Double>
  private let base: UnsafeMutableRawPointer
  private let length: Int
  private let page = Int(getpagesize())
  private static let canary = 0x7ff4_dead_beef_0001 as UInt64

  /// - Precondition: `values` is not empty.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty)
    count = values.count
    let bytes = count * MemoryLayout<Double>.stride
    length = (bytes + page - 1) / page * page + page
    base = mmap(nil, length + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    precondition(base != MAP_FAILED, "no memory for a guarded array")
    let end = base + length
    let strip = base.bindMemory(to: UInt64.self, capacity: (length - bytes) / 8)
    for i in 0..<(length - bytes) / 8 { strip[i] = Self.canary }
    pointer = (end - bytes).bindMemory(to: Double.self, capacity: count)
    pointer.initialize(from: values, count: count)
    mprotect(end, page, PROT_NONE)
  }

  deinit { munmap(base, length + page) }

  /// From now on writing to it stops the process.
  public func makeReadOnly() { mprotect(base, length, PROT_READ) }

  /// Whether nothing was written before the beginning.
  public var isIntact: Bool {
    let strip = UnsafeRawPointer(base).assumingMemoryBound(to: UInt64.self)
    return (0..<(length - count * 8) / 8).allSatisfy { strip[$0] == Self.canary }
  }

  /// A copy of the elements.
  public var values: [Double] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  /// To read; not beyond the array's life.
  public var span: UnsafeBufferPointer<Double> { UnsafeBufferPointer(start: pointer, count: count) }
  /// To write; not beyond the array's life.
  public var mutableSpan: UnsafeMutableBufferPointer<Double> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
