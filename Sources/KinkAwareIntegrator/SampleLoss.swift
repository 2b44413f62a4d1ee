import GradientFlow
import ODECore

/// The loss by the outputs at the distinct inputs: `e_i`, its derivative, and the risk.
///
/// For the squared loss, `c_i` samples of one input have `e_i = c_i f_i - sum y`; any other loss is asked.
final class SampleLoss {
  private let loss: any Loss
  private let group: [Int]
  private let targets: StateVector
  private let (f, value, derivative): (StateVector, StateVector, StateVector)
  let isSquared: Bool
  /// The squared loss: samples of each input, the sums of their targets, and the sum of all squares.
  let count: [Double]
  private let targetSum: [Double]
  private let squares: Double

  init(_ flow: TwoLayerFlow, group: [Int], distinct: Int) {
    loss = flow.loss
    isSquared = loss.isSquared
    self.group = group
    let total = group.count
    targets = StateVector(flow.data.targets)
    (f, value, derivative) = (
      StateVector(count: total), StateVector(count: total), StateVector(count: total)
    )
    var count = [Double](repeating: 0, count: distinct)
    var targetSum = count
    for (k, i) in group.enumerated() {
      count[i] += 1
      targetSum[i] += flow.data.targets[k]
    }
    (self.count, self.targetSum) = (count, targetSum)
    squares = flow.data.targets.reduce(0) { $0 + $1 * $1 }
  }

  /// `e_i = sum l'(f_i, y)` over the samples of input i.
  func residuals(_ outputs: UnsafePointer<Double>, into e: UnsafeMutablePointer<Double>) {
    if isSquared {
      for i in count.indices { e[i] = count[i] * outputs[i] - targetSum[i] }
    } else {
      evaluate(outputs)
      sum(derivative, into: e)
    }
  }

  /// `C_i = de_i/df_i`. Concave and flat stretches count as slightly convex: what is solved with them is only iterated on.
  func curvatures(_ outputs: UnsafePointer<Double>, into C: UnsafeMutablePointer<Double>) {
    if isSquared {
      for i in count.indices { C[i] = count[i] }
      return
    }
    spread(outputs)
    derivative.withMutableSpan { second in
      f.withSpan { f in targets.withSpan { loss.secondDerivative(f, $0, into: &second) } }
    }
    sum(derivative, into: C)
    let largest = count.indices.reduce(1e-100) { max($0, C[$1]) }
    for i in count.indices { C[i] = max(C[i], 1e-6 * largest) }
  }

  /// `R`, (10) for squared loss.
  func risk(_ outputs: UnsafePointer<Double>) -> Double {
    if isSquared {
      var R = squares
      for i in count.indices {
        let e = count[i] * outputs[i] - targetSum[i]
        R += (e * e - targetSum[i] * targetSum[i]) / count[i]
      }
      return R / Double(2 * group.count)
    }
    evaluate(outputs)
    var R = 0.0
    for k in group.indices { R += value.pointer[k] }
    return R / Double(group.count)
  }

  /// What of `e_i` does not come from `f_i`, for the size of its rounding.
  func constant(_ i: Int) -> Double { isSquared ? abs(targetSum[i]) : 0 }

  /// The rounding of `R` that a plateau allows.
  var riskRounding: Double { 1e-14 * squares / Double(group.count) }

  private func spread(_ outputs: UnsafePointer<Double>) {
    for (k, i) in group.enumerated() { f.pointer[k] = outputs[i] }
  }

  private func evaluate(_ outputs: UnsafePointer<Double>) {
    spread(outputs)
    value.withMutableSpan { value in
      derivative.withMutableSpan { derivative in
        f.withSpan { f in
          targets.withSpan { loss.evaluate(f, $0, value: &value, derivative: &derivative) }
        }
      }
    }
  }

  private func sum(_ values: StateVector, into result: UnsafeMutablePointer<Double>) {
    for i in count.indices { result[i] = 0 }
    for (k, i) in group.enumerated() { result[i] += values.pointer[k] }
  }
}
