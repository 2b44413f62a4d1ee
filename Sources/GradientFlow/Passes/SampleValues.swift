import ODECore

/// Scratch with one number per sample.
struct SampleValues {
  /// `f_i`.
  let predictions: StateVector
  /// `l_i`.
  let losses: StateVector
  /// `l'_i`.
  let residuals: StateVector
  /// `l''_i`.
  let curvatures: StateVector
  /// The derivative of `f_i`, then of `l'_i`, in some direction.
  let tangents: StateVector

  init(count n: Int) {
    predictions = StateVector(count: n)
    losses = StateVector(count: n)
    residuals = StateVector(count: n)
    curvatures = StateVector(count: n)
    tangents = StateVector(count: n)
  }
}
