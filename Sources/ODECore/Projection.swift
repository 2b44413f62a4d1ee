/// The states of a run, shown without what is below zero in components that cannot be.
struct Projection {
  let components: [Int]
  /// The last accepted state, projected, if anything was below zero in it.
  private(set) var shown: StateVector?
  private let buffer: StateVector
  private var steps = 0
  private var worst: (component: Int, value: Double, time: Double)?

  /// - Parameter components: within the system's dimension.
  init(_ components: [Int], count: Int) {
    self.components = components
    buffer = StateVector(count: components.isEmpty ? 0 : count)
  }

  /// Takes note of an accepted step.
  mutating func accept(_ t: Double, _ y: Span<Double>) {
    shown = nil
    for i in components where y[i] < 0 {
      if shown == nil {
        for k in 0..<y.count { buffer.pointer[k] = y[k] }
        shown = buffer
        steps += 1
      }
      if y[i] < worst?.value ?? 0 { worst = (i, y[i], t) }
      buffer.pointer[i] = 0
    }
  }

  func apply(to y: inout MutableSpan<Double>) {
    for i in components where y[i] < 0 { y[i] = 0 }
  }

  func remark(_ problem: ODEProblem) -> SolutionRemark? {
    guard let (component, value, time) = worst else { return nil }
    return SolutionRemark(
      name: "projected", count: steps,
      text:
        "components fell below zero in \(steps) steps, \(problem.componentName(component)) the farthest, to \(value) at t = \(time): they are shown as zero, and f was evaluated there"
    )
  }
}
