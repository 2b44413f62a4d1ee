/// The Gram matrix of the flow that really goes on when neurons are held at a kink.
///
/// A neuron with `w_k . x_i = 0` whose field points at the kink from both sides stays there (Filippov
/// 1988, *Differential Equations with Discontinuous Righthand Sides*; equivalent control, Utkin 1992).
/// Its `w_k` then moves by the projection of the other samples' pull onto the complement of `x_i`,
/// so its part of `G^w` (32) is
///
///     kappa^2 kappa' a_k^2 / m * sigma'_j sigma'_l x_j . P x_l,   j, l not held,  P = I - Q Q^T
///
/// with `Q` an orthonormal basis of the held `x_i`, and `G^a` has no part in held samples as `sigma(0) = 0`.
/// The one-sided `sigma'` of the plain matrix promises a motion that does not take place; the true
/// rate of decay is smaller.
///
/// A neuron counts as held at `i` if both sides point at the kink and it is there or a twentieth of the
/// residuals' decay time away: `|w_k . x_i| <= 0.05 |d/dt (w_k . x_i)| / rate`, `e ~ exp(-rate t)`. That
/// includes the chatter of an integrator that knows nothing of sliding, whose amplitude is a step's way.
///
/// A neuron at `w = 0`, where all kinks meet, counts as held by all of them and has no part at all: there it stays, or it is
/// about to leave, and what its one-sided derivatives promise is decided by rounding. The test is
/// `|w| <= 1e-10 kappa' |a|`, that of the kink-aware integrator.
///
/// A neuron on the kink to rounding also counts as held if the side below has no field at all: it died there, and stays
/// whatever the residual does. On which side rounding left it, from which the plain matrix takes `sigma'`, means nothing.
public struct SlidingGram: Sendable {
  /// `n x n`.
  public let matrix: [Double]
  /// Neurons held at a kink or more.
  public let heldNeurons: Int

  private static let nearness = 0.05
  /// `|w|` over `kappa' |a|` up to which `w` counts as 0.
  private static let vanishing = 1e-10

  /// - Parameters:
  ///   - plain: `G` by one-sided derivatives.
  ///   - slopes: of the activation; its kink is at 0.
  ///   - rate: of the residuals, positive.
  public init(_ snapshot: FlowSnapshot, plain: [Double], slopes: Slopes, rate: Double) {
    let data = snapshot.flow.data
    let (n, d, m) = (data.sampleCount, data.inputDimension, snapshot.width)
    let scaling = snapshot.flow.scaling
    let residuals = snapshot.residuals
    let x = (0..<n).map { Array(data.input($0)) }
    let inner = x.map { row in x.map { dot(row, $0) } }
    var matrix = plain
    var heldNeurons = 0
    var w = [Double](repeating: 0, count: d)
    var pull = w
    var h = [Double](repeating: 0, count: n)
    var slope = h
    // Those of `slope` that rounding did not choose; inactive at a kink.
    var sureSlope = h
    var isAtKink = [Bool](repeating: false, count: n)
    for k in 0..<m {
      let a = snapshot.a(k)
      for j in 0..<d {
        w[j] = snapshot.w(k, j)
        pull[j] = 0
      }
      let share = scaling.kappa * scaling.kappa * scaling.kappaPrime * a * a / Double(m)
      let isAtOrigin = n > 1 && dot(w, w).squareRoot() <= Self.vanishing * scaling.kappaPrime * abs(a)
      for i in 0..<n {
        h[i] = dot(w, x[i])
        slope[i] = h[i] > 0 ? slopes.positive : slopes.negative
        let size = (0..<d).reduce(0) { $0 + abs(w[$1] * x[i][$1]) }
        isAtKink[i] = abs(h[i]) <= 2 * Double(d) * .ulpOfOne * size
        sureSlope[i] = isAtKink[i] ? slopes.negative : slope[i]
        for j in 0..<d { pull[j] += residuals[i] * sureSlope[i] * x[i][j] }
      }
      if isAtOrigin {
        heldNeurons += 1
        for i in 0..<n {
          for j in 0..<n { matrix[i * n + j] -= share * slope[i] * slope[j] * inner[i][j] }
        }
        continue
      }
      let factor = -scaling.kappa * scaling.kappaPrime * a / Double(n)
      let held = (0..<n).filter { i in
        let others = dot(pull, x[i]) - residuals[i] * sureSlope[i] * inner[i][i]
        let below = factor * (others + slopes.negative * residuals[i] * inner[i][i])
        let above = factor * (others + slopes.positive * residuals[i] * inner[i][i])
        if isAtKink[i], below == 0 { return true }
        guard below > 0, above < 0 else { return false }
        return abs(h[i]) * rate <= Self.nearness * (h[i] > 0 ? -above : below)
      }
      if held.isEmpty { continue }
      heldNeurons += 1
      let basis = orthonormalBasis(held.map { x[$0] })
      // The parts of each sample along the basis.
      let along = x.map { sample in basis.map { dot($0, sample) } }
      for i in 0..<n where slope[i] != 0 {
        for j in 0..<n where slope[j] != 0 {
          let stays = held.contains(i) || held.contains(j)
          let removed = stays ? inner[i][j] : dot(along[i], along[j])
          matrix[i * n + j] -= share * slope[i] * slope[j] * removed
        }
      }
    }
    self.matrix = matrix
    self.heldNeurons = heldNeurons
  }
}

private func dot(_ x: [Double], _ y: [Double]) -> Double {
  var sum = 0.0
  for i in x.indices { sum += x[i] * y[i] }
  return sum
}

/// By Gram and Schmidt, twice over; vectors in the span of earlier ones are left out.
private func orthonormalBasis(_ vectors: [[Double]]) -> [[Double]] {
  var basis: [[Double]] = []
  for vector in vectors {
    var rest = vector
    for _ in 0..<2 {
      for q in basis {
        let part = dot(q, rest)
        for j in rest.indices { rest[j] -= part * q[j] }
      }
    }
    let length = dot(rest, rest).squareRoot()
    if length > 1e-10 * dot(vector, vector).squareRoot() { basis.append(rest.map { $0 / length }) }
  }
  return basis
}
