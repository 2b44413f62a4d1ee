import CKinkFlow

/// Follows neurons through their events along a residual path: in waves, each of which takes all of them to their next
/// event.
///
/// In: the path, and the modes with their neurons at the start of the step. Out: ``neurons``, with the places they end in;
/// ``disturbed``, modes with the corrections that events make to their sums; ``counts``.
final class EventTracer {
  let problem: KinkProblem
  let modes: ModeTable
  let path: ResidualPath
  let pool: ThreadPool
  /// Those with events in the step.
  let neurons: TracedNeurons
  /// Modes that neurons are in on their way: their `corrections` hold true minus undisturbed shares of the sums.
  private(set) var disturbed: [Mode] = []
  /// The number of the path for which a mode, by its number, is in ``disturbed``.
  private var disturbedBy: [Int] = []
  /// Of the events along the path.
  var counts = EventCounts()
  /// Neurons followed so far, repetitions included.
  private(set) var followed = 0

  init(_ problem: KinkProblem, _ modes: ModeTable, _ path: ResidualPath, _ pool: ThreadPool) {
    self.problem = problem
    self.modes = modes
    self.path = path
    self.pool = pool
    neurons = TracedNeurons(q: problem.q)
  }

  /// Forgets all events.
  func clear() {
    neurons.clear()
    counts = EventCounts()
  }

  /// Finds neurons with events along the path and follows them to the end of the step.
  ///
  /// - Throws: ``StepFailure/seriesTooLong``, ``StepFailure/dependentKinks``.
  func run() throws(StepFailure) {
    try detect()
    counts = EventCounts()
    disturbed.removeAll(keepingCapacity: true)
    followed += neurons.count
    neurons.start(modes)
    try followWaves(until: 1, sums: true)
  }

  /// Follows the same neurons once more, from where ``TracedNeurons/remember(_:)`` found them to `u`.
  func runAgain(until u: Double) throws(StepFailure) {
    neurons.startAgain(modes)
    try followWaves(until: u, sums: false)
  }

  /// Neurons of one mode that one thread follows.
  private struct Block {
    let mode: Mode
    let start: Int
    let count: Int
  }

  /// No neuron was ever seen to need so many; the limit keeps an inconsistent corner from hanging.
  private static let mostEvents = 60

  private func followWaves(until: Double, sums: Bool) throws(StepFailure) {
    for wave in 0... {
      if neurons.live == 0 { return }
      let blocks = cutBlocks()
      let size = path.s * problem.D
      let parts = UnsafeMutablePointer<Double>.allocate(capacity: blocks.count * size)
      parts.initialize(repeating: 0, count: blocks.count * size)
      defer { parts.deallocate() }
      let sum = !sums ? CKINK_SUM_NOTHING : wave == 0 ? CKINK_SUM_ABSENT : CKINK_SUM_PRESENT
      // A neuron on the move costs about as much as a hundred at rest.
      pool.forEach(blocks.count, work: 100 * neurons.live) { k, thread in
        follow(blocks[k], until, sum, parts + k * size, thread, isLast: wave >= Self.mostEvents)
      }
      if (0..<blocks.count).contains(where: { parts[$0 * size].isNaN }) { throw .seriesTooLong }
      if sums {
        for (k, block) in blocks.enumerated() {
          disturb(block.mode)
          add(1, parts + k * size, size, to: block.mode.motion.corrections)
        }
      }
      if wave == Self.mostEvents { counts.unresolved += neurons.live }
      if wave == 0, sums { neurons.dropUndisturbed() }
      try decideRest()
      neurons.regroup(modeCount: modes.count)
    }
  }

  private func disturb(_ mode: Mode) {
    while disturbedBy.count < modes.count { disturbedBy.append(-1) }
    guard disturbedBy[mode.index] != path.number else { return }
    disturbedBy[mode.index] = path.number
    for k in 0..<path.s * problem.D { mode.motion.corrections[k] = 0 }
    disturbed.append(mode)
  }

