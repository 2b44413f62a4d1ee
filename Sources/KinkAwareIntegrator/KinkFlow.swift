import CKinkFlow
import GradientFlow
import ODECore

/// Gradient flow as a Filippov system. Neurons move exactly along a polynomial residual path `p(t)`, which is found by
/// collocation: `e[theta(c_j; p)] = p(c_j)`.
///
/// | file | what |
/// |---|---|
/// | `+Step` | one step: size, acceptance, moving everything |
/// | `+Path`, `+Error` | the path of a step; its error |
/// | `+Moments` | residuals and rates from the modes' moments |
/// | `+Modes`, `Mode`, `Neurons` | who moves alike |
/// | `+Motion` | `b(t)`, the propagator, when a mode's kinks turn or let go |
/// | `+Detection`, `+Trace`, `+Decision` | who meets an event, the way through all of them, and each choice |
/// | `+Corners`, `+Complementarity`, `+Zero` | Filippov's choice where several kinks meet |
/// | `+Start`, `+Memory`, `+DenseOutput` | starting, resuming bit by bit, states within a step |
///
/// No result depends on the number of threads: sums run over fixed blocks and are joined in order, and what threads
/// share is only read by them.
final class KinkFlow {
  let p: KinkProblem
  let loss: SampleLoss
  let collocation: Collocation
  let nodes: StateVector
  let tolerance: Double
  let staysOnRidges: Bool
  let team: Team
  /// Stages, distinct inputs, neurons.
  let s: Int, n: Int, m: Int

  var time: Double
  var nextStep = 0.0
  /// The step being tried; the last one.
  var H = 0.0
  var lastH = 0.0
  var risk = 0.0
  var counters = Counters()
  /// Of the events along the current path.
  var eventCounters = Counters()

  var modes: [Mode] = []
  /// The same, for loops that must not count references.
  var table = UnsafeMutablePointer<Unmanaged<Mode>>.allocate(capacity: 64)
  private var tableCapacity = 64
  var index: [Pattern: Int] = [:]
  /// Numbers the paths.
  var stamp = 0
  /// A neuron's or a mode's series has too many terms.
  var isTooFar = false
  var rateScale = 0.0

  /// Residuals, outputs at the start of the step and at the end of the last one, and the curvature `C_i` there.
  let e0: StateVector, eNow: StateVector, fNow: StateVector, C: StateVector
  /// s x n power coefficients of the path, and of the last step's.
  let P: StateVector, lastP: StateVector
  /// s x n: the path at the nodes; what the neurons make of it, and their outputs; what events add to the outputs.
  let node: StateVector, E: StateVector, F: StateVector
  let correction: StateVector, oldCorrection: StateVector, delta: StateVector, transformed: StateVector
  /// The rate matrix, `e' = -G e`, is `right diag(lambda) left`; `inverse` is `(1 + H lambda A)^-1` for each lambda.
  let lambda: StateVector, left: StateVector, right: StateVector, rates: StateVector, inverse: StateVector
  /// Scratch of n, of n, and of kinks.
  let workN: StateVector, workM: StateVector
  let sides: Sides, otherSides: Sides
  /// The residuals at an event.
  let eAt: StateVector
  /// Neurons with events in the step, and the modes that they are in on their way.
  let trace: Trace
  var touched: [Mode] = []
  let kept: Kept
  /// Kinks that would hold one neuron are linearly dependent.
  var isSingular = false

  /// Rounding of a residual.
  var noise = 0.0
  /// Steps for which growth is held back after a rejection.
  var hold = 0
  /// Accepted steps, and rejections because the loss would have risen, those before a resumption included.
  var taken = 0
  var climbs = 0

  init(_ settings: KinkAware, _ flow: TwoLayerFlow, _ time: Double) throws {
    let (first, group) = KinkProblem.distinctInputs(flow.data)
    p = KinkProblem(flow, flow.activation.pieces!, distinct: first)
    loss = SampleLoss(flow, group: group, distinct: first.count)
    collocation = Collocation(stages: settings.stages)
    nodes = StateVector(collocation.nodes)
    tolerance = settings.rtol
    staysOnRidges = settings.repelling == .stay
    (s, n, m) = (settings.stages, first.count, flow.shape.width)
    team = Team(
      width: m, threads: flow.threadLimit,
      scratch: max(Int(CKINK_LANES) * p.q + ckink_scratch(Int32(p.D)), p.q * p.q + 2 * p.q))
    self.time = time
    // Eigenvalues of larger matrices come from LAPACK, on one thread.
    if n > 16 { try BLAS.check() }
    func vectors(_ count: Int) -> StateVector { StateVector(count: count) }
    (e0, eNow, fNow, C, lambda) = (vectors(n), vectors(n), vectors(n), vectors(n), vectors(n))
    (P, lastP, node, E, F) = (vectors(s * n), vectors(s * n), vectors(s * n), vectors(s * n), vectors(s * n))
    (correction, oldCorrection, delta, transformed) = (
      vectors(s * n), vectors(s * n), vectors(s * n), vectors(s * n)
    )
    (left, right, rates) = (vectors(n * n), vectors(n * n), vectors(n * n))
    inverse = vectors(n * s * s)
    (workN, workM) = (vectors(max(n, p.q) * max(p.D, s)), vectors(max(n, p.q)))
    (sides, otherSides) = (Sides(p.kinkCount), Sides(p.kinkCount))
    eAt = vectors(n)
    trace = Trace(q: p.q)
    kept = Kept(q: p.q)
  }

  deinit { table.deallocate() }

  /// Adds a mode, whose index is the number of modes before.
  func adopt(_ mode: Mode) {
    if modes.count == tableCapacity {
      let larger = UnsafeMutablePointer<Unmanaged<Mode>>.allocate(capacity: 2 * tableCapacity)
      larger.update(from: table, count: modes.count)
      table.deallocate()
      (table, tableCapacity) = (larger, 2 * tableCapacity)
    }
    table[modes.count] = .passUnretained(mode)
    modes.append(mode)
    index[mode.pattern] = mode.index
  }

  /// A mode of fewer neurons moves them one by one.
  func isShared(_ mode: Mode) -> Bool { mode.neurons.count >= p.q }
}

/// What happened.
struct Counters {
  var accepted = 0
  var rejected = 0
  /// Rejections by the error test and by the iteration for the path.
  var errorTest = 0
  var iteration = 0
  /// Iterations for the path; each evaluates the residuals at all nodes.
  var iterations = 0
  var setUps = 0
  var traces = 0
  var modes = 0
  var crossings = 0
  var captures = 0
  var releases = 0
  var signChanges = 0
  var throughZero = 0
  var heldAtZero = 0
  var unresolved = 0

  /// Adds what happened at kinks.
  mutating func addEvents(_ c: Counters) {
    crossings += c.crossings
    captures += c.captures
    releases += c.releases
    signChanges += c.signChanges
    throughZero += c.throughZero
    heldAtZero += c.heldAtZero
    unresolved += c.unresolved
  }
}

/// Sides of all kinks, as scratch memory.
final class Sides {
  let count: Int
  let pointer: UnsafeMutablePointer<Int8>

  init(_ count: Int) {
    self.count = count
    pointer = .allocate(capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { pointer.deallocate() }
}
