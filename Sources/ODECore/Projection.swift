/// The states of a run, shown without what is below zero in components that cannot be.
struct Projection {
  let components: [Int]
  /// Whether there are any: it is asked several times a step.
  let isActive: Bool
  /// The last accepted state, projected, if anything was below zero in it.
  private(set) var shown: StateVector?
  private let buffer: StateVector
  private(set) var memory: Memory

  /// What a resumed run goes on with.
  struct Memory: Equatable, Sendable, Codable {
    /// Steps that ended below zero.
    fileprivate(set) var steps = 0
    fileprivate(set) var lowest: PositivityWatch.Lowest?
  }

  /// - Parameter components: within the system's dimension.
  init(_ components: [Int], count: Int, resuming memory: Memory?) {
    (self.components, isActive) = (components, !components.isEmpty)
    self.memory = memory ?? Memory()
    buffer = StateVector(count: components.isEmpty ? 0 : count)
  }

  /// Takes note of an accepted step.
  mutating func accept(_ t: Double, _ y: Span<Double>) {
    shown = nil
    for i in components where y[i] < 0 {
      if shown == nil {
        for k in 0..<y.count { buffer.pointer[k] = y[k] }
        shown = buffer
        memory.steps += 1
      }
      if y[i] < memory.lowest?.value ?? 0 {
        memory.lowest = PositivityWatch.Lowest(component: i, value: y[i], time: t)
      }
      buffer.pointer[i] = 0
    }
  }

  func apply(to y: inout MutableSpan<Double>) {
    for i in components where y[i] < 0 { y[i] = 0 }
  }

  func remark(_ problem: ODEProblem) -> SolutionRemark? {
    guard let lowest = memory.lowest else { return nil }
    return SolutionRemark(
      name: "projected", count: memory.steps,
      text:
        "components fell below zero in \(memory.steps) steps, \(problem.componentName(lowest.component)) the farthest, to \(lowest.value) at t = \(lowest.time): they are shown as zero, and f was evaluated there"
    )
  }
}
