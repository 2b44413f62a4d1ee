import CFlowKernels
import ODECore

/// Orthonormal coordinates of the span of the inputs.
///
/// The flow moves every `w_k` along `x_1, ..., x_n` only (26). With `Q` (`d x r`) an orthonormal basis of their span,
/// `r = rank X`, it so is a flow of
///
///     u_k = Q^T w_k,   and of the constant   p_k = |w_k - Q u_k|,
///
/// `r + 1` numbers for each neuron in place of `d`: the same ODE for the inputs `(Q^T x_i, 0)`, with the same products
/// `w_k . x_i` and `x_i . x_j` and the same norms `|w_k|`, exactly. For images, of which there are fewer than pixels,
/// that is most of the work.
public struct SpanCoordinates {
  /// `r`.
  public let rank: Int
  /// The inputs in these coordinates, `n x (r + 1)`; the last column is zero, as no input sees `p_k`.
  public let inputs: Inputs

  /// `Q^T`, `r x d`.
  let basis: StateVector
  private let ambientDimension: Int

  /// Neurons that are transformed at once.
  private static let blockLength = 256

  /// - Throws: ``SpanError`` if LAPACK fails; ``BLASError`` if OpenBLAS computes wrongly on this machine.
  public init(_ inputs: Inputs) throws {
    try BLAS.check()
    let (n, d) = (inputs.count, inputs.dimension)
    var rank = 0
    basis = StateVector(count: min(n, d) * d)
    let info = cflow_span(n, d, inputs.values, basis.pointer, &rank)
    guard info == 0 else { throw SpanError(info: info) }
    (self.rank, ambientDimension) = (rank, d)
    // Row-major x Q, a column of zeros beside it.
    let x = StateVector(inputs.values)
    var reduced = [Double](repeating: 0, count: n * (rank + 1))
    for i in 0..<n {
      for j in 0..<rank {
        reduced[i * (rank + 1) + j] = Self.dot(x.pointer + i * d, basis.pointer + j * d, d)
      }
    }
    self.inputs = Inputs(reduced, dimension: rank + 1)
  }

  /// Whether these coordinates are at most half as many as the ambient ones.
  public var isWorthwhile: Bool { 2 * (rank + 1) <= ambientDimension }

  /// Those of `inputs`, or `nil` where they are not worthwhile, which for many samples a part of them tells.
  ///
  /// - Throws: as ``init(_:)``.
  package static func ifWorthwhile(_ inputs: Inputs) throws -> SpanCoordinates? {
    let (n, d) = (inputs.count, inputs.dimension)
    let few = d / 2 + d / 8 + 1
    if n > 2 * few {
      var rows: [Double] = []
      for i in 0..<few {
        let first = i * (n / few) * d
        rows += inputs.values[first..<(first + d)]
      }
      guard try SpanCoordinates(Inputs(rows, dimension: d)).isWorthwhile else { return nil }
    }
    let all = try SpanCoordinates(inputs)
    return all.isWorthwhile ? all : nil
  }

  /// `(a_k, u_k, p_k)` of a state with `width` neurons in ambient coordinates.
  public func reduce(_ state: [Double], width m: Int, threads: Int = 1) -> [Double] {
    let (d, r) = (ambientDimension, rank)
    precondition(state.count == m * (d + 1))
    var result = [Double](repeating: 0, count: m * (r + 2))
    state.withUnsafeBufferPointer { state in
      result.withUnsafeMutableBufferPointer { result in
        let (theta, reduced) = (state.baseAddress!, result.baseAddress!)
        reduced.update(from: theta, count: m)
        forEachBlock(m, threads, scratch: d) { k, count, rest in
          let (w, u) = (theta + m + k, reduced + m + k)
          cflow_gemm(0, r, count, d, 1, basis.pointer, d, w, m, 0, u, m)
          for j in 0..<d { (rest + j * count).update(from: w + j * m, count: count) }
          cflow_gemm(1, d, count, r, -1, basis.pointer, d, u, m, 1, rest, count)
          let p = u + r * m
          for j in 0..<d {
            let row = rest + j * count
            for i in 0..<count { p[i] += row[i] * row[i] }
          }
          for i in 0..<count { p[i] = p[i].squareRoot() }
        }
      }
    }
    return result
  }

  /// The ambient state at which a flow has arrived: `w_k = w_k(0) + Q (u_k - u_k(0))`.
  ///
  /// - Parameters:
  ///   - y: in these coordinates.
  ///   - start: where the flow began, in ambient coordinates.
  ///   - reducedStart: the same in these.
  ///   - result: gets the ambient state.
  public func lift(
    _ y: Span<Double>, from start: [Double], _ reducedStart: [Double], width m: Int, threads: Int = 1,
    into result: StateVector
  ) {
    let (d, r) = (ambientDimension, rank)
    precondition(y.count == m * (r + 2) && reducedStart.count == y.count)
    precondition(start.count == m * (d + 1) && result.count == start.count)
    y.withUnsafeBufferPointer { y in
      start.withUnsafeBufferPointer { start in
        reducedStart.withUnsafeBufferPointer { reducedStart in
          let (now, then) = (y.baseAddress! + m, reducedStart.baseAddress! + m)
          result.pointer.update(from: y.baseAddress!, count: m)
          (result.pointer + m).update(from: start.baseAddress! + m, count: m * d)
          forEachBlock(m, threads, scratch: r) { k, count, moved in
            for j in 0..<r {
              for i in 0..<count { moved[j * count + i] = now[j * m + k + i] - then[j * m + k + i] }
            }
            cflow_gemm(
              1, d, count, r, 1, basis.pointer, d, moved, count, 1, result.pointer + m + k, m)
          }
        }
      }
    }
  }

  /// Calls `body` with the first neuron of a block, their number, and `scratch` numbers for each of them.
  private func forEachBlock(
    _ m: Int, _ threads: Int, scratch: Int, _ body: (Int, Int, UnsafeMutablePointer<Double>) -> Void
  ) {
    let chunks = NeuronChunks(width: m, size: Self.blockLength, threads: threads)
    let memory = StateVector(count: chunks.threads * Self.blockLength * scratch)
    chunks.forEach { chunk, thread in
      body(chunks.start(chunk), chunks.length(chunk), memory.pointer + thread * Self.blockLength * scratch)
    }
  }

  private static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
    (0..<count).reduce(0) { $0 + x[$1] * y[$1] }
  }
}

/// LAPACK could not compute the span of the inputs.
public struct SpanError: Error, Equatable, CustomStringConvertible {
  /// `info` of dgeqp3 or dorgqr; -1000 if memory ran out.
  public let info: Int
  public var description: String {
    "the span of the inputs: LAPACK's dgeqp3 or dorgqr failed with info = \(info)"
  }
}
