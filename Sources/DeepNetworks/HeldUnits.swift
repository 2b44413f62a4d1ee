/// Which hidden units are held at the kinks of which samples: there both sides of the kink lead to it, and the unit slides along it with the slope
/// between both for which it stays (Filippov's solution).
final class HeldUnits {
  /// For each hidden layer, and each unit, a bit for each sample.
  var masks: [[UInt16]]
  /// The number of bits in each layer.
  var counts: [Int]

  /// - Parameter widths: of the hidden layers.
  init(_ widths: [Int]) {
    masks = widths.map { [UInt16](repeating: 0, count: $0) }
    counts = widths.map { _ in 0 }
  }

  /// No unit is held.
  func clear() {
    for l in masks.indices where counts[l] > 0 {
      masks[l].withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
      counts[l] = 0
    }
  }

  /// Counts the bits.
  func count() {
    for l in masks.indices { counts[l] = masks[l].reduce(0) { $0 + $1.nonzeroBitCount } }
  }
}

extension DeepEvaluation {
  /// What steps that follow units know of a state beyond the state: their arguments and slopes, and which are held.
  var memory: [Double] {
    guard let kinks else { return [] }
    return (0..<depth).flatMap { l in
      arguments[l]!.array + slopes[l].array + kinks.masks[l].map(Double.init)
    }
  }

  /// Takes ``memory`` back; returns false if it is of another network.
  func restore(_ memory: [Double]) -> Bool {
    guard let kinks, memory.count == self.memory.count else { return false }
    var at = 0
    for l in 0..<depth {
      for target in [arguments[l]!, slopes[l]] {
        for i in 0..<target.count { target.pointer[i] = memory[at + i] }
        at += target.count
      }
      for k in kinks.masks[l].indices {
        guard let mask = UInt16(exactly: memory[at + k]), Int(mask) >> n == 0 else { return false }
        kinks.masks[l][k] = mask
      }
      at += kinks.masks[l].count
      if network.activations[l].slopes != nil {
        for i in 0..<values[l].count {
          values[l].pointer[i] = slopes[l].pointer[i] * arguments[l]!.pointer[i]
        }
      } else {
        activate(l, arguments[l]!.pointer)
      }
    }
    kinks.count()
    hasUnitSignals = false
    return true
  }
}
