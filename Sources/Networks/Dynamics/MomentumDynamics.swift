/// ``Dynamics`` with a velocity and with an iteration of their own, gradient descent with momentum, of which they are the limit: with
/// learning rate `eta`, step of time `h` and momentum `m`,
///
///     p = theta + m h v  if it looks ahead, else theta
///     v <- m v + (eta/h) F(p),   theta <- theta + h v.
///
/// As `h` goes to zero iterations with the same time follow the dynamics, with an error of order `h`.
public protocol MomentumDynamics: Dynamics {
  /// Whether the force is taken where momentum alone would lead.
  var looksAhead: Bool { get }
  /// The time `h` that one iteration with this learning rate is worth.
  func stepSize(learningRate eta: Double) -> Double
  /// `eta` of an iteration that is worth the time `h`.
  func learningRate(stepSize h: Double) -> Double
  /// `m` of the iteration from `t` on.
  func momentum(_ t: Double, stepSize h: Double) -> Double
}
