import ODECore

/// A ``/ODECore/ResidualFlow`` whose places hold kernels. What is solved with them is the same for every architecture.
package protocol KernelResidualFlow: ResidualFlow {
  /// One for each ``/ODECore/ResidualOperator``, by its raw value.
  var propagators: [KernelPropagator] { get }
  /// `H` and `K` at a place.
  func operands(at place: Place) -> KernelOperands
}

extension KernelResidualFlow {
  package func prepare(_ operator: ResidualOperator, h: Double) throws {
    let propagator = propagators[`operator`.rawValue]
    propagator.factorise(
      operands(at: .start), mean: `operator` == .mean ? operands(at: .stage) : nil, h: h)
    try propagator.start(from: residuals(at: .start))
  }

  package func propagate(_ operator: ResidualOperator, tau: Double, into path: ResidualMoments) {
    propagators[`operator`.rawValue].propagate(tau: tau, into: path)
  }

  package var linearCounters: (setups: Int, iterations: Int) {
    propagators.reduce((0, 0)) { ($0.0 + $1.setups, $0.1 + $1.iterations) }
  }
}
