import CFlowKernels
import Foundation
import Testing

@Suite("Products and Gram matrices") struct TileTests {
  private func entries(_ count: Int, _ phase: Double) -> [Double] {
    (0..<count).map { sin(phase + 1.3 * Double($0)) }
  }

  /// Two sums of `count` terms below 1, times 2 at most, and one number more: each addition rounds by half an ulp of a partial sum.
  private func rounding(_ count: Int) -> Double { 2 * Double((count + 1) * (count + 1)) * Double.ulpOfOne }

  // Below, at and above what the register tiles take: 5 rows, 32 columns, 128 terms.
  @Test(
    "a product is that of plain loops, edges of all tiles included",
    arguments: [
      (1, 1, 1), (4, 31, 2), (5, 32, 3), (6, 33, 127), (11, 70, 128), (23, 96, 129), (45, 257, 300),
    ],
    [false, true])
  func product(_ size: (rows: Int, columns: Int, inner: Int), _ transpose: Bool) {
    let (rows, columns, inner) = size
    let (a, b, old) = (entries(rows * inner, 0), entries(inner * columns, 0.4), entries(rows * columns, 0.9))
    for (alpha, beta) in [(1.0, 0.0), (-0.7, 1.0), (2.0, -0.5)] {
      // What is there counts for nothing with beta = 0.
      var c = beta == 0 ? [Double](repeating: .nan, count: rows * columns) : old
      cflow_gemm(
        transpose ? 1 : 0, rows, columns, inner, alpha, a, transpose ? rows : inner, b, columns, beta, &c,
        columns)
      for i in 0..<rows {
        for j in 0..<columns {
          var sum = 0.0
          for k in 0..<inner { sum += a[transpose ? k * rows + i : i * inner + k] * b[k * columns + j] }
          let expected = alpha * sum + (beta == 0 ? 0 : beta * old[i * columns + j])
          #expect(abs(c[i * columns + j] - expected) < rounding(inner))
        }
      }
    }
  }

  @Test(
    "a tile of a Gram matrix is that of plain loops, and of its triangle no more is written",
    arguments: [(1, 1), (4, 7), (5, 8), (6, 9), (13, 63), (45, 250)])
  func gram(_ n: Int, _ inner: Int) {
    let (a, b) = (entries(n * inner, 0.2), entries((n + 2) * inner, 0.7))
    for beta in [0.0, 1] {
      var (triangle, tile) = (entries(n * n, 0.1), entries(n * (n + 2), 0.3))
      let (oldTriangle, oldTile) = (triangle, tile)
      a.withUnsafeBufferPointer {
        cflow_gram_tile(n, n, inner, $0.baseAddress!, $0.baseAddress!, inner, beta, &triangle, n)
      }
      cflow_gram_tile(n, n + 2, inner, a, b, inner, beta, &tile, n + 2)
      func dot(_ x: [Double], _ i: Int, _ y: [Double], _ j: Int) -> Double {
        (0..<inner).reduce(0) { $0 + x[i * inner + $1] * y[j * inner + $1] }
      }
      let bound = rounding(inner)
      for i in 0..<n {
        for j in 0..<n {
          let at = i * n + j
          if j > i {
            #expect(triangle[at] == oldTriangle[at])
          } else {
            #expect(abs(triangle[at] - dot(a, i, a, j) - beta * oldTriangle[at]) < bound)
          }
        }
        for j in 0..<(n + 2) {
          let at = i * (n + 2) + j
          #expect(abs(tile[at] - dot(a, i, b, j) - beta * oldTile[at]) < bound)
        }
      }
    }
  }

  /// Factors are rounded to 24 bits each and sums of up to 128 products of numbers below 1 in single precision: (3 + 128) 2^-24 of the sum of the moduli.
  private func singleRounding(_ count: Int) -> Double { 131 * 0x1p-24 * 2 * Double(count) }

  typealias Product =
    @convention(c) (
      Int32, Int, Int, Int, Double, UnsafePointer<Double>, Int, UnsafePointer<Double>, Int, Double,
      UnsafeMutablePointer<Double>, Int
    ) -> Void
  typealias Gram =
    @convention(c) (
      Int, Int, Int, UnsafePointer<Double>, UnsafePointer<Double>, Int, Double, UnsafeMutablePointer<Double>,
      Int
    ) -> Void

  // Edges of tiles (5 rows, 64 columns, 128 terms) and of what is rounded at once (160 rows, 64 columns).
  @Test(
    "products in single precision are those in double precision to seven digits, by own kernels and by OpenBLAS",
    arguments: [(1, 1, 1), (6, 65, 127), (11, 130, 128), (45, 257, 300), (163, 70, 129), (325, 9, 5)],
    [false, true])
  func mixedProduct(_ size: (rows: Int, columns: Int, inner: Int), _ transpose: Bool) {
    let (rows, columns, inner) = size
    let (a, b, old) = (entries(rows * inner, 0), entries(inner * columns, 0.4), entries(rows * columns, 0.9))
    for multiply: Product in [cflow_gemm_mixed, cflow_blas_gemm_mixed] {
      for (alpha, beta) in [(1.0, 0.0), (-0.7, 1.0)] {
        var c = beta == 0 ? [Double](repeating: .nan, count: rows * columns) : old
        var expected = old
        let (flag, lda): (Int32, Int) = transpose ? (1, rows) : (0, inner)
        multiply(flag, rows, columns, inner, alpha, a, lda, b, columns, beta, &c, columns)
        cflow_blas_gemm(flag, rows, columns, inner, alpha, a, lda, b, columns, beta, &expected, columns)
        let worst = zip(c, expected).map { abs($0 - $1) }.max()!
        #expect(worst < singleRounding(inner))
        // It is single precision that is measured.
        if inner > 100 { #expect(worst > 1e-9) }
      }
    }
  }

  @Test(
    "a tile of a Gram matrix in single precision is that in double precision to seven digits",
    arguments: [(1, 1), (4, 7), (6, 17), (13, 513), (45, 512), (83, 250)])
  func mixedGram(_ n: Int, _ inner: Int) {
    let (a, b) = (entries(n * inner, 0.2), entries((n + 2) * inner, 0.7))
    for multiply: Gram in [cflow_gram_tile_mixed, cflow_blas_gram_tile_mixed] {
      for beta in [0.0, 1] {
        let (oldTriangle, oldTile) = (entries(n * n, 0.1), entries(n * (n + 2), 0.3))
        var (triangle, tile) = (oldTriangle, oldTile)
        var (rightTriangle, rightTile) = (oldTriangle, oldTile)
        a.withUnsafeBufferPointer {
          multiply(n, n, inner, $0.baseAddress!, $0.baseAddress!, inner, beta, &triangle, n)
          cflow_gram_tile(n, n, inner, $0.baseAddress!, $0.baseAddress!, inner, beta, &rightTriangle, n)
        }
        multiply(n, n + 2, inner, a, b, inner, beta, &tile, n + 2)
        cflow_gram_tile(n, n + 2, inner, a, b, inner, beta, &rightTile, n + 2)
        for i in 0..<n {
          for j in 0..<n {
            let at = i * n + j
            // Right of the diagonal nothing is written.
            let bound = j > i ? 0 : singleRounding(inner)
            #expect(abs(triangle[at] - rightTriangle[at]) <= bound)
          }
        }
        #expect(zip(tile, rightTile).allSatisfy { abs($0 - $1) < singleRounding(inner) })
      }
    }
  }
}
