import ODECore

/// The vector operations of Krylov methods and of linear combinations of stages.
enum Vectors {
  static func norm(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    var sum = 0.0
    for i in 0..<count { sum += x[i] * x[i] }
    return sum.squareRoot()
  }

  static func norm(_ x: StateVector) -> Double { norm(x.pointer, x.count) }

  /// `|a - b|_2`.
  static func distance(_ a: StateVector, _ b: StateVector) -> Double {
    var sum = 0.0
    for i in 0..<a.count {
      let difference = a.pointer[i] - b.pointer[i]
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  /// Eight elements from `i` on, zeros in place of those from `end` on: Swift keeps the order of additions, so that plain sums are
  /// not vectorised.
  @inline(__always)
  static func eight(_ x: StateVector, _ i: Int, end: Int) -> SIMD8<Double> {
    if i + 8 <= end {
      return UnsafeRawPointer(x.pointer + i).loadUnaligned(as: SIMD8<Double>.self)
    }
    var result = SIMD8<Double>.zero
    for lane in 0..<(end - i) { result[lane] = x.pointer[i + lane] }
    return result
  }

  static func dot(_ x: StateVector, _ y: StateVector) -> Double {
    let (a, b) = (x.pointer, y.pointer)
    var sum = 0.0
    for i in 0..<x.count { sum += a[i] * b[i] }
    return sum
  }

  /// `y += c x`.
  static func add(_ c: Double, _ x: UnsafePointer<Double>, to y: StateVector) {
    let target = y.pointer
    for i in 0..<y.count { target[i] += c * x[i] }
  }

  static func add(_ c: Double, _ x: StateVector, to y: StateVector) { add(c, x.pointer, to: y) }

  static func isZero(_ x: StateVector) -> Bool { (0..<x.count).allSatisfy { x.pointer[$0] == 0 } }
}
