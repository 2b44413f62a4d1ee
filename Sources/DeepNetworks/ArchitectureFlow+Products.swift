import ODECore

extension ArchitectureFlow: JacobianVectorProductProviding {
  /// The exact `J(y) v`, with `l''` and second derivatives of the network; on kinks the left derivative counts.
  public func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    precondition(v.count == dimension && jv.count == dimension)
    prepareProducts(y)
    product(y, v, into: &jv)
  }

  /// Goes to `y` for ``product(_:_:into:)``.
  func prepareProducts(_ y: Span<Double>) {
    _ = risk(y)
    values.evaluateCurvatures()
  }

  /// `J(y) v`, after ``prepareProducts(_:)``.
  func product(_ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>) {
    values.tangents.withMutableSpan { evaluation.tangent(y, direction: v, into: &$0) }
    values.applyCurvatures()
    values.residuals.withSpan { r in
      values.residualTangents.withSpan { q in
        evaluation.gradientTangent(
          y, direction: v, weights: r, weightsTangent: q, factors: factors, into: &jv)
      }
    }
  }
}
