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
    self.init(
      squares: squares, sums: sums, partners: (0..<m).map { abs(state[$0]) }, dimension: d
    ) { (state[shape.indexOfW($0, 0)], state[shape.indexOfW($0, 1)]) }
  }

  /// Of any units of a network.
  ///
  /// - Parameters:
  ///   - vectors: whose orientations are meant, where they are in `state`.
  ///   - partners: in place of `|a_k|` the norm of the other weights of each unit.
  public init(_ vectors: VectorsInState, in state: Span<Double>, partners: [Double]) {
    precondition(partners.count == vectors.count)
    let (squares, sums) = vectors.squaresAndSums(state)
    self.init(squares: squares, sums: sums, partners: partners, dimension: vectors.dimension) {
      (state[vectors.place($0, 0)], state[vectors.place($0, 1)])
    }
  }

  private init(
    squares: [Double], sums: [Double], partners: [Double], dimension d: Int,
    _ plane: (Int) -> (x: Double, y: Double)
  ) {
    amplitudes = zip(partners, squares).map {
      let amplitude = $0 * $1.squareRoot()
      return amplitude.isFinite ? amplitude : 0
    }
    norms = squares.map { $0.squareRoot() }
    projections = zip(sums, squares).map { $1 > 0 ? $0 / (Double(d) * $1).squareRoot() : 0 }
    angles =
      d == 2
      ? squares.indices.map { k in
        let (x, y) = plane(k)
        let angle = atan2(y, x)
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
