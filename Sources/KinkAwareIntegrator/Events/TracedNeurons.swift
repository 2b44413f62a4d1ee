import CKinkFlow

/// A neuron that meets events in a step, on its way through it.
struct Traced {
  /// The numbers of the mode it comes from and of the one it is in.
  var from: Int32
  var place: Int32
  var slot: Int32
  var id: Int32
  /// What it has met: a wall of its mode, `CKINK_RELEASE`, `CKINK_SIGN_CHANGE`, or nothing any more.
  var event = Int32(CKINK_NO_EVENT)
  /// Where it goes from there, if that has been decided.
  var next = Traced.undecided
  /// Whether it has been at `w = 0`.
  var metOrigin = false
  /// When it came where it is.
  var time = 0.0
  /// When its mode lets it go.
  var release = Release()

  static let isReleased = Int32(CKINK_RELEASE)
  static let changesSign = Int32(CKINK_SIGN_CHANGE)

  static let undecided: Int32 = -1
  static let arrived: Int32 = -2
}

/// All neurons that meet events in a step. Memory is kept from step to step; threads write to it.
final class TracedNeurons {
  private(set) var count = 0
  private var capacity = 0
  private let q: Int
  private(set) var items: UnsafeMutablePointer<Traced>
  /// The neurons at the start of the step and where they are, q numbers each.
  private(set) var before: UnsafeMutablePointer<Double>
  private(set) var theta: UnsafeMutablePointer<Double>
  /// Which are still on their way, grouped by mode.
  private(set) var order: UnsafeMutablePointer<Int32>
  private var otherOrder: UnsafeMutablePointer<Int32>
  private(set) var live = 0

  init(q: Int) {
    self.q = q
    items = .allocate(capacity: 1)
    before = .allocate(capacity: q)
    theta = .allocate(capacity: q)
    order = .allocate(capacity: 1)
    otherOrder = .allocate(capacity: 1)
  }

  deinit { deallocate() }

  private func deallocate() {
    items.deallocate()
    before.deallocate()
    theta.deallocate()
    order.deallocate()
    otherOrder.deallocate()
  }

  func clear() { count = 0 }

  func append(_ mode: Mode, _ slot: Int) {
    if count == capacity {
      let length = max(64, 2 * capacity)
      let moved = UnsafeMutablePointer<Traced>.allocate(capacity: length)
      moved.update(from: items, count: count)
      deallocate()
      items = moved
      before = .allocate(capacity: length * q)
      theta = .allocate(capacity: length * q)
      order = .allocate(capacity: length)
      otherOrder = .allocate(capacity: length)
      capacity = length
    }
    items[count] = Traced(
      from: Int32(mode.index), place: Int32(mode.index), slot: Int32(slot), id: mode.neurons.id[slot],
      release: mode.events.release)
    count += 1
  }

  /// Everyone at the start of the step, as in their modes.
  func start(_ modes: ModeTable) {
    live = count
    for k in 0..<count {
      order[k] = Int32(k)
      modes[Int(items[k].from)].neurons.read(Int(items[k].slot), into: theta + k * q)
    }
  }

  /// Everyone at the start of the last step.
  func startAgain(_ modes: ModeTable) {
    live = count
    theta.update(from: before, count: count * q)
    for k in 0..<count {
      order[k] = Int32(k)
      items[k].place = items[k].from
      items[k].time = 0
      items[k].release = modes[Int(items[k].from)].events.release
    }
  }

  func remember(_ modes: ModeTable) {
    for k in 0..<count { modes[Int(items[k].from)].neurons.read(Int(items[k].slot), into: before + k * q) }
  }

  /// Forgets those that have met nothing at all, after their first stretch.
  func dropUndisturbed() {
    var kept = 0
    for k in 0..<count where items[k].next != Traced.arrived {
      items[kept] = items[k]
      (theta + kept * q).update(from: theta + k * q, count: q)
      order[kept] = Int32(kept)
      kept += 1
    }
    count = kept
    live = kept
  }

  /// Those on their way once more in groups of one mode, in order within each.
  func regroup(modeCount: Int) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: modeCount + 1) { start in
      start.initialize(repeating: 0)
      for k in 0..<live where items[Int(order[k])].next != Traced.arrived {
        start[Int(items[Int(order[k])].place) + 1] += 1
      }
      for mode in 0..<modeCount { start[mode + 1] += start[mode] }
      let remaining = Int(start[modeCount])
      for k in 0..<live where items[Int(order[k])].next != Traced.arrived {
        let place = Int(items[Int(order[k])].place)
        otherOrder[Int(start[place])] = order[k]
        start[place] += 1
      }
      live = remaining
    }
    swap(&order, &otherOrder)
  }
}
