import ODECore

/// The stage vectors of one explicit Runge-Kutta step and all that is computed from them.
///
/// The derivative at the end of the step is always there after ``close(_:_:)``: the last stage of a
/// first-same-as-last method, else one vector more. It is the next step's first stage.
final class Stages {
  let tableau: ButcherTableau
  private let function: RightHandSide
  private let vectors: VectorKernels

  private let stageCount: Int
  private let firstSameAsLast: Bool
  /// One for each stage.
  private let rows: UnsafeMutablePointer<StageTerms>
  private let abscissae: UnsafeMutablePointer<Double>
  private let weights: StageTerms
  /// The estimate of the error; of a corrected one the first.
  let errorTerms: StageTerms
  /// The second estimate of a corrected error.
  let correctionTerms: StageTerms?
  /// `g - y_1` over `h`, where `g` is the argument of the stage before ``last``.
  private let closingTerms: StageTerms?
  private let k: [StateVector]
  /// Where the elements of the stages are: those of ``k``, the first and the last one swapped if ``isSwapped``.
  private let addresses: UnsafeMutablePointer<UnsafeMutablePointer<Double>>
  private let lastIndex: Int
  private var isSwapped = false
  /// The pointers that a call for the dense output takes; filled anew for each.
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
    (stageCount, firstSameAsLast) = (s, tableau.firstSameAsLast)
    let k = (0..<(tableau.firstSameAsLast ? s : s + 1)).map { _ in StateVector(count: function.count) }
    self.k = k
    func terms(_ row: [Double]) -> StageTerms { StageTerms(row, of: k) }
    rows = .allocate(capacity: s)
    abscissae = .allocate(capacity: s)
    for i in 0..<s {
      (rows + i).initialize(to: terms(tableau.a[i]))
      (abscissae + i).initialize(to: tableau.c[i])
    }
    weights = terms(tableau.b)
    errorTerms = terms(
      tableau.correctedError?.fifth
        ?? tableau.bHat.map { bHat in zip(tableau.b, bHat).map { $0 - $1 } } ?? [])
    correctionTerms = (tableau.correctedError?.third).map(terms)
    let before = tableau.firstSameAsLast ? s - 2 : s - 1
    closingTerms =
      before > 0
      ? terms((0...before).map { ($0 < before ? tableau.a[before][$0] : 0) - tableau.b[$0] }) : nil
    lastIndex = k.count - 1
    addresses = .allocate(capacity: k.count)
    for i in k.indices { (addresses + i).initialize(to: k[i].pointer) }
    var most = s + 1
    if case .extended(let output) = tableau.denseOutput { most += output.a.count }
    table = .allocate(capacity: most)
    table.initialize(repeating: nil, count: most)
    thetaWeights = StateVector(count: most)
  }

  deinit {
    for i in 0..<stageCount { rows[i].deallocate() }
    for terms in [weights, errorTerms] { terms.deallocate() }
    correctionTerms?.deallocate()
    closingTerms?.deallocate()
    rows.deallocate()
    abscissae.deallocate()
    addresses.deallocate()
    table.deallocate()
  }

  /// The addresses of the stages that `terms` takes, as kernels take them.
  @inline(__always)
  func table(of terms: StageTerms) -> VectorKernels.Table { terms.table(isSwapped: isSwapped) }

  /// `f` at the beginning of the step.
  var first: StateVector { k[isSwapped ? lastIndex : 0] }
  /// `f` at its end.
  var last: StateVector { k[isSwapped ? 0 : lastIndex] }
  var lastAddress: UnsafeMutablePointer<Double> { addresses[lastIndex] }
  /// Free between steps, before the second stage is computed.
  var scratch: StateVector { lastIndex == 1 ? last : k[1] }

  /// Makes the end's derivative the beginning's. The interpolant of the old step is lost.
  func shift() {
    isSwapped.toggle()
    (addresses[0], addresses[lastIndex]) = (addresses[lastIndex], addresses[0])
    hasFurtherStages = false
  }

  /// Computes the stages after the first from `y` at `t`, and `y_1` into `next`, of which earlier stages
  /// make use as scratch. Returns whether `y_1` is finite; `f` is never given a state that is not.
  func attempt(_ t: Double, _ y: StateVector, _ step: StepTarget, into next: StateVector) throws -> Bool {
    let (y, next, h) = (UnsafePointer(y.pointer), next.pointer, step.h)
    for i in 1..<max(stageCount, 1) {
      guard combine(rows[i], h, y, into: next) else { return false }
      let c = abscissae[i]
      try function.evaluate(c == 1 ? step.end : t + c * h, next, into: addresses[i])
    }
    // The last stage's argument is y_1 already where the first stage is the last.
    return firstSameAsLast || combine(weights, h, y, into: next)
  }

  /// Evaluates `f` at the end of the step unless the last stage did.
  func close(_ t: Double, _ next: StateVector) throws {
    if !firstSameAsLast { try function.evaluate(t, next.pointer, into: lastAddress) }
  }

  /// `|h| |f(y_1) - f(g)| / |y_1 - g|` with the step's last two stages; `nil` if there are none. Where the second is not at the step's
  /// end, as in Bogacki and Shampine's pair, its distance in time adds what is small where stability holds the step.
  func stabilityProduct(_ h: Double, work: StateVector) -> Double? {
    guard let closingTerms else { return nil }
    _ = vectors.combine(
      work.pointer, nil, h, closingTerms.coefficients, table(of: closingTerms), closingTerms.count)
    let distance = vectors.norm(work)
    return distance > 0 ? abs(h) * vectors.norm(last, minus: k[lastIndex - 1]) / distance : 0
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
        table[i] = UnsafePointer(addresses[i])
      }
      _ = vectors.combine(y, y0.pointer, h, thetaWeights.pointer, table, coefficients.count)
    case .extended(let output):
      try makeFurtherStages(output, h, t, y0)
      output.coefficients(at: theta, b: tableau.b, into: thetaWeights.pointer)
      for i in k.indices { table[i] = UnsafePointer(addresses[i]) }
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
      for j in k.indices { table[j] = UnsafePointer(addresses[j]) }
      for j in 0..<i { table[k.count + j] = UnsafePointer(furtherStages[j].pointer) }
      _ = row.withUnsafeBufferPointer {
        vectors.combine(argument.pointer, y0.pointer, h, $0.baseAddress!, table, k.count + i)
      }
      try function.evaluate(t + output.c[i] * h, argument, into: furtherStages[i])
    }
    hasFurtherStages = true
  }

  @inline(__always)
  private func combine(
    _ terms: StageTerms, _ h: Double, _ y: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>
  ) -> Bool {
    vectors.combine(out, y, h, terms.coefficients, table(of: terms), terms.count)
  }
}
