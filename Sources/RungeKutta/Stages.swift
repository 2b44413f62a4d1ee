import ODECore

/// The stage vectors of one explicit Runge-Kutta step and all that is computed from them.
///
/// The derivative at the end of the step is always there after ``close(_:_:)``: the last stage of a
/// first-same-as-last method, else one vector more. It is the next step's first stage.
final class Stages {
  /// A linear combination of stages without its zero coefficients.
  private struct Terms {
    let indices: [Int]
    let coefficients: [Double]
    init(_ row: [Double]) {
      indices = row.indices.filter { row[$0] != 0 }
      coefficients = indices.map { row[$0] }
    }
  }

  let tableau: ButcherTableau
  private let function: RightHandSide
  private let vectors: VectorKernels

  private let rows: [Terms]
  private let weights: Terms
  /// One estimate of the error, or the two of a corrected one.
  private let errorWeights: [Terms]
  /// `g - y_1` over `h`, where `g` is the argument of the stage before ``last``.
  private let closingTerms: Terms?
  private var k: [StateVector]
  /// The pointers that a kernel call takes; filled anew for each.
  private let table: UnsafeMutablePointer<UnsafePointer<Double>?>
  private let thetaWeights: StateVector
  /// The further stages of the dense output, made when first needed, and whether they are those of the present step.
  private var furtherStages: [StateVector] = []
  private var hasFurtherStages = false

  init(_ tableau: ButcherTableau, _ function: RightHandSide, _ vectors: VectorKernels) {
    self.tableau = tableau
    self.function = function
    self.vectors = vectors
    let s = tableau.stageCount
    rows = tableau.a.map(Terms.init)
    weights = Terms(tableau.b)
    errorWeights =
      tableau.correctedError.map { [Terms($0.fifth), Terms($0.third)] }
      ?? [Terms(tableau.bHat.map { bHat in zip(tableau.b, bHat).map { $0 - $1 } } ?? [])]
    let before = tableau.firstSameAsLast ? s - 2 : s - 1
    closingTerms =
      before > 0
      ? Terms((0...before).map { ($0 < before ? tableau.a[before][$0] : 0) - tableau.b[$0] }) : nil
    k = (0..<(tableau.firstSameAsLast ? s : s + 1)).map { _ in StateVector(count: function.count) }
    var most = s + 1
    if case .extended(let output) = tableau.denseOutput { most += output.a.count }
    table = .allocate(capacity: most)
    table.initialize(repeating: nil, count: most)
    thetaWeights = StateVector(count: most)
  }

  deinit { table.deallocate() }

  /// `f` at the beginning of the step.
  var first: StateVector { k[0] }
  /// `f` at its end.
  var last: StateVector { k[k.count - 1] }
  /// Free between steps, before the second stage is computed.
  var scratch: StateVector { k[1] }

  /// Makes the end's derivative the beginning's. The interpolant of the old step is lost.
  func shift() {
    k.swapAt(0, k.count - 1)
    hasFurtherStages = false
  }

  /// Computes the stages after the first from `y` at `t`, and `y_1` into `next`, of which earlier stages
  /// make use as scratch. Returns whether `y_1` is finite; `f` is never given a state that is not.
  func attempt(_ t: Double, _ y: StateVector, _ step: StepTarget, into next: StateVector) throws -> Bool {
    for i in 1..<max(tableau.stageCount, 1) {
      guard combine(rows[i], step.h, y, into: next) else { return false }
      let time = tableau.c[i] == 1 ? step.end : t + tableau.c[i] * step.h
      try function.evaluate(time, next, into: k[i])
    }
    // The last stage's argument is y_1 already where the first stage is the last.
    return tableau.firstSameAsLast || combine(weights, step.h, y, into: next)
  }

  /// Evaluates `f` at the end of the step unless the last stage did.
  func close(_ t: Double, _ next: StateVector) throws {
    if !tableau.firstSameAsLast { try function.evaluate(t, next, into: last) }
  }

