import CDeepKernels
import Foundation
import ODECore

/// A large layer's weights as a matrix, from `W_l(0) + sum_q u_q v_q^T`, for a run that asks for them again and again.
///
/// The terms that a step began with are those of the next states, too: their sum is kept, and only grows. Terms are added one after the other, so
/// that what is kept changes no bit.
final class LiftedLayer {
  private let layer: Layer
  private let sum: StateVector
  /// The terms in ``sum``.
  private let terms: (u: StateVector, v: StateVector)
  private var count: Int?

  /// - Parameter capacity: the most terms.
  init(_ layer: Layer, capacity: Int) {
    self.layer = layer
    sum = StateVector(count: layer.units * layer.inputs)
    terms = (StateVector(count: capacity * layer.units), StateVector(count: capacity * layer.inputs))
  }

  /// Writes the weights to `target`.
  ///
  /// - Parameters:
  ///   - rank: the number of terms; rows of `u` and `v`.
  ///   - settled: so many of them are likely to be there the next time.
  func lift(
    base: UnsafePointer<Double>, rank: Int, settled: Int, _ u: UnsafePointer<Double>, _ v: UnsafePointer<Double>,
    into target: UnsafeMutablePointer<Double>
  ) {
    var first = 0
    var from = base
    if let count, count <= settled, isSame(u, terms.u, count * layer.units),
      isSame(v, terms.v, count * layer.inputs)
    {
      first = count
      from = UnsafePointer(sum.pointer)
    }
    func add(
      _ from: UnsafePointer<Double>, _ range: Range<Int>, into target: UnsafeMutablePointer<Double>
    ) {
      layer.add(
        range.count, u + range.lowerBound * layer.units, v + range.lowerBound * layer.inputs, to: from,
        into: target)
    }
    if first < settled || count == nil || first == 0 {
      add(from, first..<settled, into: sum.pointer)
      terms.u.pointer.update(from: u, count: settled * layer.units)
      terms.v.pointer.update(from: v, count: settled * layer.inputs)
      count = settled
    }
    add(sum.pointer, settled..<rank, into: target)
  }

  private func isSame(_ a: UnsafePointer<Double>, _ b: StateVector, _ count: Int) -> Bool {
    memcmp(a, b.pointer, count * MemoryLayout<Double>.stride) == 0
  }
}
