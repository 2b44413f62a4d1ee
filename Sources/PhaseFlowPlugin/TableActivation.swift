import CPluginABI
import Networks

/// An activation whose functions are C's: blocks go straight to them. Valid as long as `instance` is.
package struct TableActivation: Activation, @unchecked Sendable {  // C functions are not marked Sendable
  package let name: String
  package let homogeneity: Int?
  package let kinks: [Double]
  package let slopes: Slopes?
  private let instance: UnsafeRawPointer?
  private let evaluateBlock:
    @convention(c) (
      UnsafeRawPointer?, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>,
      UnsafeMutablePointer<Double>
    ) -> Void
  private let secondDerivativeBlock:
    @convention(c) (UnsafeRawPointer?, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void

  package typealias ReadSlopes =
    @convention(c) (UnsafeRawPointer?, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  package typealias ReadKinks = @convention(c) (UnsafeRawPointer?, Int, UnsafeMutablePointer<Double>) -> Int

  /// - Parameters:
  ///   - readSlopes: calls the table's `slopes`.
  ///   - readKinks: calls the table's `kinks`.
  /// - Throws: ``TableActivationError`` for kinks out of order and numbers that are not finite; what the readers throw.
  package init(
    _ table: phaseflow_activation, _ instance: UnsafeRawPointer?, name: String,
    readSlopes: ((ReadSlopes, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) throws -> Void)? =
      nil,
    readKinks: ((ReadKinks, Int, UnsafeMutablePointer<Double>) throws -> Int)? = nil
  ) throws {
    self.name = name
    self.instance = instance
    evaluateBlock = table.evaluate
    secondDerivativeBlock = table.second_derivative
    if let read = table.slopes {
      var (negative, positive) = (Double.nan, Double.nan)
      if let readSlopes {
        try readSlopes(read, &negative, &positive)
      } else {
        read(instance, &negative, &positive)
      }
      guard negative.isFinite, positive.isFinite else {
        throw TableActivationError("slopes are \(negative) and \(positive); they must be finite")
      }
      slopes = Slopes(negative: negative, positive: positive)
      kinks = negative == positive ? [] : [0]
      homogeneity = 1
      return
    }
    slopes = nil
    homogeneity = table.homogeneity == 0 ? nil : Int(table.homogeneity)
    kinks =
      try table.kinks.map { read in
        try allKinks { try readKinks?(read, $0, $1) ?? read(instance, $0, $1) }
      } ?? []
    guard kinks.allSatisfy(\.isFinite), zip(kinks, kinks.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw TableActivationError("kinks are \(kinks); they must be finite and ascending")
    }
  }

  package func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    let count = z.count
    precondition(value.count == count && derivative.count == count)
    if count == 0 { return }
    z.withUnsafeBufferPointer { z in
      value.withUnsafeMutableBufferPointer { value in
        derivative.withUnsafeMutableBufferPointer { derivative in
          evaluateBlock(instance, count, z.baseAddress!, value.baseAddress!, derivative.baseAddress!)
        }
      }
    }
  }

  package func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    let count = z.count
    precondition(result.count == count)
    if count == 0 { return }
    z.withUnsafeBufferPointer { z in
      result.withUnsafeMutableBufferPointer { result in
        secondDerivativeBlock(instance, count, z.baseAddress!, result.baseAddress!)
      }
    }
  }
}

/// An activation that contradicts itself.
package struct TableActivationError: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}

private func allKinks(_ read: (Int, UnsafeMutablePointer<Double>) throws -> Int) throws -> [Double] {
  var points: [Double] = []
  var capacity = 8
  repeat {
    points = [Double](repeating: .nan, count: capacity)
    let count = try read(capacity, &points)
    if let reason = implausible("kinks", count) { throw TableActivationError(reason) }
    if count <= capacity { points.removeLast(capacity - count) }
    capacity = count
  } while points.count < capacity
  return points
}

/// Why `count` cannot be the number of `name`: a negative or huge one is a wrong cast or memory never filled in.
package func implausible(_ name: String, _ count: Int) -> String? {
  let most = 10_000
  return (0...most).contains(count)
    ? nil : "\(UInt(bitPattern: count)) \(name) are declared; the most are \(most)"
}
