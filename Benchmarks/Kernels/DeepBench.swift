import ActivationsPlugins
import CFlowKernels
import DeepNetworks
import GradientFlow
import LossesPlugins
import Networks
import ODECore

/// One right-hand side of deeper networks against the machine's bounds: with few samples two reads and one write of the weights, with
/// many the layers' matrix products alone; both in this process, the products on one thread.
func benchDeepRightHandSides() throws {
  print("One right-hand side of deeper networks. Bound: stream = read, read and write the weights;")
  print("dgemm = forward, backward and outer products of all layers.")
  print("                                  threads        ms     bound   ratio")
  let relu = ReLU()
  let smooth = Tanh()
  for (widths, n, activation, usesProducts) in [
    ([3, 1000, 1000, 1], 4, relu, false), ([3, 4000, 4000, 1], 4, relu, false),
    ([3, 10_000, 10_000, 1], 4, relu, false), ([3, 10_000, 10_000, 1], 4, smooth, false),
    ([785, 1000, 1000, 10], 100, relu, true), ([785, 1000, 1000, 10], 1000, relu, true),
    ([785, 1000, 1000, 10], 1000, smooth, true), ([785, 1000, 1000, 1000, 10], 1000, relu, true),
    ([785, 100, 100, 10], 1000, relu, true),
  ] as [([Int], Int, any Activation, Bool)] {
    for threads in [1, 2] { try benchOne(widths, n, activation, usesProducts, threads) }
  }
}

private func benchOne(
  _ widths: [Int], _ n: Int, _ activation: any Activation, _ usesProducts: Bool, _ threads: Int
) throws {
  let network = DeepNetwork(
    widths: widths, kappa: 0.01, activations: [any Activation](repeating: activation, count: widths.count - 2)
  )
  var generator = PCG64(seed: 1)
  func normals(_ count: Int) -> [Double] { (0..<count).map { _ in generator.nextNormal() } }
  let data = Samples(
    inputs: Inputs(normals(n * widths[0]), dimension: widths[0]), targets: normals(n * widths.last!),
    outputCount: widths.last!)
  let flow = try ArchitectureFlow(
    architecture: network, mobilities: [Double](repeating: 1, count: widths.count - 1), data: data,
    loss: SquaredLoss(), threads: threads)
  let y = StateVector(normals(flow.dimension))
  let dy = StateVector(count: flow.dimension)
  let times = try shortestTimes([
    { y.withSpan { y in dy.withMutableSpan { flow.derivative(0, y, into: &$0) } } },
    usesProducts ? layerProductBound(widths, n) : streamBound(y, dy),
  ])
  print(
    "\(activation.name) \(widths.map(String.init).joined(separator: "-")) n=\(n)".padded(34),
    "\(threads)".padded(7), fixed(times[0] * 1e3, 3).padded(9), fixed(times[1] * 1e3, 3).padded(9),
    fixed(times[0] / times[1], 2).padded(7), usesProducts ? "dgemm" : "stream")
}

/// For each layer `a W`, `a^T p`, and but for the first `p W^T`, by single calls of OpenBLAS's dgemm on one thread.
private func layerProductBound(_ widths: [Int], _ n: Int) -> () -> Void {
  cflow_blas_use_one_thread()
  let largest = widths.max()!
  func matrix(_ rows: Int, _ columns: Int) -> StateVector {
    StateVector((0..<rows * columns).map { Double($0 % 7) })
  }
  let (a, p) = (matrix(n, largest), matrix(n, largest))
  let weights = zip(widths, widths.dropFirst()).map { matrix($0, $1) }
  let gradients = weights.map { StateVector(count: $0.count) }
  let result = StateVector(count: n * largest)
  return {
    for (l, (from, to)) in zip(widths, widths.dropFirst()).enumerated() {
      let (w, dw) = (weights[l].pointer, gradients[l].pointer)
      cflow_blas_gemm(0, n, to, from, 1, a.pointer, from, w, to, 0, result.pointer, to)
      cflow_blas_gemm(1, from, to, n, 1, a.pointer, from, p.pointer, to, 0, dw, to)
      if l > 0 { cflow_blas_gemm(0, n, from, to, 1, p.pointer, to, w, from, 0, result.pointer, from) }
    }
  }
}
