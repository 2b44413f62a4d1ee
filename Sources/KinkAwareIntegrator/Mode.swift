import CKinkFlow
import ODECore

/// Where an equivalent control leaves its range: when, at which kink, to which side.
struct Release {
  var when = CKINK_FAR
  var kink = -1
  var isHigh = false
}

/// The sides of all kinks on which a neuron is: 1, -1, or 0 where it is held. Owned by a ``Mode`` or scratch memory.
struct Pattern: Hashable {
  let sides: UnsafePointer<Int8>
  let count: Int
  /// Held at `w = 0`.
  var isStuck = false

  static func == (a: Pattern, b: Pattern) -> Bool {
    a.isStuck == b.isStuck && (0..<a.count).allSatisfy { a.sides[$0] == b.sides[$0] }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(bytes: UnsafeRawBufferPointer(start: sides, count: count))
  }
}

/// All neurons on the same sides of all kinks, held by the same ones: they share `b(t)`, hence one propagator.
final class Mode {
  var index: Int
  let pattern: Pattern
  /// The kinks held on.
  let held: UnsafeBufferPointer<Int>
  /// `b = -(kappa/n) sum_i e_i (slope_i x_i, offset_i) - (kappa/n) sum_a z_a row_a`; n values each.
  let slopes: UnsafeMutablePointer<Double>
  let offsets: UnsafeMutablePointer<Double>
  /// held x n, `z = Z e`: the equivalent control times jump and residual.
  let Z: UnsafeMutablePointer<Double>
  /// Kinks through which a neuron can leave, and their rows (walls x D) times their sides.
  let walls: UnsafeBufferPointer<Int>
  let wallRows: UnsafeMutablePointer<Double>

  var neurons: Neurons
  /// `sum theta theta^T`, q x q; kept up to date if ``isShared``.
  let moments: Scratch
  var momentsAreStale = true

  // ---- Along the path whose number is in the stamp.
  var pathStamp = -1
  var eventStamp = -1
  var seriesStamp = -1
  var touchStamp = -1
  /// `H b(t)`: stages x D.
  let b: UnsafeMutablePointer<Double>
  /// `z(t)`: held x stages.
  let z: UnsafeMutablePointer<Double>
  /// `b = 0`: nothing moves.
  var isStill = false
  /// The propagator has too many terms.
  var isTooFar = false
  var release = Release()
  var path: ckink_path
  let turnTime: UnsafeMutablePointer<Double>
  let turnWall: UnsafeMutablePointer<Int32>
  /// The propagator's coefficients and its values at the nodes.
  let series: Scratch
  let atNodes: Scratch
  var terms = 0
  /// What ``KinkFlow/detect()`` looks at.
  let rows: Scratch
  var rowCount = 0
  /// Sums over neurons of `alpha W` at the nodes, stages x D, as if undisturbed; and what events add.
  let sums: UnsafeMutablePointer<Double>
  let corrections: UnsafeMutablePointer<Double>
  /// Two modes for each kink: the far side and held there; or, of a held one, the low and the high side. -1: not known.
  let next: UnsafeMutablePointer<Int32>

  private let doubles: UnsafeMutablePointer<Double>

  /// ``KinkFlow`` fills in slopes, offsets and Z.
  init(
    index: Int, pattern: Pattern, _ p: KinkProblem, nodes: StateVector, walls: [Int], held: [Int]
  ) {
    self.index = index
    self.walls = copy(walls)
    self.held = copy(held)
    let sides = UnsafeMutablePointer<Int8>.allocate(capacity: max(pattern.count, 1))
    sides.update(from: pattern.sides, count: pattern.count)
    self.pattern = Pattern(sides: sides, count: pattern.count, isStuck: pattern.isStuck)
    let (n, D, q, s) = (p.n, p.D, p.q, nodes.count)
    neurons = Neurons(rows: q)
    moments = Scratch(q * q)
    series = Scratch(Int(CKINK_MAX_TERMS) * q * q + 1)
    atNodes = Scratch(s * q * q)
    rows = Scratch(walls.count * s * q)
    let parts = [
      n, D > p.d ? n : 0, held.count * n, walls.count * D, s * D, held.count * s, walls.count * (s - 1),
      s * D, s * D,
    ]
    let length = parts.reduce(1, +)
    doubles = .allocate(capacity: length)
    doubles.initialize(repeating: 0, count: length)
    var place = doubles
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { place += count }
      return place
    }
    slopes = take(parts[0])
    offsets = take(parts[1])
    Z = take(parts[2])
    wallRows = take(parts[3])
    b = take(parts[4])
    z = take(parts[5])
    turnTime = take(parts[6])
    sums = take(parts[7])
    corrections = take(parts[8])
    turnWall = .allocate(capacity: walls.count * (s - 1) + 1)
    next = .allocate(capacity: 2 * p.kinkCount + 1)
    next.initialize(repeating: -1, count: 2 * p.kinkCount + 1)
    path = ckink_path(
      d: Int32(p.d), D: Int32(D), stages: Int32(s), nodes: nodes.pointer, b: b, walls: wallRows,
      wall_count: Int32(walls.count), turn_time: turnTime, turn_wall: turnWall, turn_count: 0,
      ends_at_sign_change: false)
    for (w, kink) in walls.enumerated() {
      add(Double(side(kink)), p.row(kink), D, to: wallRows + w * D)
    }
  }

  deinit {
    doubles.deallocate()
    turnWall.deallocate()
    walls.deallocate()
    held.deallocate()
    next.deallocate()
    UnsafeMutablePointer(mutating: pattern.sides).deallocate()
    neurons.deallocate()
  }

  /// ``path`` without events.
  var endlessPath: ckink_path {
    var path = path
    path.wall_count = 0
    path.turn_count = 0
    path.ends_at_sign_change = false
    return path
  }

  /// 1 or -1; 0 where neurons are held.
  func side(_ kink: Int) -> Int8 { pattern.sides[kink] }
}

/// Memory that the caller frees: read in inner loops without reference counting.
func copy<T>(_ values: [T]) -> UnsafeBufferPointer<T> {
  let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: values.count)
  _ = memory.initialize(from: values)
  return UnsafeBufferPointer(memory)
}
