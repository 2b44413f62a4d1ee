import CStepperKernels
import Foundation
import ODECore

/// The vector operations of the steppers: kernels on fixed chunks of the state, shared among threads.
///
/// What is summed is summed per chunk and joined in the chunks' order: results are the same to the bit
/// for any number of threads. No operation allocates.
package final class VectorKernels {
  package typealias Table = UnsafePointer<UnsafePointer<Double>?>

  package let count: Int
  private let chunks: FixedChunks
  /// Whether there is one chunk: nothing to hand out or to join.
  private let isSmall: Bool
  /// What each chunk gave.
  private let parts: UnsafeMutablePointer<cstepper_sums>
  private let products: UnsafeMutablePointer<cstepper_products>

  /// A chunk of one vector is 128 kB: far more work than handing it out, and a small state is one chunk.
  static let chunkSize = 1 << 14

  /// - Parameter threads: `nil` for as many cores as the length pays for.
  package init(count: Int, threads: Int?) {
    self.count = count
    chunks = FixedChunks(
      total: count, size: Self.chunkSize, threads: threads ?? Self.threadsWorthwhile(count))
    isSmall = chunks.count == 1
    parts = .allocate(capacity: max(chunks.count, 1))
    parts.initialize(repeating: cstepper_sums(), count: max(chunks.count, 1))
    products = .allocate(capacity: max(chunks.count, 1))
    products.initialize(repeating: cstepper_products(), count: max(chunks.count, 1))
  }

  deinit {
    parts.deallocate()
    products.deallocate()
  }

  /// `out = y + h sum_j c_j k_j`, without `y` if that is `nil`; returns whether all of it is finite.
  package func combine(
    _ out: UnsafeMutablePointer<Double>, _ y: UnsafePointer<Double>?, _ h: Double,
    _ c: UnsafePointer<Double>, _ k: Table, _ terms: Int
  ) -> Bool {
    if isSmall { return cstepper_combine(out, y, h, c, k, terms, 0, count) }
    return allFinite { cstepper_combine(out, y, h, c, k, terms, $0, $1) }
  }

  /// `out = y + h x`; returns whether all of it is finite.
  package func add(_ y: StateVector, _ h: Double, _ x: StateVector, into out: StateVector) -> Bool {
    var (one, term) = (1.0, Optional(UnsafePointer(x.pointer)))
    return combine(out.pointer, y.pointer, h, &one, &term, 1)
  }

  /// See `cstepper_chebyshev`.
  func chebyshev(
    _ older: StateVector, _ newer: StateVector, _ y0: StateVector, _ f: StateVector, _ f0: StateVector,
    _ stage: ChebyshevStages.Stage, _ h: Double
  ) -> Bool {
    allFinite {
      cstepper_chebyshev(
        older.pointer, newer.pointer, y0.pointer, f.pointer, f0.pointer, stage.mu, stage.nu,
        stage.muTilde * h, stage.a, $0, $1)
    }
  }

  /// See `cstepper_hermite`.
  package func hermite(
    _ out: UnsafeMutablePointer<Double>, _ y0: StateVector, _ y1: StateVector, _ f0: StateVector,
    _ f1: StateVector, _ theta: Double, _ h: Double
  ) {
    forEach {
      cstepper_hermite(out, y0.pointer, y1.pointer, f0.pointer, f1.pointer, theta, h, $1, $2)
    }
  }

  /// See `cstepper_lerp`.
  func lerp(
    _ out: UnsafeMutablePointer<Double>, _ y0: StateVector, _ y1: StateVector, _ theta: Double
  ) {
    forEach { cstepper_lerp(out, y0.pointer, y1.pointer, theta, $1, $2) }
  }

  package func isFinite(_ x: StateVector) -> Bool { isFinite(x.pointer) }

  /// The same of ``count`` elements.
  func isFinite(_ x: UnsafePointer<Double>) -> Bool { allFinite { cstepper_is_finite(x, $0, $1) } }

  /// `|a - b|_2`, or `|a|_2`.
  package func norm(_ a: StateVector, minus b: StateVector? = nil) -> Double {
    if isSmall { return cstepper_squares(a.pointer, b?.pointer, 0, count).squareRoot() }
    forEach { parts[$0].error = cstepper_squares(a.pointer, b?.pointer, $1, $2) }
    var sum = 0.0
    for chunk in 0..<chunks.count { sum += parts[chunk].error }
    return sum.squareRoot()
  }

  /// See `cstepper_direction_products`.
  func directionProducts(
    _ a: StateVector, _ v: StateVector, _ y: StateVector, _ fv: StateVector, _ f: StateVector
  ) -> cstepper_products {
    forEach {
      products[$0] = cstepper_direction_products(
        a.pointer, v.pointer, y.pointer, fv.pointer, f.pointer, $1, $2)
    }
    var total = cstepper_products()
    for chunk in 0..<chunks.count {
      let part = products[chunk]
      total.ab += part.ab
      total.bb += part.bb
      total.aw += part.aw
      total.bw += part.bw
      total.ww += part.ww
    }
    return total
  }

  /// The sums of which a fused norm of `h sum_j e_j k_j` is made.
  func sums(
    _ norm: FusedNorm, _ y0: UnsafePointer<Double>, _ y1: UnsafePointer<Double>,
    _ f1: UnsafePointer<Double>, _ h: Double, _ e: UnsafePointer<Double>, _ k: Table, _ terms: Int,
    rtol: Double, atol: Double
  ) -> cstepper_sums {
    let kernel = norm.kernel
    if isSmall { return kernel(y0, y1, f1, h, e, k, terms, atol, rtol, 0, count) }
    forEach { parts[$0] = kernel(y0, y1, f1, h, e, k, terms, atol, rtol, $1, $2) }
    var total = cstepper_sums(error: 0, y0: 0, y1: 0, finite: true)
    for chunk in 0..<chunks.count { norm.join(&total, parts[chunk]) }
    return total
  }

  /// Calls `body(chunk, from, to)` for each chunk.
  private func forEach(_ body: (Int, Int, Int) -> Void) {
    chunks.forEach { chunk, _ in
      let start = chunks.start(chunk)
      body(chunk, start, start + chunks.length(chunk))
    }
  }

  private func allFinite(_ body: (Int, Int) -> Bool) -> Bool {
    forEach { parts[$0].finite = body($1, $2) }
    return (0..<chunks.count).allSatisfy { parts[$0].finite }
  }

  /// Elements below which a further thread does not pay.
  static let elementsPerThread = 1 << 16

  private static func threadsWorthwhile(_ count: Int) -> Int {
    let most = count / elementsPerThread
    // The system has to be asked, which takes as long as hundreds of steps of a small system.
    return most <= 1 ? 1 : min(ProcessInfo.processInfo.activeProcessorCount, most)
  }
}
