import CKinkFlow
import GradientFlow
import ODECore

/// Gradient flow as a Filippov system. Neurons move exactly along a polynomial residual path `p(t)`, which is found by
/// collocation: `e[theta(c_j; p)] = p(c_j)`.
///
/// Here the parts are put together and steps are taken:
///
/// | part | what |
/// |---|---|
/// | ``KinkProblem``, ``SampleLoss`` | network and data as the flow sees them |
/// | ``ModeTable``, ``Mode``, ``Neurons`` | who moves alike; motion and events of each mode along a path |
/// | ``ResidualPath``, ``RateMatrix``, ``PathSolver`` | the path of a step |
/// | ``EventTracer``, ``TracedNeurons`` | who meets an event, and the way through all of them |
/// | ``FilippovCorner`` | the choice where several kinks meet |
/// | ``StepSizeControl``, ``CurrentResiduals`` | the size of a step; where it ended |
///
/// No result depends on the number of threads: sums run over fixed blocks and are joined in order, and what threads
/// share is only read by them.
final class KinkFlow {
  let p: KinkProblem
  let loss: SampleLoss
  let pool: ThreadPool
  let modes: ModeTable
  let rates: RateMatrix
  let path: ResidualPath
  let tracer: EventTracer
  let solver: PathSolver
  /// At ``time``.
  let now: CurrentResiduals
  /// Neurons at the start of the last step that moved by series of their own.
  let kept: KeptNeurons

  var time: Double
  var control: StepSizeControl
  var lastPath: PastPath
  /// Events in accepted steps.
  var events = EventCounts()
  var ambiguities = Ambiguities()

  init(_ settings: KinkAware, _ flow: TwoLayerFlow, _ time: Double) throws {
    let (first, group) = KinkProblem.distinctInputs(flow.data)
    p = KinkProblem(flow, flow.activation.pieces!, distinct: first)
    loss = SampleLoss(flow, group: group, distinct: first.count)
    let collocation = Collocation(stages: settings.stages)
    let (s, n) = (settings.stages, p.n)
    // Eigenvalues of larger matrices come from LAPACK, on one thread.
    if n > 16 { try BLAS.check() }
    pool = ThreadPool(
      width: p.width, threads: flow.threadLimit,
      scratch: max(Int(CKINK_LANES) * p.q + ckink_scratch(Int32(p.D)), p.q * p.q + 2 * p.q))
    modes = ModeTable(
      p, nodes: StateVector(collocation.nodes), staysOnRidges: settings.repelling == .stay)
    path = ResidualPath(p, collocation)
    rates = RateMatrix(p, collocation)
    tracer = EventTracer(p, modes, path, pool)
    solver = PathSolver(p, loss, rates, tracer, tolerance: settings.rtol)
    now = CurrentResiduals(p, loss)
    kept = KeptNeurons(q: p.q)
    lastPath = PastPath(coefficients: StateVector(count: s * n))
    control = StepSizeControl(tolerance: settings.rtol, stages: s)
    self.time = time
  }

  /// The largest `|b|` at the residuals `e`: the fastest relative growth of any neuron. Over occupied modes, not from
  /// `|e|`: on a plateau the residuals are large and nothing moves.
  func largestForce(_ e: StateVector) -> Double {
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: p.D) { scratch in
      for mode in modes.modes where mode.neurons.count > 0 && !mode.pattern.isAtRest {
        largest = max(largest, mode.strength(e.pointer, scratch.baseAddress!))
      }
    }
    return largest
  }

  /// The moments of modes that move by their propagator, from their neurons.
  func rebuildMoments(onlyStale: Bool = false) {
    for mode in modes.modes where mode.isShared && (mode.momentsAreStale || !onlyStale) {
      mode.rebuildMoments(pool)
    }
  }

  /// Calls `body(mode, from, to, thread)` for runs of neurons.
  func forEachRun(_ body: (Mode, Int, Int, Int) -> Void) {
    if pool.threads == 1 {
      for mode in modes.modes where mode.neurons.count > 0 { body(mode, 0, mode.neurons.count, 0) }
      return
    }
    var runs: [(mode: Mode, from: Int)] = []
    for mode in modes.modes {
      for from in stride(from: 0, to: mode.neurons.count, by: Mode.block) { runs.append((mode, from)) }
    }
    pool.forEach(runs.count, work: p.width) { r, thread in
      let (mode, from) = runs[r]
      body(mode, from, min(from + Mode.block, mode.neurons.count), thread)
    }
  }
}
