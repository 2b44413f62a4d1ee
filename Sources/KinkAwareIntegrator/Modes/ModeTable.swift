import ODECore

/// All modes met so far, by number and by pattern.
final class ModeTable {
  let problem: KinkProblem
  private let nodes: StateVector
  private let staysOnRidges: Bool
  private(set) var modes: [Mode] = []
  private var numbers: [Pattern: Int] = [:]
  /// The same as ``modes``, for loops that must not count references.
  private var unmanaged = UnsafeMutablePointer<Unmanaged<Mode>>.allocate(capacity: 64)
  private var capacity = 64
  private lazy var rays = OriginRays(problem)
  /// How many were ever made.
  private(set) var made = 0

  /// - Parameters:
  ///   - nodes: of the collocation.
  ///   - staysOnRidges: whether neurons stay on kinks that begin to repel them.
  init(_ problem: KinkProblem, nodes: StateVector, staysOnRidges: Bool) {
    self.problem = problem
    self.nodes = nodes
    self.staysOnRidges = staysOnRidges
  }

  deinit { unmanaged.deallocate() }

  var count: Int { modes.count }
  subscript(_ number: Int) -> Mode { modes[number] }

  /// Calls `body` with a mode that is not retained for it.
  @inline(__always)
  func with<R>(_ number: Int, _ body: (Mode) -> R) -> R { unmanaged[number]._withUnsafeGuaranteedRef(body) }

  /// The mode of neurons that rest at `w = 0`, alpha having the given sign.
  ///
  /// - Throws: nothing: no equivalent control is needed.
  func modeAtRest(_ sign: Double) throws(StepFailure) -> Mode {
    try mode([Int8](repeating: 0, count: problem.kinkCount), rest: sign > 0 ? 1 : -1)
  }

  /// The mode with these sides, made if there is none.
  ///
  /// - Throws: ``StepFailure/dependentKinks`` if kinks that would hold it are linearly dependent.
  func mode(_ sides: UnsafePointer<Int8>, rest: Int8 = 0) throws(StepFailure) -> Mode {
    let pattern = Pattern(sides: sides, count: problem.kinkCount, rest: rest)
    if let known = numbers[pattern] { return modes[known] }
    let made = try Mode(
      index: modes.count, pattern: pattern, problem, nodes: nodes, staysOnRidges: staysOnRidges,
      rays: pattern.isAtRest && problem.d == 2 ? rays : nil)
    adopt(made)
    return made
  }

  /// The mode that differs from `mode` in one side.
  ///
  /// - Throws: ``StepFailure/dependentKinks``.
  func neighbour(_ mode: Mode, _ kink: Int, _ side: Int8) throws(StepFailure) -> Mode {
    let isHeld = mode.side(kink) == 0
    let place = 2 * kink + (isHeld ? (side > 0 ? 1 : 0) : (side == 0 ? 1 : 0))
    let known = Int(mode.next[place])
    if known >= 0 { return modes[known] }
    var sides = mode.pattern.array
    sides[kink] = side
    let found = try self.mode(sides)
    mode.next[place] = Int32(found.index)
    return found
  }

  /// Modes without neurons are forgotten, the others numbered anew.
  func dropEmpty() {
    numbers.removeAll(keepingCapacity: true)
    modes.removeAll { $0.neurons.count == 0 }
    for (number, mode) in modes.enumerated() {
      mode.index = number
      numbers[mode.pattern] = number
      unmanaged[number] = .passUnretained(mode)
      mode.forgetNeighbours()
    }
  }

  private func adopt(_ mode: Mode) {
    if modes.count == capacity {
      let larger = UnsafeMutablePointer<Unmanaged<Mode>>.allocate(capacity: 2 * capacity)
      larger.update(from: unmanaged, count: modes.count)
      unmanaged.deallocate()
      (unmanaged, capacity) = (larger, 2 * capacity)
    }
    unmanaged[modes.count] = .passUnretained(mode)
    modes.append(mode)
    numbers[mode.pattern] = mode.index
    made += 1
  }
}
