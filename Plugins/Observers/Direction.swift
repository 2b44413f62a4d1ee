/// An angle in `[-pi, pi)` and the weight there.
struct Direction {
  private(set) var key: UInt64
  var weight: Double

  /// Ascending with the angle.
  init(_ angle: Double, _ weight: Double) {
    // -0 and 0 are one angle.
    let bits = (angle + 0).bitPattern
    key = bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    self.weight = weight
  }

  var angle: Double { Double(bitPattern: key >> 63 == 0 ? ~key : key & ~(1 << 63)) }

  /// Those with weight, by angle, equal ones as they came: a radix sort by bytes, several times faster than one by
  /// comparison for millions of neurons.
  static func sorted(_ angles: [Double], weights: [Double]) -> [Direction] {
    var from: [Direction] = []
    from.reserveCapacity(angles.count)
    for (angle, weight) in zip(angles, weights) where weight > 0 && angle.isFinite {
      from.append(Direction(angle, weight))
    }
    var to = from
    for shift in stride(from: 0, to: 64, by: 8) {
      var places = [Int](repeating: 0, count: 257)
      for direction in from { places[Int(direction.key >> shift & 0xff) + 1] += 1 }
      for byte in 0..<256 { places[byte + 1] += places[byte] }
      for direction in from {
        let byte = Int(direction.key >> shift & 0xff)
        to[places[byte]] = direction
        places[byte] += 1
      }
      swap(&from, &to)
    }
    return from
  }
}
