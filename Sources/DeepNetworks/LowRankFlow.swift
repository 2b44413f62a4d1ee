import CDeepKernels
import Foundation
import GradientFlow
import Networks
import ODECore

/// The flow of a ``DeepNetwork`` with wide hidden layers and few samples, integrated in few numbers.
///
/// Every motion changes `W_l` by `-(mu_l/n) p_l^T diag(e) a_(l-1)`, of rank `n` at most, so that `W_l(t) - W_l(0)` is a sum of few outer
/// products. The state holds these, see ``capacity(for:)``, and one copy of `W_l(0)` is shared: a step costs two streams of it forwards and two
/// backwards, whatever else is kept. When there is no room for the next terms the sum is rewritten with orthogonal ones (QR and SVD), and
/// what is below ``tolerance`` of it is left out, or more where there is no room otherwise; ``dropped`` adds up what was, a bound on the error.
///
/// Only steps in the space of residuals (`exponential`) respect this form: every other method adds states, and is
/// refused by ``derivative(_:_:into:)``.
public final class LowRankFlow: ODESystem {
  /// The same flow with all weights in its state.
  public let flow: ArchitectureFlow
  /// Its architecture.
  public let network: DeepNetwork
  /// What a compression may leave out, relative to the change of the layer.
  public let tolerance: Double
  /// Compressions so far, and the largest number of terms after one.
  public private(set) var compressions = 0
  /// The most terms that a layer's change has had after a compression.
  public private(set) var largestRank = 0
  /// Norms of what compressions left out, added up by layer: a bound on the error that they make in the weights.
  public private(set) var dropped: [Double]

  let layout: LowRankLayout
  /// `theta(0)`.
  let base: StateVector
  private let baseSquares: [Double]
  let evaluation: DeepEvaluation
  /// The state that ``forward(_:)`` was asked for last, and what it said.
  private let lastState: StateVector
  private var known: ForwardPass?
  /// By layer, from 1, where they are asked for again and again.
  private var lifted: [Int: LiftedLayer] = [:]
  private var hasLifted = false
  private let scratch: StateVector
  private let gram: StateVector
  private let rows: (u: StateVector, v: StateVector)

  /// `K`: room for terms; those of eight steps and as many again.
  public static func capacity(for data: Samples) -> Int { max(48, 24 * data.sampleCount) }

  /// Up to so many weights a copy of them is kept for the next look.
  private static let mostLifted = 20_000_000

  /// Whether factors are smaller than the weights for such a network on these data.
  public static func isWorthwhile(_ network: DeepNetwork, _ data: Samples) -> Bool {
    data.sampleCount <= CDEEP_MAX_STREAMED
      && LowRankLayout(network, capacity: capacity(for: data)).isWorthwhile
  }

  /// - Parameters:
  ///   - flow: of a ``DeepNetwork``.
  ///   - start: `theta(0)`.
  ///   - tolerance: above 0; a hundredth of the integrator's is good.
  public convenience init(_ flow: ArchitectureFlow, from start: [Double], tolerance: Double) throws {
    guard let network = flow.architecture as? DeepNetwork else {
      preconditionFailure("low-rank changes are those of fully connected networks")
    }
    precondition(tolerance > 0 && start.count == flow.dimension)
    let layout = LowRankLayout(network, capacity: Self.capacity(for: flow.data))
    try self.init(flow, network, layout, from: start, tolerance)
  }

  /// All weights in the state, which is `theta`: for steps that follow units (``LowRankResidualFlow``).
  convenience init(keepingAllOf flow: ArchitectureFlow, _ network: DeepNetwork) throws {
    let layout = LowRankLayout(network, capacity: 0, keepsAll: true)
    try self.init(flow, network, layout, from: nil, 0)
  }

  private init(
    _ flow: ArchitectureFlow, _ network: DeepNetwork, _ layout: LowRankLayout, from start: [Double]?,
    _ tolerance: Double
  ) throws {
    (self.flow, self.network, self.layout, self.tolerance) = (flow, network, layout, tolerance)
    base = StateVector(start ?? [])
    baseSquares =
      start == nil
      ? []
      : flow.residualBlocks.map { [base] in
        cdeep_squares($0.count, base.pointer + $0.lowerBound, nil)
      }
    dropped = [Double](repeating: 0, count: network.layerCount)
    evaluation = try DeepEvaluation(network, at: flow.data.inputs, threads: flow.threads)
    let capacity = layout.capacity
    lastState = StateVector(count: layout.isWorthwhile ? layout.count : 0)
    scratch = StateVector(count: flow.data.targets.count * capacity)
    gram = StateVector(count: 2 * 4 * capacity * capacity)
    let widest = network.widths.max()!
    rows = (StateVector(count: 2 * capacity * widest), StateVector(count: 2 * capacity * widest))
  }

  /// The numbers of a state.
  public var dimension: Int { layout.count }

