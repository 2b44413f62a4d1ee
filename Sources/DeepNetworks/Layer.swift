import CDeepKernels
import ODECore

/// Products of one layer's weights with features and signals, split among threads by units; the split does not depend on their
/// number.
struct Layer {
  /// Rows of `W`.
  let units: Int
  /// Columns of `W`.
  let inputs: Int
  private let rows: FixedChunks
  private let columns: FixedChunks

  private static let chunk = 256
  /// Weights beyond which a cache does not hold a layer, 32 MB.
  private static let mostCached = 1 << 22

  init(units: Int, inputs: Int, threads: Int) {
    (self.units, self.inputs) = (units, inputs)
    rows = FixedChunks(total: units, size: Self.chunk, threads: threads)
    columns = FixedChunks(total: inputs, size: 2 * Self.chunk, threads: threads)
  }

  /// `z = a w^T`, or added to `z`; `n x units`.
  func forward(
    _ n: Int, _ a: UnsafePointer<Double>, _ w: UnsafePointer<Double>, scale: Double = 1, adds: Bool = false,
    into z: UnsafeMutablePointer<Double>
  ) {
    rows.forEach { chunk, _ in
      let k = rows.start(chunk)
      cdeep_forward(
        n, rows.length(chunk), inputs, scale, a, inputs, w + k * inputs, inputs, adds ? 1 : 0, z + k, units)
    }
  }

  /// `q = p w`, or added to `q`; `n x inputs`.
  func backward(
    _ n: Int, _ p: UnsafePointer<Double>, _ w: UnsafePointer<Double>, adds: Bool = false,
    into q: UnsafeMutablePointer<Double>
  ) {
    columns.forEach { chunk, _ in
      let j = columns.start(chunk)
      cdeep_backward(
        n, units, columns.length(chunk), p, units, w + j, inputs, adds ? 1 : 0, q + j, inputs)
    }
  }

  /// `g = factor p^T a`, or added to `g`; `units x inputs`.
  func outer(
    _ n: Int, _ p: UnsafePointer<Double>, _ a: UnsafePointer<Double>, factor: Double, adds: Bool,
    into g: UnsafeMutablePointer<Double>
  ) {
    rows.forEach { chunk, _ in
      let k = rows.start(chunk)
      cdeep_outer(
        n, rows.length(chunk), inputs, factor, p + k, units, a, inputs, adds ? 1 : 0, g + k * inputs, inputs,
        units * inputs > Self.mostCached)
    }
  }

  /// `g = from + p^T a`, term by term; `units x inputs`. `from` may be `g`.
  func add(
    _ n: Int, _ p: UnsafePointer<Double>, _ a: UnsafePointer<Double>, to from: UnsafePointer<Double>,
    into g: UnsafeMutablePointer<Double>
  ) {
    rows.forEach { chunk, _ in
      let k = rows.start(chunk)
      cdeep_ordered_outer(
        n, rows.length(chunk), inputs, p + k, units, a, inputs, from + k * inputs, g + k * inputs)
    }
  }

  /// The sums of squares of the rows and columns of what ``add(_:_:_:to:into:)`` would write.
  func squares(
    _ n: Int, _ p: UnsafePointer<Double>, _ a: UnsafePointer<Double>, to from: UnsafePointer<Double>
  ) -> (rows: [Double], columns: [Double]) {
    var result = [Double](repeating: 0, count: units)
    // Of each chunk by itself, then added in a fixed order.
    var sums = [Double](repeating: 0, count: self.rows.count * inputs)
    result.withUnsafeMutableBufferPointer { result in
      sums.withUnsafeMutableBufferPointer { sums in
        nonisolated(unsafe) let (target, partial) = (result.baseAddress!, sums.baseAddress!)
        self.rows.forEach { chunk, _ in
          let k = self.rows.start(chunk)
          cdeep_ordered_squares(
            n, self.rows.length(chunk), inputs, p + k, units, a, inputs, from + k * inputs, target + k,
            partial + chunk * inputs)
        }
      }
    }
    var columns = Array(sums[0..<inputs])
    for chunk in 1..<max(self.rows.count, 1) {
      for j in 0..<inputs { columns[j] += sums[chunk * inputs + j] }
    }
    return (result, columns)
  }
}
