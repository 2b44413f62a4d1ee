import ODECore

extension TwoLayerFlow: JacobianVectorProductProviding {
  /// The exact `J(y) v`, with `l''` and `sigma''`; on kinks the left derivative counts.
  ///
  /// With `z'_ki = vw_k.x_i`, `f'_i = kappa sum_k (va_k sigma + a_k sigma' z'_ki)` and `q_i = l''_i f'_i`:
  ///
  ///     (J v)_a,k = -(kappa / (kappa' n)) sum_i (q_i sigma + l'_i sigma' z'_ki)
  ///     (J v)_w,k = -(kappa' kappa / n) sum_i ((q_i a_k + l'_i va_k) sigma' + l'_i a_k sigma'' z'_ki) x_i
  ///
  /// The first call on a path other than ``FlowPath/fused`` allocates scratch; later ones do not.
  public func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    precondition(y.count == dimension && v.count == dimension && jv.count == dimension)
    y.withUnsafeBufferPointer { y in
      v.withUnsafeBufferPointer { v in
        jv.withUnsafeMutableBufferPointer { jv in
          let (theta, v) = (y.baseAddress!, v.baseAddress!)
          _ = evaluateLoss(theta)
          evaluateCurvatures()
          let q = sampleValues.tangents.pointer
          passes.outputsTangent(theta, direction: v, into: q)
          for i in 0..<data.sampleCount {
            q[i] *= scaling.kappa * sampleValues.curvatures.pointer[i]
          }
          passes.gradientTangent(
            theta, direction: v, weights: sampleValues.residuals.pointer, weightsTangent: q, factors,
            into: jv.baseAddress!)
        }
      }
    }
  }

  /// Fills `l''`, after ``evaluateLoss(_:)``.
  package func evaluateCurvatures() {
    sampleValues.curvatures.withMutableSpan { result in
      sampleValues.predictions.withSpan { f in
        targets.withSpan { loss.secondDerivative(f, $0, into: &result) }
      }
    }
  }
}
