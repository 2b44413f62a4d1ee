import CKinkFlow

/// The way of neurons through their events: in waves, each of which takes all of them to their next event.
extension KinkFlow {
  /// Neurons of one mode that one thread follows.
  private struct Block {
    let mode: Mode
    let start: Int
    let count: Int
  }

  /// Follows everyone in ``trace`` to the end of the step: leaves the places they end in, and in the modes' `corrections`
  /// their true minus their undisturbed shares. False if a series has too many terms or kinks are dependent.
  func traceAll() -> Bool {
    eventCounters = Counters()
    touched.removeAll(keepingCapacity: true)
    counters.traces += trace.count
    trace.start(modes)
    return followWaves(until: 1, sums: true)
  }

  /// No neuron was ever seen to need so many; the limit keeps an inconsistent corner from hanging.
  private static let mostEvents = 60

  func followWaves(until: Double, sums: Bool) -> Bool {
    for wave in 0... {
      if trace.live == 0 { return true }
      let blocks = cutBlocks()
      let size = s * p.D
      let parts = UnsafeMutablePointer<Double>.allocate(capacity: blocks.count * size)
      parts.initialize(repeating: 0, count: blocks.count * size)
      defer { parts.deallocate() }
      let sum = !sums ? CKINK_SUM_NOTHING : wave == 0 ? CKINK_SUM_ABSENT : CKINK_SUM_PRESENT
      // A neuron on the move costs about as much as a hundred at rest.
      team.forEach(blocks.count, work: 100 * trace.live) { k, thread in
        follow(blocks[k], until, sum, parts + k * size, thread, isLast: wave >= Self.mostEvents)
      }
      if (0..<blocks.count).contains(where: { parts[$0 * size].isNaN }) {
        isTooFar = true
        return false
      }
      if sums {
        for (k, block) in blocks.enumerated() {
          touch(block.mode)
          add(1, parts + k * size, size, to: block.mode.corrections)
        }
      }
      if wave == Self.mostEvents { eventCounters.unresolved += trace.live }
      if wave == 0, sums { trace.dropUndisturbed() }
      guard decideRest() else { return false }
      trace.regroup(modeCount: modes.count)
    }
    return true
  }

  private func touch(_ mode: Mode) {
    guard mode.touchStamp != stamp else { return }
    mode.touchStamp = stamp
    for k in 0..<s * p.D { mode.corrections[k] = 0 }
    touched.append(mode)
  }

  private func cutBlocks() -> [Block] {
    var blocks: [Block] = []
    var start = 0
    while start < trace.live {
      let place = trace.items[Int(trace.order[start])].place
      var end = start + 1
      while end < trace.live, end - start < 64, trace.items[Int(trace.order[end])].place == place { end += 1 }
      let mode = modes[Int(place)]
      prepareEvents(mode)
      blocks.append(Block(mode: mode, start: start, count: end - start))
      start = end
    }
    return blocks
  }

  private func follow(
    _ block: Block, _ until: Double, _ sum: ckink_sum, _ sums: UnsafeMutablePointer<Double>, _ thread: Int,
    isLast: Bool
  ) {
    let (q, lanes) = (p.q, Int(CKINK_LANES))
    let (theta, scratch) = batchMemory(thread)
    let (items, mode) = (trace.items, block.mode)
    var path = isLast ? mode.endlessPath : mode.path
    var batch = ckink_batch()
    for start in stride(from: block.start, to: block.start + block.count, by: lanes) {
      let count = min(lanes, block.start + block.count - start)
      batch.count = Int32(count)
      let members = trace.order + start
      for l in 0..<count {
        let k = Int(members[l])
        setLane(&batch.from, l, items[k].time)
        setLane(&batch.release, l, isLast ? CKINK_FAR : items[k].release.when)
        for c in 0..<q { theta[c * lanes + l] = trace.theta[k * q + c] }
      }
      if !ckink_follow(&path, &batch, until, theta, sum, sums, scratch) {
        sums[0] = .nan
        return
      }
      for l in 0..<count {
        let k = Int(members[l])
        let x = trace.theta + k * q
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
      project(x, onto: mode)
      return
    }
    item.pointee.time = when
    item.pointee.event = which
    item.pointee.next = decide(mode, item.pointee, x)
  }

  /// Decides for those for whom it takes more than a look at known modes, and moves everyone on to the next mode.
  private func decideRest() -> Bool {
    for position in 0..<trace.live {
      let k = Int(trace.order[position])
      let item = trace.items + k
      if item.pointee.next == Traced.arrived { continue }
      let (x, place) = (trace.theta + k * p.q, Int(item.pointee.place))
      let isResolved = table[place]._withUnsafeGuaranteedRef { from in
        // Modes may have been made, or prepared, since.
        if item.pointee.next == Traced.undecided { item.pointee.next = decide(from, item.pointee, x) }
        if item.pointee.next != Traced.undecided {
          count(from, item.pointee)
          return true
        }
        guard let to = resolve(from, item.pointee, x) else { return false }
        project(x, onto: to)
        item.pointee.next = Int32(to.index)
        return true
      }
      if !isResolved {
        isSingular = true
        return false
      }
      enter(item)
    }
    return true
  }

  private func enter(_ item: UnsafeMutablePointer<Traced>) {
    let (time, place) = (item.pointee.time, item.pointee.next)
    item.pointee.place = place
    item.pointee.next = time >= 1 ? Traced.arrived : Traced.undecided
    if time >= 1 { return }
    table[Int(place)]._withUnsafeGuaranteedRef { to in
      prepareEvents(to)
      item.pointee.release = to.release.when < time ? release(of: to, after: time) : to.release
    }
  }

  /// Counts an event that was decided in ``decide(_:_:_:)``.
  private func count(_ mode: Mode, _ item: Traced) {
    if item.event == Traced.isReleased {
      eventCounters.releases += 1
    } else if mode.next[2 * mode.walls[Int(item.event)]] == item.next {
      eventCounters.crossings += 1
    } else {
      eventCounters.captures += 1
    }
  }
}

/// Element `l` of one of a batch's arrays, which Swift sees as tuples.
@inline(__always)
func lane<Lanes, T>(_ lanes: inout Lanes, _ l: Int) -> T {
  withUnsafeBytes(of: &lanes) { $0.load(fromByteOffset: l * MemoryLayout<T>.stride, as: T.self) }
}

@inline(__always)
func setLane<Lanes, T>(_ lanes: inout Lanes, _ l: Int, _ value: T) {
  withUnsafeMutableBytes(of: &lanes) {
    $0.storeBytes(of: value, toByteOffset: l * MemoryLayout<T>.stride, as: T.self)
  }
}
