import CDeepKernels
import GradientFlow
import Networks
import ODECore

/// The motion of all hidden units by impulses `E` of residuals, those of the first layer over and along their kinks.
///
/// While the impulses are delivered, all in the same course, a unit's arguments `z_i` at the samples move by
///
///     z_i' = D_i - (1/n) sum_j (mu_W a_i . a_j + mu_b) E_j p_j s_j,   s_j = sigma'(z_j),
///
/// with `p` its signal before `sigma'` multiplies it, and `D` what the layers below do, zero for the first. For an activation that is linear on both sides of 0 this is solved
/// exactly, unit by unit: a unit crosses kinks at its own time, and one that both sides lead to a kink is held there by the slope between them that does it. The mean slopes on the
/// way are what the weights move with. A step across a kink so has no chattering to resolve, and what slides keeps sliding in the next.
///
/// Source: Filippov, *Differential Equations with Discontinuous Righthand Sides* (1988), doi:10.1007/978-94-015-7793-3.
final class UnitMotion {
  private let network: DeepNetwork
  private let n: Int
  private let means: [StateVector]
  /// For each of two terms `n x n`; for each hidden layer two times `n x m_l`.
  private let gram: StateVector
  private let impulses: [StateVector]

  init(_ network: DeepNetwork, sampleCount n: Int) {
    (self.network, self.n) = (network, n)
    let hidden = network.widths[1...network.activations.count]
    means = hidden.map { StateVector(count: n * $0) }
    impulses = hidden.map { StateVector(count: 2 * n * $0) }
    gram = StateVector(count: 2 * n * n)
  }

  /// The signals by which layer `l + 1` moves for one of the terms of ``move(_:factors:weights:into:)``, `n x m_l`: its weights by
  /// their outer product with the term's features.
  func signal(_ l: Int, term: Int) -> UnsafeMutablePointer<Double> {
    impulses[l].pointer + term * n * network.widths[l + 1]
  }

  /// Evaluations with their kernels' signals, the first at the start of a motion, and the impulses that move along each.
  typealias Term = (evaluation: DeepEvaluation, impulse: StateVector)

  /// The signals of the same motion by other impulses of its terms: units have the slopes that they had in the mean.
  func repeatMotion(_ terms: [Term]) {
    for l in impulses.indices {
      for (t, term) in terms.enumerated() {
        fillImpulses(l, t, term)
        scale(l, t, term)
      }
    }
  }

  private func fillImpulses(_ l: Int, _ t: Int, _ term: Term) {
    term.evaluation.kernels.impulses(term.evaluation, l, term.impulse.pointer, into: signal(l, term: t))
  }

  /// By the mean slopes on the way, or those of a smooth activation.
  private func scale(_ l: Int, _ t: Int, _ term: Term) {
    let slopes = l > 0 || network.activations[l].slopes == nil ? term.evaluation.slopes[l] : means[l]
    cdeep_scale(slopes.count, slopes.pointer, signal(l, term: t))
  }

  /// Fills the hidden layers of `end` with what is there after the motion.
  ///
  /// - Parameters:
  ///   - terms: one or two.
  ///   - factors: `-mu/n` of each block.
  ///   - weights: at the start.
  func move(
    _ terms: [Term], factors: [Double], weights: some LayerWeights, into end: DeepEvaluation
  ) {
    let start = terms[0].evaluation
    guard let held = start.kinks, let heldAtEnd = end.kinks else {
      preconditionFailure("units are not followed")
    }
    end.hasUnitSignals = false
    for l in 0..<end.depth {
      let (layer, place, z) = (end.layers[l], network.places[l], end.arguments[l]!.pointer)
      let (units, inputs) = (layer.units, layer.inputs)
      weights.forward(l, n, end.features(l), scale: 1, into: z)
      if let bias = weights.bias(l) { end.addToRows(bias, units, z) }
      let constant = place.bias.map { factors[$0] } ?? 0
      for (t, term) in terms.enumerated() {
        fillImpulses(l, t, term)
        let g = gram.pointer + t * n * n
        cdeep_forward(
          n, n, inputs, -factors[place.weights], end.features(l), inputs, term.evaluation.features(l), inputs,
          0, g, n)
        if constant != 0 { for e in 0..<n * n { g[e] -= constant } }
      }
      // Above, what holds a unit would move the layers below too, by signals of the step before: held slopes then swing.
      guard l == 0, let slopes = network.activations[l].slopes else {
        for (t, term) in terms.enumerated() {
          scale(l, t, term)
          for i in 0..<n {
            for j in 0..<n {
              cdeep_add(
                units, -gram.pointer[(t * n + i) * n + j], signal(l, term: t) + j * units, z + i * units)
            }
          }
        }
        end.activate(l, z)
        continue
      }
      heldAtEnd.counts[l] = cdeep_follow_units(
        units, n, terms.count, gram.pointer, impulses[l].pointer, slopes.positive, slopes.negative,
        start.arguments[l]!.pointer, held.masks[l], z, means[l].pointer, end.slopes[l].pointer,
        &heldAtEnd.masks[l])
      for (t, term) in terms.enumerated() { scale(l, t, term) }
      let value = end.values[l].pointer
      value.update(from: z, count: n * units)
      cdeep_scale(n * units, end.slopes[l].pointer, value)
    }
  }
}