  /// The state at the start.
  public var initialState: [Double] { layout.start(base.array) }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    throw LowRankError()
  }

  func weights(_ y: UnsafePointer<Double>, _ evaluation: DeepEvaluation) -> LowRankWeights {
    LowRankWeights(evaluation, layout, base: base, y, scratch: scratch)
  }

  /// `R`.
  public func risk(_ y: Span<Double>) -> Double { forward(y).loss }

  /// `f`, `l'` and `R` at the samples. Remembers its last answer: events and observers ask for the same state one after the other.
  public func forward(_ y: Span<Double>) -> ForwardPass {
    precondition(y.count == dimension)
    return y.withUnsafeBufferPointer { y in
      let y = y.baseAddress!
      if let known, memcmp(y, lastState.pointer, lastState.count * MemoryLayout<Double>.stride) == 0 {
        return known
      }
      evaluation.propagate(weights(y, evaluation), into: flow.values.outputs.pointer)
      return remember(y, risk: flow.values.evaluate())
    }
  }

  /// Keeps what the flow's values say for the next ``forward(_:)``.
  @discardableResult
  func remember(_ y: UnsafePointer<Double>, risk: Double) -> ForwardPass {
    let pass = ForwardPass(
      predictions: flow.values.outputs.array, residuals: flow.values.residuals.array, loss: risk)
    lastState.pointer.update(from: y, count: lastState.count)
    known = lastState.count > 0 ? pass : nil
    return pass
  }

  /// `|W_l - W_l(0)|` of every layer.
  public func changes(_ y: Span<Double>) -> [Double] {
    y.withUnsafeBufferPointer { y in
      (0..<network.layerCount).map { squaredDistance(y.baseAddress!, nil, layer: $0).squareRoot() }
    }
  }

  /// How far each layer, and all parameters, are from where they started.
  public func distances(_ y: Span<Double>) -> (layers: [Double], theta: Double) {
    precondition(y.count == dimension)
    return y.withUnsafeBufferPointer { y in
      let moved = (0..<network.layerCount).map { squaredDistance(y.baseAddress!, nil, layer: $0) }
      let layers = zip(moved, baseSquares).map { ($0 / $1).squareRoot() }
      return (layers, (moved.reduce(0, +) / baseSquares.reduce(0, +)).squareRoot())
    }
  }

  /// The whole state `theta`.
  public func lift(_ y: Span<Double>, into theta: StateVector) {
    precondition(y.count == dimension && theta.count == base.count)
    prepareLifts()
    forEachBlock(y) { block, values, terms in
      let target = theta.pointer + block.range.lowerBound
      guard let terms else { return target.update(from: values, count: block.range.count) }
      if let lifted = lifted[block.layer] { return lifted.lift(terms, into: target) }
      evaluation.layers[block.layer - 1].add(terms.rank, terms.u, terms.v, to: terms.base, into: target)
    }
  }

  /// The sums of squares of the rows and columns of all weights.
  public func squares(_ y: Span<Double>) -> BlockSquares {
    precondition(y.count == dimension)
    prepareLifts()
    var result = BlockSquares()
    forEachBlock(y) { block, values, terms in
      guard let terms else { return result.append(block, values) }
      let (rows, columns) =
        lifted[block.layer]?.squares(terms)
        ?? evaluation.layers[block.layer - 1].squares(terms.rank, terms.u, terms.v, to: terms.base)
      result.rows.append(rows)
      result.columns.append(columns)
    }
    return result
  }

  /// The second time is the first of many.
  private func prepareLifts() {
    if hasLifted, lifted.isEmpty, base.count <= Self.mostLifted {
      for (block, part) in zip(network.blocks, layout.parts) {
        guard case .factors = part else { continue }
        lifted[block.layer] = LiftedLayer(evaluation.layers[block.layer - 1], capacity: layout.capacity)
      }
    }
    hasLifted = true
  }

  /// Calls `body` with each block, where it stands, and the terms of one that is kept as factors.
  private func forEachBlock(
    _ y: Span<Double>, _ body: (ParameterBlock, UnsafePointer<Double>, LiftedLayer.Terms?) -> Void
  ) {
    y.withUnsafeBufferPointer { y in
      let y = y.baseAddress!
      for (block, part) in zip(network.blocks, layout.parts) {
        switch part {
        case .dense(let at): body(block, y + at, nil)
        case .factors(let rank, let u, let v):
          let r = Int(y[rank])
          // All but what the last step's motion has added.
          let terms = LiftedLayer.Terms(
            base: base.pointer + block.range.lowerBound, rank: r, u: y + u, v: y + v,
            settled: max(0, r - 2 * evaluation.n))
          body(block, y, terms)
        }
      }
    }
  }

  /// Copies a state: of factors the terms that there are.
  func copy(_ y: StateVector, to y1: StateVector) {
    for (block, part) in zip(network.blocks, layout.parts) {
      switch part {
      case .dense(let at): (y1.pointer + at).update(from: y.pointer + at, count: block.range.count)
      case .factors(let rank, let u, let v):
        let r = Int(y.pointer[rank])
        y1.pointer[rank] = y.pointer[rank]
        (y1.pointer + u).update(from: y.pointer + u, count: r * block.shape[0])
        (y1.pointer + v).update(from: y.pointer + v, count: r * block.shape[1])
      }
    }
  }

  /// An evaluation whose units are followed over and along kinks.
  func makeEvaluation() throws -> DeepEvaluation {
    try DeepEvaluation(network, at: flow.data.inputs, threads: flow.threads, followsUnits: true)
  }

  /// Moves by outer products of signals, those of the last layer `kappa e`, and the features of `evaluation`: small layers move, large ones get
  /// `n` terms more.
  func shift(
    _ y: UnsafeMutablePointer<Double>, by e: StateVector, _ evaluation: DeepEvaluation,
    signal: (Int) -> UnsafeMutablePointer<Double>
  ) {
    let output = evaluation.outputSignal.pointer
    for i in 0..<e.count { output[i] = network.kappa * e.pointer[i] }
    for l in 0...evaluation.depth {
      let place = network.places[l]
      let (p, a) = (l == evaluation.depth ? output : signal(l), evaluation.features(l))
      let layer = evaluation.layers[l]
      switch layout.parts[place.weights] {
      case .dense(let at):
        layer.outer(evaluation.n, p, a, factor: flow.factors[place.weights], adds: true, into: y + at)
      case .factors(let rank, let u, let v):
        let r = Int(y[rank])
        let (to, from) = (y + u + r * layer.units, flow.factors[place.weights])
        for i in 0..<evaluation.n * layer.units { to[i] = from * p[i] }
        (y + v + r * layer.inputs).update(from: a, count: evaluation.n * layer.inputs)
        y[rank] = Double(r + evaluation.n)
      }
      if let bias = place.bias, case .dense(let at) = layout.parts[bias] {
        for i in 0..<evaluation.n { cdeep_add(layer.units, flow.factors[bias], p + i * layer.units, y + at) }
      }
    }
  }

  /// Makes room for `terms` in every large layer; returns false if LAPACK fails.
  func makeRoom(_ y: UnsafeMutablePointer<Double>, for terms: Int) -> Bool {
    for (block, part) in zip(network.blocks, layout.parts) {
      guard case .factors(let rank, let u, let v) = part, Int(y[rank]) + terms > layout.capacity else {
        continue
      }
      var lost = 0.0
      let kept = cdeep_compress(
        Int(y[rank]), block.shape[0], block.shape[1], tolerance, layout.capacity - terms, y + u, y + v, &lost)
      guard kept >= 0 else { return false }
      y[rank] = Double(kept)
      dropped[block.layer - 1] += lost
      compressions += 1
      largestRank = max(largestRank, kept)
    }
    return true
  }

  /// `|a - b|^2` over a layer's parameters, or from their start.
  func squaredDistance(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>?, layer: Int) -> Double {
    var sum = 0.0
    for (block, part) in zip(network.blocks, layout.parts) where block.layer == layer + 1 {
      switch part {
      case .dense(let at):
        sum += cdeep_squares(
          block.range.count, a + at, b.map { $0 + at } ?? UnsafePointer(base.pointer) + block.range.lowerBound
        )
      case .factors(let rank, let u, let v):
        sum += squaredDistance(a, b, block.shape[0], block.shape[1], rank, u, v)
      }
    }
    return sum
  }

  /// The terms that both have in common cancel, and are left out.
  private func squaredDistance(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>?, _ units: Int, _ inputs: Int, _ rank: Int,
    _ u: Int,
    _ v: Int
  ) -> Double {
    let (ra, rb) = (Int(a[rank]), b.map { Int($0[rank]) } ?? 0)
    var common = 0
    if let b {
      func same(_ at: Int, _ length: Int) -> Bool {
        memcmp(a + at + common * length, b + at + common * length, length * MemoryLayout<Double>.stride) == 0
      }
      while common < min(ra, rb), same(u, units), same(v, inputs) { common += 1 }
    }
    let (own, other) = (ra - common, rb - common)
    rows.u.pointer.update(from: a + u + common * units, count: own * units)
    rows.v.pointer.update(from: a + v + common * inputs, count: own * inputs)
    if let b {
      (rows.u.pointer + own * units).update(from: b + u + common * units, count: other * units)
      (rows.v.pointer + own * inputs).update(from: b + v + common * inputs, count: other * inputs)
    }
    let signs = (0..<own + other).map { $0 < own ? 1.0 : -1 }
    return cdeep_product_square(
      own + other, units, inputs, rows.u.pointer, rows.v.pointer, signs, gram.pointer)
  }

  /// `|W|` of a layer at the start.
  func baseNorm(layer: Int) -> Double { baseSquares[layer].squareRoot() }
}

/// A method that adds states has been asked for where states are factors.
public struct LowRankError: Error, Equatable, CustomStringConvertible {
  public var description: String {
    "the changes of large layers are kept as factors, which only the integrator 'exponential' knows how to move"
  }
}
