import CFlowKernels
import ODECore

/// `D = H^(1/2)`, symmetric, for a loss's second derivatives `H`: diagonal, or with a block of `c x c` for each sample where the loss couples
/// outputs. Eigenvalues below a part of the largest, and negative ones, count as that.
package final class CurvatureRoots {
  /// Rows of `H`.
  package let count: Int
  /// `c`, the order of a block.
  package let order: Int
  /// `D`: `count` numbers, or blocks; and its inverse where there are blocks.
  private let roots: StateVector
  private let inverses: StateVector
  private let strip: StateVector

  /// See ``CurvatureRoots``.
  private static let leastCurvature = 1e-8

  /// Numbers that hold `H`.
  package static func length(count: Int, order c: Int) -> Int { count * c }

  package init(count: Int, order c: Int) {
    (self.count, order) = (count, c)
    roots = StateVector(count: Self.length(count: count, order: c))
    inverses = StateVector(count: c == 1 ? 0 : roots.count)
    strip = StateVector(count: c == 1 ? 0 : c * count)
  }

  /// Of `H` or, with another, of the mean of both.
  package func set(_ h0: StateVector, mean other: StateVector?) {
    precondition(h0.count == roots.count)
    let (c0, c1) = (h0.pointer, (other ?? h0).pointer)
    if order > 1 { return setBlocks(c0, c1) }
    var largest = 0.0
    for i in 0..<count { largest = max(largest, 0.5 * (c0[i] + c1[i])) }
    // Where there is none at all residuals stay as they are.
    let least = largest > 0 ? Self.leastCurvature * largest : 1e-30
    for i in 0..<count { roots.pointer[i] = max(0.5 * (c0[i] + c1[i]), least).squareRoot() }
  }

  private func setBlocks(_ c0: UnsafePointer<Double>, _ c1: UnsafePointer<Double>) {
    let (c, size) = (order, order * order)
    var vectors = [Double](repeating: 0, count: roots.count)
    var values = [Double](repeating: 0, count: count)
    for sample in 0..<count / c {
      var block = (0..<size).map { 0.5 * (c0[sample * size + $0] + c1[sample * size + $0]) }
      vectors.withUnsafeMutableBufferPointer { vectors in
        values.withUnsafeMutableBufferPointer { values in
          let info = cflow_symmetric_eigenvalues(
            c, &block, 0, values.baseAddress! + sample * c, vectors.baseAddress! + sample * size)
          // What is not finite shows in the step's result.
          if info != 0 { values[sample * c] = .nan }
        }
      }
    }
    let largest = values.max() ?? 0
    let least = largest > 0 ? Self.leastCurvature * largest : 1e-30
    for sample in 0..<count / c {
      for i in 0..<c {
        for j in 0..<c {
          var (root, inverse) = (0.0, 0.0)
          for e in 0..<c {
            let scale = max(values[sample * c + e], least).squareRoot()
            let part = vectors[sample * size + e * c + i] * vectors[sample * size + e * c + j]
            root += scale * part
            inverse += part / scale
          }
          roots.pointer[sample * size + i * c + j] = root
          inverses.pointer[sample * size + i * c + j] = inverse
        }
      }
    }
  }

  /// `D x`.
  package func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    if order > 1 { return apply(roots, x, into: y) }
    for i in 0..<count { y[i] = x[i] * roots.pointer[i] }
  }

  /// `D^-1 x`.
  package func divide(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    if order > 1 { return apply(inverses, x, into: y) }
    for i in 0..<count { y[i] = x[i] / roots.pointer[i] }
  }

  private func apply(_ blocks: StateVector, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>)
  {
    let c = order
    for sample in 0..<count / c {
      // Through scratch: x may be y.
      for i in 0..<c {
        var sum = 0.0
        for j in 0..<c { sum += blocks.pointer[(sample * c + i) * c + j] * x[sample * c + j] }
        strip.pointer[i] = sum
      }
      for i in 0..<c { y[sample * c + i] = strip.pointer[i] }
    }
  }

  /// The lower triangle of `D K D`, for the lower triangle of `K` or, with another, of the mean of both.
  package func scale(_ k0: StateVector, mean other: StateVector?, into a: UnsafeMutablePointer<Double>) {
    if order > 1 { return scaleBlocks(k0.pointer, (other ?? k0).pointer, a) }
    let (n, d, k0) = (count, roots.pointer, k0.pointer)
    for i in 0..<n {
      let row = i * n
      if let k1 = other?.pointer {
        for j in 0...i { a[row + j] = 0.5 * (k0[row + j] + k1[row + j]) * d[i] * d[j] }
      } else {
        for j in 0...i { a[row + j] = k0[row + j] * d[i] * d[j] }
      }
    }
  }

  /// Block row by block row; `D K D` is symmetric, so diagonal blocks are made of the lower triangle mirrored.
  private func scaleBlocks(
    _ k0: UnsafePointer<Double>, _ k1: UnsafePointer<Double>, _ a: UnsafeMutablePointer<Double>
  ) {
    let (n, c) = (count, order)
    for sample in 0..<n / c {
      let columns = (sample + 1) * c
      let rows = strip.pointer
      for i in 0..<c {
        for j in 0..<columns {
          var sum = 0.0
          for e in 0..<c {
            let (row, column) = (sample * c + e, j)
            let at = row >= column ? row * n + column : column * n + row
            sum += roots.pointer[(sample * c + i) * c + e] * 0.5 * (k0[at] + k1[at])
          }
          rows[i * n + j] = sum
        }
      }
      for i in 0..<c {
        let row = sample * c + i
        for j in 0...row {
          let other = j / c * c
          var sum = 0.0
          for e in 0..<c { sum += rows[i * n + other + e] * roots.pointer[j * c + e] }
          a[row * n + j] = sum
        }
      }
    }
  }
}
