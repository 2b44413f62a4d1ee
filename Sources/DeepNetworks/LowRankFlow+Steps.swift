import CDeepKernels
import Foundation
import Networks
import ODECore

/// What a step in the space of residuals does with a state.
extension LowRankFlow {
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
}
