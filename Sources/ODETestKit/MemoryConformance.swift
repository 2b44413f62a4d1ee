import Networks
import ODECore

/// Whether plug-ins stay within the arrays that they are given. Reading or writing beyond an end, and writing to an
/// input, stops the process by a signal: run it in a process of its own, as `phaseflow plugins check` does.
public enum MemoryConformance {
  static let counts = [1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 257, 1024]

  /// - Returns: each violation as a sentence.
  public static func violations(of activation: any Activation) -> [String] {
    counts.flatMap { count -> [String] in
      let z = GuardedArray((0..<count).map { Double($0) * 0.37 - 1.3 })
      z.makeReadOnly()
      let outputs = results(count, 3)
      let (value, derivative) = (outputs[0].mutableSpan, outputs[1].mutableSpan)
      var v = value.mutableSpan
      var d = derivative.mutableSpan
      activation.evaluate(z.span.span, value: &v, derivative: &d)
      let second = outputs[2].mutableSpan
      var s = second.mutableSpan
      activation.secondDerivative(z.span.span, into: &s)
      return complaints(outputs, count)
    }
  }

  /// - Parameter target: one that the loss accepts.
  public static func violations(of loss: any Loss, target: Double) -> [String] {
    counts.flatMap { count -> [String] in
      let f = GuardedArray((0..<count).map { Double($0) * 0.37 - 1.3 })
      let y = GuardedArray([Double](repeating: target, count: count))
      f.makeReadOnly()
      y.makeReadOnly()
      let outputs = results(count, 3)
      let (value, derivative) = (outputs[0].mutableSpan, outputs[1].mutableSpan)
      var v = value.mutableSpan
      var d = derivative.mutableSpan
      loss.evaluate(f.span.span, y.span.span, value: &v, derivative: &d)
      let second = outputs[2].mutableSpan
      var s = second.mutableSpan
      loss.secondDerivative(f.span.span, y.span.span, into: &s)
      return complaints(outputs, count)
    }
  }

  /// - Throws: what the system throws.
  public static func violations(of system: any ODESystem, at t: Double, _ start: [Double]) throws -> [String]
  {
    let count = start.count
    let y = GuardedArray(start)
    y.makeReadOnly()
    let dy = results(count, 1)
    let slope = dy[0].mutableSpan
    var d = slope.mutableSpan
    try system.derivative(t, y.span.span, into: &d)
    var found = complaints(dy, count)
    if let system = system as? any DenseJacobianProviding {
      let matrix = GuardedArray([Double](repeating: 0, count: count * count))
      let elements = matrix.mutableSpan
      var j = elements.mutableSpan
      try system.jacobian(t, y.span.span, into: &j)
      if !matrix.isIntact { found.append("it writes before the beginning of the Jacobian") }
    }
    if let system = system as? any JacobianVectorProductProviding {
      let v = GuardedArray([Double](repeating: 1, count: count))
      v.makeReadOnly()
      let product = results(count, 1)
      let elements = product[0].mutableSpan
      var jv = elements.mutableSpan
      try system.jacobianVectorProduct(t, y.span.span, v.span.span, into: &jv)
      found += complaints(product, count)
    }
    return found
  }

  /// What `problem` has besides its right-hand side: events, invariants, discontinuities.
  ///
  /// - Throws: what they throw.
  public static func violations(ofFunctionsOf problem: ODEProblem) throws -> [String] {
    let (t, start) = (problem.initialTime, problem.initialState)
    let y = GuardedArray(start)
    y.makeReadOnly()
    var found: [String] = []
    for event in problem.events {
      _ = try event.function(t, y.span.span)
      guard let change = event.change else { continue }
      let state = GuardedArray(start)
      let elements = state.mutableSpan
      var changed = elements.mutableSpan
      try change(t, &changed)
      if !state.isIntact { found.append("event '\(event.name)' writes before the beginning of the state") }
    }
    if let invariants = problem.invariants {
      let values = invariants.values(t, y.span.span)
      let missing = zip(invariants.names, values).first { !$0.1.isFinite }
      if let (name, value) = missing { found.append("the invariant '\(name)' is \(value) at the start") }
    }
    if let next = try problem.discontinuities.first(after: t, problem.direction),
      !((next - t) * problem.direction > 0)
    {
      found.append("the next discontinuity after t = \(t) is said to be at \(next)")
    }
    return found
  }

  /// Two steps of `integrator`, with dense output, on `system`.
  ///
  /// - Throws: what the integrator throws.
  public static func violations(of integrator: some Integrator, on problem: ODEProblem) throws -> [String] {
    let state = try integrator.makeState(for: problem, restart: nil)
    let y = results(problem.system.dimension, 1)
    for _ in 0..<2 {
      try state.advance(to: problem.finalTime)
      let elements = y[0].mutableSpan
      var inside = elements.mutableSpan
      try state.interpolate(at: (state.previousTime + state.time) / 2, into: &inside)
    }
    return complaints(y, problem.system.dimension)
  }

  private static func results(_ count: Int, _ number: Int) -> [GuardedArray] {
    (0..<number).map { _ in GuardedArray([Double](repeating: 0, count: count)) }
  }

  private static func complaints(_ outputs: [GuardedArray], _ count: Int) -> [String] {
    outputs.allSatisfy(\.isIntact) ? [] : ["it writes before the beginning of a result of \(count) numbers"]
  }
}
