import GradientFlow
import ODECore

/// `conservation`: the largest relative defect, over neurons and time, of the law
///
///     kappa'^2 (a_k^2 - a_k(0)^2) = |w_k|^2 - |w_k(0)|^2               (77)
///
/// which the exact flow keeps for every neuron if the activation is positively homogeneous of degree
/// 1 (ReLU, leaky ReLU, linear): a free estimate of the error of the integration. The defect of a
/// neuron is
///
///     | kappa'^2 (a^2 - a0^2) - (|w|^2 - |w0|^2) |
///     ---------------------------------------------------------
///     kappa'^2 max(a^2, a0^2) + max(|w|^2, |w0|^2)
///
/// a number in [0, 1], and 0 for a neuron that is zero throughout. NaN in the state makes it NaN.
///
/// - Columns: `conservationDefect`, the largest over the neurons at that time.
/// - Summary: `applicable`; `maxDefect`, the largest over neurons, accepted steps and recorded times,
///   or the text `not applicable` for other activations.
public final class Conservation: FlowObserver {
  public let name = "conservation"
  public let columns = ["conservationDefect"]
  public let watchesSteps = true
  public let isRotationInvariant = true

  private var applicable = false
  private var startA = StateVector(count: 0)
  private var startW = StateVector(count: 0)
  private let defects = StateVector(count: Conservation.blockLength)
  private let sizes = StateVector(count: Conservation.blockLength)
  private var largest = 0.0

  /// Neurons handled at once: their `|w_k|^2` stay in the first-level cache.
  private static let blockLength = 512

  public init() {}

  /// The largest defect so far.
  public var memory: [Double] {
    get { [largest] }
    set { if let value = newValue.first { largest = value } }
  }

  public func begin(_ snapshot: FlowSnapshot) {
    applicable = snapshot.flow.activation.homogeneity == 1
    largest = 0
    guard applicable else { return }
    let m = snapshot.width
    startA = StateVector(count: m)
    startW = StateVector(count: m)
    snapshot.withState { y in
      y.withUnsafeBufferPointer { y in
        for k in 0..<m { startA.pointer[k] = y[k] * y[k] }
        for k in m..<y.count { startW.pointer[k % m] += y[k] * y[k] }
      }
    }
  }

  public func step(_ snapshot: FlowSnapshot) { _ = measure(snapshot, above: largest) }

  public func record(_ snapshot: FlowSnapshot) -> [Double] { [measure(snapshot)] }

  public func finish(_ snapshot: FlowSnapshot) -> [String: ObservedValue] {
    guard applicable else {
      return ["maxDefect": .text("not applicable"), "applicable": .flag(false)]
    }
    _ = measure(snapshot)
    return ["maxDefect": .number(largest), "applicable": .flag(true)]
  }

  /// The largest defect of this snapshot; NaN if the law does not apply. If only one above `known` is of
  /// interest, `known` comes back when there is none, at a fraction of the time: blocks of neurons below
  /// it are told by a product, without a division for each.
  private func measure(_ snapshot: FlowSnapshot, above known: Double = -.infinity) -> Double {
    guard applicable else { return .nan }
    let m = snapshot.width
    precondition(startA.count == m, "begin(_:) comes first")
    let kappaPrime = snapshot.flow.scaling.kappaPrime
    let defect = snapshot.withState { y in
      y.withUnsafeBufferPointer { y in
        var worst = known
        var from = 0
        while from < m {
          let count = min(Self.blockLength, m - from)
          compare(y, from, count, kappaPrime * kappaPrime, m)
          if exceed(worst, count) { worst = Self.larger(worst, largestRatio(count)) }
          from += count
        }
        return worst
      }
    }
    largest = Self.larger(largest, defect)
    return defect
  }

  /// Writes numerators and denominators of the defects of `count` neurons to ``defects`` and ``sizes``.
  private func compare(
    _ y: UnsafeBufferPointer<Double>, _ from: Int, _ count: Int, _ factor: Double, _ m: Int
  ) {
    // Locals: a class's stored properties would be checked for exclusive access at every turn.
    let w2 = defects.pointer
    let sizes = sizes.pointer
    let startA = startA.pointer + from
    let startW = startW.pointer + from
    let a = y.baseAddress! + from
    for k in 0..<count { w2[k] = 0 }
    var row = m
    while row < y.count {
      let w = a + row
      for k in 0..<count { w2[k] += w[k] * w[k] }
      row += m
    }
    for k in 0..<count {
      let a2 = factor * (a[k] * a[k])
      let a02 = factor * startA[k]
      sizes[k] = (a2 > a02 ? a2 : a02) + (w2[k] > startW[k] ? w2[k] : startW[k])
      w2[k] = abs((a2 - a02) - (w2[k] - startW[k]))
    }
  }

  /// Whether a defect of the block is above `known`, or not a number.
  private func exceed(_ known: Double, _ count: Int) -> Bool {
    let defects = defects.pointer
    let sizes = sizes.pointer
    // Summed, so that the loop has no branch; NaN compares false.
    var below = 0
    for k in 0..<count { below += defects[k] <= known * sizes[k] ? 1 : 0 }
    return below < count
  }

  private func largestRatio(_ count: Int) -> Double {
    let defects = defects.pointer
    let sizes = sizes.pointer
    for k in 0..<count { defects[k] /= Swift.max(sizes[k], .leastNormalMagnitude) }
    return largestElement(UnsafeBufferPointer(start: defects, count: count))
  }

  /// The larger one; NaN if either is.
  private static func larger(_ x: Double, _ y: Double) -> Double {
    x > y || x.isNaN ? x : y
  }
}
