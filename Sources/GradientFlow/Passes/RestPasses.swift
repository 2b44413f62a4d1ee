import ODECore

/// Whether the forces on all neurons vanish, up to rounding.
///
/// The search ends at the first neuron that is pushed: along a run, nearly always the first of all.
struct RestPasses {
  private let features: NeuronFeatures
  private let chunks: NeuronChunks
  /// Of one chunk.
  private let z, value, derivative, curvature: StateVector
  /// `|x_i|`.
  private let norms: [Double]

  init(_ features: NeuronFeatures) {
    self.features = features
    let (n, d) = (features.n, features.d)
    chunks = NeuronChunks(
      width: features.width, size: max(64, min(512, 16384 / n / 8 * 8)), threads: 1)
    let length = n * chunks.size
    (z, value) = (StateVector(count: length), StateVector(count: length))
    derivative = StateVector(count: length)
    curvature = StateVector(count: features.slopes == nil ? length : 0)
    let x = features.x.pointer
    norms = (0..<n).map { i in (0..<d).reduce(0) { $0 + x[i * d + $1] * x[i * d + $1] }.squareRoot() }
  }

  /// `sums_i = sum_k |a_k sigma(z_ki)|`.
  func absoluteOutputs(_ theta: UnsafePointer<Double>, into sums: UnsafeMutablePointer<Double>) {
    for i in 0..<features.n { sums[i] = 0 }
    for chunk in 0..<chunks.count {
      let (k, count) = evaluate(theta, chunk)
      for i in 0..<features.n {
        let row = value.pointer + i * count
        for j in 0..<count { sums[i] += abs(theta[k + j] * row[j]) }
      }
    }
  }

  /// Whether for every neuron `k`, with `l` the weights and `noise` what rounding may have made of them,
  ///
  ///     |sum_i l_i sigma_ki|        <= sum_i noise_i |sigma_ki|
  ///     |sum_i l_i sigma'_ki x_ij|  <= sum_i noise_i |sigma'_ki| |x_i|   for every j
  ///
  /// and, for smooth activations, `a_k sum_i l_i sigma''_ki x_i x_i^T` has no eigenvalue below what rounding makes of
  /// it (for more than ``largestBend`` inputs: is no more than that). False if anything is NaN.
  func forcesVanish(
    _ theta: UnsafePointer<Double>, weights l: UnsafePointer<Double>, noise: UnsafePointer<Double>
  ) -> Bool {
    (0..<chunks.count).allSatisfy { chunk in
      let (_, count) = evaluate(theta, chunk)
      if features.slopes == nil {
        features.secondDerivative(z.pointer, features.n * count, into: curvature.pointer)
      }
      return (0..<count).allSatisfy {
        isAtRest($0, of: count, sign: theta[chunks.start(chunk) + $0], l, noise)
      }
    }
  }

  private func isAtRest(
    _ k: Int, of count: Int, sign a: Double, _ l: UnsafePointer<Double>, _ noise: UnsafePointer<Double>
  ) -> Bool {
    let (n, d, x) = (features.n, features.d, features.x.pointer)
    var (force, allowed, allowedOnW) = (0.0, 0.0, 0.0)
    for i in 0..<n {
      let at = i * count + k
      force += l[i] * value.pointer[at]
      allowed += noise[i] * abs(value.pointer[at])
      allowedOnW += noise[i] * abs(derivative.pointer[at]) * norms[i]
    }
    guard abs(force) <= allowed else { return false }
    for j in 0..<d {
      force = 0
      for i in 0..<n { force += l[i] * derivative.pointer[i * count + k] * x[i * d + j] }
      guard abs(force) <= allowedOnW else { return false }
    }
    return features.slopes != nil || bendsUpwards(k, of: count, sign: a, l, noise)
  }

  private func bendsUpwards(
    _ k: Int, of count: Int, sign a: Double, _ l: UnsafePointer<Double>, _ noise: UnsafePointer<Double>
  ) -> Bool {
    let (n, d, x) = (features.n, features.d, features.x.pointer)
    var (bend, allowed) = (0.0, 0.0)
    for i in 0..<n {
      let weight = abs(curvature.pointer[i * count + k]) * norms[i] * norms[i]
      bend += abs(l[i]) * weight
      allowed += noise[i] * weight
    }
    if bend <= allowed { return true }
    guard d <= Self.largestBend, bend.isFinite else { return false }
    var matrix = [Double](repeating: 0, count: d * d)
    for i in 0..<n {
      let weight = (a < 0 ? -1 : 1) * l[i] * curvature.pointer[i * count + k]
      for p in 0..<d {
        for q in 0..<d { matrix[p * d + q] += weight * x[i * d + p] * x[i * d + q] }
      }
    }
    return (try? symmetricEigenvalues(matrix, count: d))?.first.map { $0 >= -allowed } ?? false
  }

  /// The largest `d` for which the bends' eigenvalues are computed.
  static let largestBend = 16

  /// Computes the features of a chunk; its first neuron and their number.
  private func evaluate(_ theta: UnsafePointer<Double>, _ chunk: Int) -> (first: Int, count: Int) {
    let (k, count) = (chunks.start(chunk), chunks.length(chunk))
    features.preactivations(theta, k, count, into: z.pointer)
    features.evaluate(
      z.pointer, features.n * count, value: value.pointer, derivative: derivative.pointer)
    return (k, count)
  }
}
