/// A number that nobody vouches for: from a file, a command line, a plug-in, or calculated from such.
///
/// `Int(x)` ends the program if `x` is not finite or too large. This module is the one place where such numbers become
/// whole ones: by ``whole(in:)`` where a wrong one is somebody's mistake, by `Int(saturating:)` where it is only shown,
/// or bounded anyway. A test keeps `Int(` of a `Double` out of the other modules.
public struct UntrustedNumber: Sendable {
  /// For the message.
  public let name: String
  /// As it was read.
  public let value: Double

  /// A number under the name that messages call it.
  public init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }

  /// The same as a whole number.
  ///
  /// - Throws: ``UntrustedNumberError`` if it is none, or none in `range`.
  public func whole(in range: ClosedRange<Int>) throws -> Int {
    guard let whole = Int(exactly: value), range.contains(whole) else {
      throw UntrustedNumberError(
        description:
          "\(name) is \(value); it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  /// A product of sizes; `nil` if it is beyond `Int`, or a size is negative.
  public static func product(_ sizes: some Sequence<Int>) -> Int? {
    var product = 1
    var isEmpty = false
    for size in sizes {
      guard size >= 0 else { return nil }
      if size == 0 {
        isEmpty = true
      } else {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        if overflow { return nil }
        product = next
      }
    }
    return isEmpty ? 0 : product
  }
}

/// A number that cannot be what it should be.
public struct UntrustedNumberError: Error, Equatable, CustomStringConvertible {
  /// What it is and what it must be.
  public let description: String
}

extension FixedWidthInteger {
  /// `x` without its fraction, as `Int(x)` has it, but for a number beyond the type its nearest end, and 0 for one that is
  /// not a number.
  public init(saturating x: Double) {
    if let whole = Self(exactly: x.rounded(.towardZero)) {
      self = whole
    } else {
      self = x.isNaN ? 0 : x < 0 ? .min : .max
    }
  }
}
