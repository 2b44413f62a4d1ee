import GradientFlow
import ODECore

/// The network and the data as the flow sees them.
///
/// A piecewise-linear activation is one slope everywhere plus, for each of its breakpoints, a jump of the slope. Each
/// pair of an input and a breakpoint is a **kink**, the hyperplane `row.W = x_i.w - c_j = 0`, and
///
///     f_i = outer sum_k alpha_k [(slope x_i, offset).W_k + sum_j jump_j max(row_ij.W_k, 0)].
///
/// `W = w` if all breakpoints are zero; else `W = (w, 1)`, and the last coordinate does not move.
///
/// Exact duplicates of an input are merged: else the equations of several sliding kinks would be singular.
final class KinkProblem {
  /// Coordinates of `w`, and of `W`.
  let d: Int, D: Int
  /// Numbers per neuron, `(alpha, W)`.
  var q: Int { D + 1 }
  /// Distinct inputs, and all of them.
  let n: Int, total: Int
  /// Neurons.
  let width: Int
  /// Pairs of an input and a breakpoint.
  let kinkCount: Int
  let kappa: Double, kappaPrime: Double
  let slope: Double, offset: Double
  /// The largest slope.
  let steepness: Double

  /// n x d.
  let inputs: StateVector
  /// `|x_i|`, and their sum.
  let lengths: StateVector
  let reach: Double
  /// kinks x D, and `x_i.x_i` of each.
  let rows: StateVector
  let squares: StateVector
  let jump: UnsafeBufferPointer<Double>
  /// Which input a kink belongs to.
  let sample: UnsafeBufferPointer<Int>

  init(_ flow: TwoLayerFlow, _ pieces: PiecewiseLinear, distinct: [Int]) {
    let data = flow.data
    (d, n, total) = (data.inputDimension, distinct.count, data.sampleCount)
    width = flow.shape.width
    let isHomogeneous = pieces.offset == 0 && pieces.breakpoints.allSatisfy { $0 == 0 }
    D = isHomogeneous ? d : d + 1
    (kappa, kappaPrime) = (flow.scaling.kappa, flow.scaling.kappaPrime)
    (slope, offset) = (pieces.slopes[0], pieces.offset)
    steepness = pieces.slopes.map(abs).max()!
    let jumps = zip(pieces.slopes.dropFirst(), pieces.slopes).map { $0 - $1 }
    kinkCount = n * jumps.count
    inputs = StateVector(distinct.flatMap { Array(data.input($0)) })
    lengths = StateVector(count: n)
    rows = StateVector(count: kinkCount * D)
    squares = StateVector(count: kinkCount)
    var (reach, jump, sample) = (0.0, [Double](), [Int]())
    for i in 0..<n {
      let x = inputs.pointer + i * d
      let square = dot(x, x, d)
      lengths.pointer[i] = square.squareRoot()
      reach += square.squareRoot()
      for (j, c) in pieces.breakpoints.enumerated() {
        let row = rows.pointer + jump.count * D
        row.update(from: x, count: d)
        if D > d { row[d] = -c }
        squares.pointer[jump.count] = square
        jump.append(jumps[j])
        sample.append(i)
      }
    }
    (self.reach, self.jump, self.sample) = (reach, copy(jump), copy(sample))
  }

  deinit {
    jump.deallocate()
    sample.deallocate()
  }

  var isHomogeneous: Bool { D == d }
  /// `f_i = outer sum_k alpha_k sigma(w_k.x_i)`.
  var outer: Double { kappa / kappaPrime }

  func x(_ i: Int) -> UnsafeMutablePointer<Double> { inputs.pointer + i * d }
  func row(_ kink: Int) -> UnsafeMutablePointer<Double> { rows.pointer + kink * D }

  /// Whether a free neuron on the given sides can reach the kink: in the plane, with all kinks through zero, a cone has
  /// two walls.
  func isWall(_ kink: Int, _ sides: UnsafePointer<Int8>) -> Bool {
    guard isHomogeneous, d == 2 else { return true }
    let row = row(kink)
    for sign in [-1.0, 1.0] {
      let (w0, w1) = (-sign * row[1], sign * row[0])
      let bounds = (0..<kinkCount).allSatisfy {
        $0 == kink || Double(sides[$0]) * (w0 * self.row($0)[0] + w1 * self.row($0)[1]) >= -1e-14
      }
      if bounds { return true }
    }
    return false
  }

  /// The first of each group of equal inputs, and the group of each input.
  static func distinctInputs(_ data: Samples) -> (first: [Int], group: [Int]) {
    var seen: [ArraySlice<Double>: Int] = [:]
    var first: [Int] = []
    let group = (0..<data.sampleCount).map { i in
      // -0 and 0 are equal, and hash alike.
      if let known = seen[data.input(i)] { return known }
      seen[data.input(i)] = first.count
      first.append(i)
      return first.count - 1
    }
    return (first, group)
  }
}

@inline(__always)
func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
  var sum = 0.0
  for i in 0..<count { sum += a[i] * b[i] }
  return sum
}

/// `y += factor x`.
@inline(__always)
func add(
  _ factor: Double, _ x: UnsafePointer<Double>, _ count: Int, to y: UnsafeMutablePointer<Double>
) {
  for i in 0..<count { y[i] += factor * x[i] }
}
