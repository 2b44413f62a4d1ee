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
  private var count = 0

  /// - Parameter capacity: the most terms.
  init(_ layer: Layer, capacity: Int) {
    self.layer = layer
    sum = StateVector(count: layer.units * layer.inputs)
    terms = (StateVector(count: capacity * layer.units), StateVector(count: capacity * layer.inputs))
  }

  /// A large layer's terms: `rank` rows of `u` and `v`, and where its weights at the start are.
  struct Terms {
    let base: UnsafePointer<Double>
    let rank: Int
    let u: UnsafePointer<Double>
    let v: UnsafePointer<Double>
    /// So many of the terms are likely to be there the next time.
    let settled: Int
  }

  /// Writes the weights to `target`.
  func lift(_ terms: Terms, into target: UnsafeMutablePointer<Double>) {
    let (from, first) = settle(terms)
    add(terms, from, first..<terms.rank, into: target)
  }

  /// The sums of squares of the weights' rows and columns.
  func squares(_ terms: Terms) -> (rows: [Double], columns: [Double]) {
    let (from, first) = settle(terms)
    return layer.squares(
      terms.rank - first, terms.u + first * layer.units, terms.v + first * layer.inputs, to: from)
  }

  /// So many terms cost as much as reading and writing ``sum``.
  private static let worthKeeping = 16

  /// Adds to ``sum`` what is settled, if it is worth it; returns where the sum of the first terms is, and how many these are.
  private func settle(_ new: Terms) -> (from: UnsafePointer<Double>, count: Int) {
    let isKept =
      count > 0 && count <= new.settled && isSame(new.u, terms.u, count * layer.units)
      && isSame(new.v, terms.v, count * layer.inputs)
    let (from, first) = isKept ? (UnsafePointer(sum.pointer), count) : (new.base, 0)
    guard new.settled - first >= Self.worthKeeping else { return (from, first) }
    add(new, from, first..<new.settled, into: sum.pointer)
    terms.u.pointer.update(from: new.u, count: new.settled * layer.units)
    terms.v.pointer.update(from: new.v, count: new.settled * layer.inputs)
    count = new.settled
    return (UnsafePointer(sum.pointer), count)
  }

  private func add(
    _ terms: Terms, _ from: UnsafePointer<Double>, _ range: Range<Int>,
    into target: UnsafeMutablePointer<Double>
  ) {
    layer.add(
      range.count, terms.u + range.lowerBound * layer.units, terms.v + range.lowerBound * layer.inputs,
      to: from, into: target)
  }

  private func isSame(_ a: UnsafePointer<Double>, _ b: StateVector, _ count: Int) -> Bool {
    memcmp(a, b.pointer, count * MemoryLayout<Double>.stride) == 0
  }
}