  /// Calls `body` with the coefficients and stages of an error estimate, as kernels take them.
  func withErrorTerms<R>(
    _ which: Int = 0,
    _ body: (UnsafePointer<Double>, UnsafePointer<UnsafePointer<Double>?>, Int) throws -> R
  ) rethrows -> R {
    fill(errorWeights[which])
    return try errorWeights[which].coefficients.withUnsafeBufferPointer {
      try body($0.baseAddress!, UnsafePointer(table), $0.count)
    }
  }

  /// `|h| |f(y_1) - f(g)| / |y_1 - g|` with the step's last two stages; `nil` if there are none. Where the second is not at the step's
  /// end, as in Bogacki and Shampine's pair, its distance in time adds what is small where stability holds the step.
  func stabilityProduct(_ h: Double, work: StateVector) -> Double? {
    guard let closingTerms else { return nil }
    fill(closingTerms)
    _ = closingTerms.coefficients.withUnsafeBufferPointer {
      vectors.combine(work.pointer, nil, h, $0.baseAddress!, UnsafePointer(table), $0.count)
    }
    let distance = vectors.norm(work)
    return distance > 0 ? abs(h) * vectors.norm(last, minus: k[k.count - 2]) / distance : 0
  }

  /// The interpolant at `theta` in `[0, 1]` of the step of size `h` from `y0` to `y1`.
  func interpolate(
    _ theta: Double, _ h: Double, _ t: Double, _ y0: StateVector, _ y1: StateVector,
    into y: UnsafeMutablePointer<Double>
  ) throws {
    switch tableau.denseOutput {
    case .linear:
      vectors.lerp(y, y0, y1, theta)
    case .hermite:
      vectors.hermite(y, y0, y1, first, last, theta, h)
    case .polynomial(let coefficients, _):
      for (i, row) in coefficients.enumerated() {
        thetaWeights.pointer[i] = row.reversed().reduce(0) { ($0 + $1) * theta }
        table[i] = UnsafePointer(k[i].pointer)
      }
      _ = vectors.combine(y, y0.pointer, h, thetaWeights.pointer, table, coefficients.count)
    case .extended(let output):
      try makeFurtherStages(output, h, t, y0)
      output.coefficients(at: theta, b: tableau.b, into: thetaWeights.pointer)
      for i in k.indices { table[i] = UnsafePointer(k[i].pointer) }
      for i in furtherStages.indices { table[k.count + i] = UnsafePointer(furtherStages[i].pointer) }
      _ = vectors.combine(y, y0.pointer, h, thetaWeights.pointer, table, k.count + furtherStages.count)
    }
  }

  /// Evaluates what the dense output needs besides the step's own stages, once in a step.
  private func makeFurtherStages(_ output: ExtendedOutput, _ h: Double, _ t: Double, _ y0: StateVector) throws
  {
    if hasFurtherStages { return }
    if furtherStages.isEmpty { furtherStages = output.a.map { _ in StateVector(count: function.count) } }
    let argument = StateVector(count: function.count)
    for (i, row) in output.a.enumerated() {
      let stages = k + furtherStages[..<i]
      for (j, stage) in stages.enumerated() { table[j] = UnsafePointer(stage.pointer) }
      _ = row.withUnsafeBufferPointer {
        vectors.combine(argument.pointer, y0.pointer, h, $0.baseAddress!, table, stages.count)
      }
      try function.evaluate(t + output.c[i] * h, argument, into: furtherStages[i])
    }
    hasFurtherStages = true
  }

  private func fill(_ terms: Terms) {
    for (slot, index) in terms.indices.enumerated() { table[slot] = UnsafePointer(k[index].pointer) }
  }

  private func combine(_ terms: Terms, _ h: Double, _ y: StateVector, into out: StateVector) -> Bool {
    fill(terms)
    return terms.coefficients.withUnsafeBufferPointer { c in
      // A row without terms (an abscissa of zero) still needs an address.
      guard let base = c.baseAddress else { preconditionFailure("empty row in '\(tableau.name)'") }
      return vectors.combine(out.pointer, y.pointer, h, base, table, c.count)
    }
  }
}
