/// Going on later, bit by bit: what the state alone does not tell. The order of the neurons in their modes decides how
/// sums are rounded, the moments are carried along, and `alpha = kappa' a` does not survive a division by kappa'.
extension KinkFlow {
  // Layout: a header; what made the solution ambiguous; the last path (s n); then of each mode its sides (32 to a number, in base 3), how it rests at w = 0,
  // the number of its neurons, whether its moments are kept (and then they, q^2), and id and alpha of each neuron.
  private static let mark = 20260.12
  private static let sidesPerNumber = 32

  private var header: [Double] {
    [Self.mark, Double(p.q), Double(path.s), Double(p.n), Double(p.kinkCount), Double(p.width)]
  }

  var memory: [Double] {
    let (s, m) = (path.s, p.width)
    var out = header
    out += [lastPath.length, Double(control.hold), Double(control.taken), Double(control.climbs)]
    out += ambiguities.memory
    out.append(Double(modes.count))
    out.reserveCapacity(out.count + s * p.n + 2 * m + modes.count * (p.q * p.q + 3 + p.kinkCount / 32))
    out += UnsafeBufferPointer(start: lastPath.coefficients.pointer, count: s * p.n)
    for mode in modes.modes {
      for start in stride(from: 0, to: p.kinkCount, by: Self.sidesPerNumber) {
        let end = min(start + Self.sidesPerNumber, p.kinkCount)
        out.append((start..<end).reversed().reduce(0) { 3 * $0 + Double(mode.side($1) + 1) })
      }
      let (neurons, keepsMoments) = (mode.neurons, mode.isShared)
      out += [Double(mode.pattern.rest + 1), Double(neurons.count), keepsMoments ? 1 : 0]
      if keepsMoments { out += UnsafeBufferPointer(start: mode.moments.pointer, count: p.q * p.q) }
      for k in 0..<neurons.count { out.append(Double(neurons.id[k])) }
      out += UnsafeBufferPointer(start: neurons.theta, count: neurons.count)
    }
    return out
  }

  /// Where ``memory`` was read.
  func resume(_ state: UnsafePointer<Double>, step: Double, _ memory: [Double]) throws(StepFailure) {
    var position = 0
    func next() throws(StepFailure) -> Double {
      guard position < memory.count, memory[position].isFinite else { throw .badMemory }
      position += 1
      return memory[position - 1]
    }
    func whole(_ largest: Double) throws(StepFailure) -> Int {
      let v = try next()
      guard v >= 0, v <= largest, v == v.rounded() else { throw .badMemory }
      return Int(v)
    }
    for expected in header {
      guard try next() == expected else { throw .badMemory }
    }
    lastPath.length = try next()
    control.hold = try whole(1000)
    control.taken = try whole(1e15)
    control.climbs = try whole(1e9)
    ambiguities.signChanges = try whole(1e15)
    for _ in 0..<(try whole(Double(p.width))) {
      let neuron = try whole(Double(p.width) - 1)
      ambiguities.neuronsAtOrigin.insert(Int32(neuron))
    }
    let modeCount = try whole(1e12)
    for k in 0..<path.s * p.n { lastPath.coefficients.pointer[k] = try next() }

    let m = p.width
    var seen = [Bool](repeating: false, count: m)
    var total = 0
    var theta = [Double](repeating: 0, count: p.q)
    var sides = [Int8](repeating: 0, count: p.kinkCount)
    for number in 0..<modeCount {
      for start in stride(from: 0, to: p.kinkCount, by: Self.sidesPerNumber) {
        var code = try whole(2e15)
        for kink in start..<min(start + Self.sidesPerNumber, p.kinkCount) {
          sides[kink] = Int8(code % 3) - 1
          code /= 3
        }
        guard code == 0 else { throw .badMemory }
      }
      let rest = Int8(try whole(2)) - 1
      let count = try whole(Double(m))
      let keepsMoments = try whole(1) == 1
      let mode = try modes.mode(sides, rest: rest)
      guard mode.index == number, keepsMoments == (count >= p.q) else { throw .badMemory }
      mode.momentsAreStale = !keepsMoments
      if keepsMoments { for k in 0..<p.q * p.q { mode.moments.pointer[k] = try next() } }
      mode.neurons.reserve(count)
      for _ in 0..<count {
        let id = try whole(Double(m) - 1)
        guard !seen[id] else { throw .badMemory }
        seen[id] = true
        read(state, id, into: &theta)
        mode.neurons.append(theta, id: Int32(id))
      }
      for k in 0..<count { mode.neurons.theta[k] = try next() }
      total += count
    }
    guard total == m, position == memory.count else { throw .badMemory }
    now.evaluate(modes)
    control.next = step
  }
}
