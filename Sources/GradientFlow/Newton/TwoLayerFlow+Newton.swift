import ODECore

/// Newton's systems of the flow, exact through the Jacobian's structure, with `l''` and `sigma''`; on
/// kinks the left derivative counts.
///
/// ``newtonForm`` says how, and at what cost. The first call of ``prepareNewton(_:_:gamma:)`` allocates
/// scratch; later calls and solves allocate nothing.
extension TwoLayerFlow: NewtonSystemSolving {
  /// How Newton's systems are solved.
  public var newtonForm: NewtonForm {
    .choose(
      width: shape.width, inputDimension: shape.inputDimension, sampleCount: data.sampleCount,
      isLinear: activation.slopes != nil)
  }

  public var newtonSolution: NewtonSolution {
    switch newtonForm {
    case .arrow, .blocks, .dense: .exact
    case .withoutCurvature: .approximate
    case .unavailable: .unavailable
    }
  }

  /// Factorises `I - gamma J(y)`; the flow is autonomous, `t` serves messages only.
  ///
  /// - Throws: `SingularNewtonSystem` if a smaller `gamma` is needed; ``NewtonFormError`` if the
  ///   problem is too large; ``BLASError``; ``EigenvalueError`` if LAPACK cannot factorise the inputs.
  public func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    precondition(y.count == dimension)
    let factors = try newtonFactors ?? makeNewtonFactors()
    newtonFactors = factors
    try y.withUnsafeBufferPointer { y in
      let theta = y.baseAddress!
      _ = evaluateLoss(theta)
      evaluateCurvatures()
      do {
        try factors.prepare(theta, sampleValues, gamma: gamma)
      } catch let part as SingularPart {
        throw SingularNewtonSystem(time: t, gamma: gamma, part: part.description)
      }
    }
  }

  /// Solves with the last successful ``prepareNewton(_:_:gamma:)``, without which it traps.
  public func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    precondition(r.count == dimension && z.count == dimension)
    guard let newtonFactors else { preconditionFailure("solveNewton before prepareNewton") }
    r.withUnsafeBufferPointer { r in
      z.withUnsafeMutableBufferPointer { z in
        newtonFactors.solve(r.baseAddress!, into: z.baseAddress!)
      }
    }
  }

  private func makeNewtonFactors() throws -> any NewtonFactors {
    let form = newtonForm
    switch form {
    case .arrow, .blocks, .withoutCurvature:
      return try LowRankNewton(
        features, scaling, form: form, threads: threads, storedLimit: newtonStoredLimit)
    case .dense:
      return try DenseNewton(features, scaling)
    case .unavailable:
      throw NewtonFormError(unknowns: dimension, samples: data.sampleCount)
    }
  }
}

/// A problem too large for direct solves of Newton's systems.
public struct NewtonFormError: Error, Equatable, CustomStringConvertible {
  /// `N = m (d + 1)`.
  public let unknowns: Int
  /// `n`.
  public let samples: Int

  public var description: String {
    """
    Newton's systems need a dense matrix of order min(\(unknowns) unknowns, \(samples) samples), which may be at \
    most \(DenseMatrix.largestOrder): use an explicit integrator, or CVODE with .spgmr
    """
  }
}
