import ODECore

/// A gradient flow whose state vector holds the weights of a network.
public protocol NetworkFlow: ODESystem {
  /// What observers see of its states; made once for each run.
  func makeView() -> any NetworkView
}

/// The network at one moment of a run. Valid only during the call that hands the ``/ODECore/Moment`` over; what it
/// computes it computes once, for all observers.
public protocol NetworkView: AnyObject {
  /// Shows the state of `moment` from now on.
  func follow(_ moment: Moment)

  /// Size, scaling and activation.
  var network: Network { get }
  /// Inputs and targets.
  var data: Samples { get }
  /// `R(theta)`, (10) for squared loss.
  var loss: Double { get }
  /// `f(x_i)` at the `n` samples.
  var predictions: [Double] { get }
  /// `l'(f_i, y_i)`; for squared loss the residuals `e_i = f(x_i) - y_i`.
  var residuals: [Double] { get }
  /// `a_k`, `k` from 0.
  func a(_ k: Int) -> Double
  /// Coordinate `j` of `w_k`, both from 0.
  func w(_ k: Int, _ j: Int) -> Double
}

extension Moment {
  /// The network at this moment; `nil` if the problem is none.
  public var network: (any NetworkView)? {
    if let view = attachment as? any NetworkView {
      view.follow(self)
      return view
    }
    guard let view = (problem.system as? any NetworkFlow)?.makeView() else { return nil }
    attachment = view
    view.follow(self)
    return view
  }
}
