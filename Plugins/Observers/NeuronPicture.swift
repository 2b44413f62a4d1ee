import Foundation
import GradientFlow

/// Amplitudes `A_k = |a_k| |w_k|` and orientations of all neurons at one time (section 3.1).
struct NeuronPicture {
  /// `A_k`; 0 where it is not finite.
  let amplitudes: [Double]
  /// `|w_k|`.
  let norms: [Double]
  /// For `d = 2` the angle of `(w_k1, w_k2)` to the first axis in `[-pi, pi)`, else `nil`.
  let angles: [Double]?
  /// `w_k . 1 / (sqrt(d) |w_k|)`; 0 for `w_k = 0`.
  let projections: [Double]

  init(_ snapshot: FlowSnapshot) {
    let m = snapshot.width
    let d = snapshot.inputDimension
    var squares = [Double](repeating: 0, count: m)
    var sums = squares
    var amplitudes = squares
    snapshot.withState { y in
      for j in 0..<d {
        let row = (j + 1) * m
        for k in 0..<m {
          squares[k] += y[row + k] * y[row + k]
          sums[k] += y[row + k]
        }
      }
      for k in 0..<m {
        let amplitude = abs(y[k]) * squares[k].squareRoot()
        amplitudes[k] = amplitude.isFinite ? amplitude : 0
      }
    }
    self.amplitudes = amplitudes
    norms = squares.map { $0.squareRoot() }
    projections = zip(sums, squares).map { $1 > 0 ? $0 / (Double(d) * $1).squareRoot() : 0 }
    angles =
      d == 2
      ? (0..<m).map {
        let angle = atan2(snapshot.w($0, 1), snapshot.w($0, 0))
        return angle == .pi ? -.pi : angle
      } : nil
  }
}
