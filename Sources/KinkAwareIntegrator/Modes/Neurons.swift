/// Neurons of one mode: `theta = (alpha, W)` in rows of stride ``ld``, and which neuron of the network each is.
struct Neurons {
  let rows: Int
  private(set) var count = 0
  private(set) var ld = 0
  private(set) var theta: UnsafeMutablePointer<Double>
  private(set) var id: UnsafeMutablePointer<Int32>

  init(rows: Int) {
    self.rows = rows
    theta = .allocate(capacity: 1)
    id = .allocate(capacity: 1)
  }

  func deallocate() {
    theta.deallocate()
    id.deallocate()
  }

  mutating func reserve(_ capacity: Int) {
    guard capacity > ld else { return }
    // A multiple of eight, and growth by half: the number of copies stays in proportion to that of neurons.
    let length = (max(capacity, ld + ld / 2, 8) + 7) & ~7
    let newTheta = UnsafeMutablePointer<Double>.allocate(capacity: length * rows)
    for c in 0..<rows { (newTheta + c * length).update(from: theta + c * ld, count: count) }
    let newID = UnsafeMutablePointer<Int32>.allocate(capacity: length)
    newID.update(from: id, count: count)
    deallocate()
    (theta, id, ld) = (newTheta, newID, length)
  }

  /// `values` has `rows` elements, `stride` apart.
  mutating func append(_ values: UnsafePointer<Double>, stride: Int = 1, id number: Int32) {
    if count == ld { reserve(count + 1) }
    for c in 0..<rows { theta[c * ld + count] = values[c * stride] }
    id[count] = number
    count += 1
  }

  func read(_ slot: Int, into values: UnsafeMutablePointer<Double>, stride: Int = 1) {
    for c in 0..<rows { values[c * stride] = theta[c * ld + slot] }
  }

  func write(_ values: UnsafePointer<Double>, to slot: Int, stride: Int = 1) {
    for c in 0..<rows { theta[c * ld + slot] = values[c * stride] }
  }

  /// The last neuron takes the free place.
  mutating func remove(_ slot: Int) {
    count -= 1
    for c in 0..<rows { theta[c * ld + slot] = theta[c * ld + count] }
    id[slot] = id[count]
  }
}

/// Memory for doubles, uninitialised, taken when first asked for.
final class Scratch {
  private let count: Int
  private var memory: UnsafeMutablePointer<Double>?

  init(_ count: Int) { self.count = count }

  var pointer: UnsafeMutablePointer<Double> {
    if let memory { return memory }
    let taken = UnsafeMutablePointer<Double>.allocate(capacity: max(count, 1))
    memory = taken
    return taken
  }

  deinit { memory?.deallocate() }
}
