import ActivationsPlugins
import CFlowKernels
import GradientFlow
import ODECore

/// One right-hand side against what the machine needs at least: for small `d` two reads of the state and
/// one write, for large `d` the two matrix products alone; both in this process, on one thread.
func benchRightHandSides() throws {
  print("One right-hand side. Bound: stream = read state, read and write state; dgemm = the two products.")
  print("                                     path  threads   ns/neuron   bound      ratio    GFLOP/s")
  let relu = ReLU()
  let smooth = Tanh()
  for (m, d, n, activation) in [
    (40000, 2, 4, relu), (1000, 2, 4, relu), (1_000_000, 2, 4, relu), (40000, 2, 45, relu),
    (40000, 2, 4, smooth), (40000, 2, 45, smooth), (10000, 17, 100, relu), (1000, 46, 45, relu),
    (1000, 785, 45, relu), (1000, 785, 500, relu), (1000, 785, 500, smooth),
  ] as [(Int, Int, Int, any Activation)] {
    for threads in [1, 2] { try benchOne(m, d, n, activation, threads) }
  }
}

private func benchOne(
  _ m: Int, _ d: Int, _ n: Int, _ activation: any Activation, _ threads: Int
) throws {
  let problem = try BenchProblem(m: m, d: d, n: n, activation, threads: threads)
  let (y, dy) = (StateVector(problem.state), StateVector(count: problem.flow.dimension))
  let usesGEMM = problem.flow.path == .gemm
  let bound = usesGEMM ? productBound(m, d, n) : streamBound(y, dy)
  let times = try shortestTimes([
    { y.withSpan { y in dy.withMutableSpan { problem.flow.derivative(0, y, into: &$0) } } }, bound,
  ])
  let label = "\(activation.name) d=\(d) n=\(n) m=\(m)"
  let ns = 1e9 / Double(m)
  print(
    label.padded(30), problem.flow.path.rawValue.padded(10), "\(threads)".padded(8),
    fixed(times[0] * ns, 3).padded(11), fixed(times[1] * ns, 3).padded(10),
    fixed(times[0] / times[1], 2).padded(7), usesGEMM ? "dgemm " : "stream",
    fixed(4e-9 * Double(m) * Double(n) * Double(d) / times[0], 1).padded(8))
}

/// The memory traffic of a right-hand side.
func streamBound(_ y: StateVector, _ dy: StateVector) -> () -> Void {
  var sink = 0.0
  return {
    sink += cflow_stream_read(y.count, y.pointer)
    cflow_stream_scale(y.count, sink == 0.5 ? 2 : 3, y.pointer, dy.pointer)
  }
}

/// `X W` and `X^T P` by single calls of OpenBLAS's dgemm on one thread.
func productBound(_ m: Int, _ d: Int, _ n: Int) -> () -> Void {
  cflow_blas_use_one_thread()
  let (x, w) = (
    StateVector((0..<n * d).map { Double($0 % 7) }), StateVector((0..<m * d).map { Double($0 % 5) })
  )
  let (z, dw) = (StateVector(count: n * m), StateVector(count: m * d))
  return {
    cflow_blas_gemm(0, n, m, d, 1, x.pointer, d, w.pointer, m, 0, z.pointer, m)
    cflow_blas_gemm(1, d, m, n, 1, x.pointer, d, z.pointer, m, 0, dw.pointer, m)
  }
}
