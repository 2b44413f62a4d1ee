/// A vector of doubles at a stable, 64-byte aligned address, freed with its owner.
///
/// Integrators keep their stages in these: no reference counting or uniqueness checks inside loops,
/// and C code may hold the address.
public final class StateVector {
  /// The number of elements.
  public let count: Int
  /// The first element's address, the same for the vector's whole life.
  public let pointer: UnsafeMutablePointer<Double>

  /// `count` zeros.
  public init(count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Double>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Double.self, capacity: count)
    pointer.initialize(repeating: 0, count: count)
  }

  /// A copy of `values`.
  public convenience init(_ values: [Double]) {
    self.init(count: values.count)
    for (i, value) in values.enumerated() { pointer[i] = value }
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// A copy of the elements.
  public var array: [Double] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Reads the elements.
  @inlinable
  public func withSpan<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    let buffer = UnsafeBufferPointer(start: pointer, count: count)
    return try body(buffer.span)
  }

  /// Writes the elements.
  @inlinable
  public func withMutableSpan<R>(_ body: (inout MutableSpan<Double>) throws -> R) rethrows -> R {
    let buffer = UnsafeMutableBufferPointer(start: pointer, count: count)
    var span = buffer.mutableSpan
    return try body(&span)
  }

  /// The index of the first element that is NaN or infinite.
  public var firstNonFinite: Int? { UnsafeBufferPointer(start: pointer, count: count).firstNonFinite }
}