  private func cutBlocks() -> [Block] {
    var blocks: [Block] = []
    var start = 0
    while start < neurons.live {
      let place = neurons.items[Int(neurons.order[start])].place
      var end = start + 1
      while end < neurons.live, end - start < 64, neurons.items[Int(neurons.order[end])].place == place {
        end += 1
      }
      let mode = modes[Int(place)]
      mode.prepareEvents(along: path)
      blocks.append(Block(mode: mode, start: start, count: end - start))
      start = end
    }
    return blocks
  }

  /// Follows a block to the next events; `sums[0]` is NaN if a series has too many terms.
  private func follow(
    _ block: Block, _ until: Double, _ sum: ckink_sum, _ sums: UnsafeMutablePointer<Double>, _ thread: Int,
    isLast: Bool
  ) {
    let (q, lanes) = (problem.q, Int(CKINK_LANES))
    let memory = pool.batchMemory(thread, q)
    let theta = memory.theta
    let (items, mode) = (neurons.items, block.mode)
    var course = isLast ? mode.events.endlessCourse : mode.events.course.pointee
    var batch = ckink_batch()
    for start in stride(from: block.start, to: block.start + block.count, by: lanes) {
      let count = min(lanes, block.start + block.count - start)
      batch.count = Int32(count)
      let members = neurons.order + start
      for l in 0..<count {
        let k = Int(members[l])
        setLane(&batch.from, l, items[k].time)
        setLane(&batch.release, l, isLast ? CKINK_FAR : items[k].release.when)
        for c in 0..<q { theta[c * lanes + l] = neurons.theta[k * q + c] }
      }
      if !ckink_follow(&course, &batch, until, theta, sum, sums, memory.scratch) {
        sums[0] = .nan
        return
      }
      for l in 0..<count {
        let k = Int(members[l])
        let x = neurons.theta + k * q
        for c in 0..<q { x[c] = theta[c * lanes + l] }
        arriveAtEvent(mode, items + k, x, lane(&batch.when, l), lane(&batch.which, l), until)
      }
    }
  }

  @inline(__always)
  private func arriveAtEvent(
    _ mode: Mode, _ item: UnsafeMutablePointer<Traced>, _ x: UnsafeMutablePointer<Double>, _ when: Double,
    _ which: Int32, _ until: Double
  ) {
    if when > until || when > 1 {
      item.pointee.next = Traced.arrived
      mode.project(x)
      return
    }
    item.pointee.time = when
    item.pointee.event = which
    item.pointee.next = decide(mode, item.pointee, x)
  }

  /// Decides for those for whom it takes more than a look at known modes, and moves everyone on to the next mode.
  private func decideRest() throws(StepFailure) {
    for position in 0..<neurons.live {
      let k = Int(neurons.order[position])
      let item = neurons.items + k
      if item.pointee.next == Traced.arrived { continue }
      let (x, place) = (neurons.theta + k * problem.q, Int(item.pointee.place))
      let isDecided = modes.with(place) { from in
        // Modes may have been made, or prepared, since.
        if item.pointee.next == Traced.undecided { item.pointee.next = decide(from, item.pointee, x) }
        if item.pointee.next == Traced.undecided { return false }
        count(from, item.pointee)
        return true
      }
      if !isDecided {
        let to = try resolve(modes[place], &item.pointee, x)
        to.project(x)
        item.pointee.next = Int32(to.index)
      }
      enter(item)
    }
  }

  private func enter(_ item: UnsafeMutablePointer<Traced>) {
    let (time, place) = (item.pointee.time, item.pointee.next)
    item.pointee.place = place
    item.pointee.next = time >= 1 ? Traced.arrived : Traced.undecided
    if time >= 1 { return }
    modes.with(Int(place)) { to in
      to.prepareEvents(along: path)
      let release = to.events.release
      item.pointee.release = release.when < time ? to.release(along: path, after: time) : release
    }
  }

  /// Counts an event that was decided in ``decide(_:_:_:)``.
  private func count(_ mode: Mode, _ item: Traced) {
    if item.event == Traced.isReleased {
      counts.releases += 1
    } else if mode.next[2 * mode.walls[Int(item.event)]] == item.next {
      counts.crossings += 1
    } else {
      counts.captures += 1
    }
  }
}
