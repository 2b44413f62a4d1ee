import Foundation

/// Amplitude `A_k = |a_k| |w_k|` and orientation `w_k / |w_k|` of each neuron of one state (section 3.1).
public struct NeuronPicture: Sendable {
  /// `A_k`; 0 where it is not finite.
  public let amplitudes: [Double]
  /// `|w_k|`.
  public let norms: [Double]
  /// For `d = 2` the angle of `(w_k1, w_k2)` to the first axis in `[-pi, pi)`, else `nil`.
  public let angles: [Double]?
  /// `w_k . 1 / (sqrt(d) |w_k|)`, the cosine of the angle to `(1, ..., 1)`; 0 for `w_k = 0`.
  public let projections: [Double]

  /// - Parameter state: laid out as `shape` says.
  public init(_ state: Span<Double>, shape: NetworkShape) {
    precondition(state.count == shape.stateLength)
    let (m, d) = (shape.width, shape.inputDimension)
    var squares = [Double](repeating: 0, count: m)
    var sums = squares
    // Buffers: with arrays and spans the loop over neurons is not vectorised.
    state.withUnsafeBufferPointer { state in
      squares.withUnsafeMutableBufferPointer { squares in
        sums.withUnsafeMutableBufferPointer { sums in
          for j in 0..<d {
            let w = state.baseAddress! + (j + 1) * m
            for k in 0..<m {
              squares[k] += w[k] * w[k]
              sums[k] += w[k]
            }
          }
        }
      }
    }
    let amplitudes = (0..<m).map { k in
      let amplitude = abs(state[k]) * squares[k].squareRoot()
      return amplitude.isFinite ? amplitude : 0
    }
    self.amplitudes = amplitudes
    norms = squares.map { $0.squareRoot() }
    projections = zip(sums, squares).map { $1 > 0 ? $0 / (Double(d) * $1).squareRoot() : 0 }
    angles =
      d == 2
      ? (0..<m).map { k in
        let angle = atan2(state[shape.indexOfW(k, 1)], state[shape.indexOfW(k, 0)])
        return angle == .pi ? -.pi : angle
      } : nil
  }

  /// What pictures have as their horizontal axis: ``angles`` for `d = 2`, else ``projections`` (Figure 7).
  public var orientations: [Double] { angles ?? projections }
}

extension FlowSnapshot {
  /// Amplitudes and orientations of the neurons at this time.
  public var neurons: NeuronPicture { withState { NeuronPicture($0, shape: flow.shape) } }
}
