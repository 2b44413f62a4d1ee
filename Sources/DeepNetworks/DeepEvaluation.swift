import CDeepKernels
import CFlowKernels
import GradientFlow
import Networks
import ODECore

/// A ``DeepNetwork`` at `n` inputs.
///
/// Forward, `z_l = a_(l-1) W_l^T + b_l`; backward, signals `p_L = kappa r`, `p_l = (p_(l+1) W_(l+1)) o sigma'(z_l)`, and the
/// gradient by `W_l` is `p_l^T a_(l-1)`. The kernel is a sum of Hadamard products (`p` for unit weights, `n c` rows)
///
///     J diag(mu) J^T = sum_l mu_l (a_(l-1) a_(l-1)^T) o (p_l p_l^T),
///
/// cheaper than a right-hand side while `n` is small. Its signals are kept: gradients after it read no weights.
final class DeepEvaluation: ArchitectureEvaluation {
  let network: DeepNetwork
  let n: Int
  let c: Int
  let threads: Int
  /// Hidden layers.
  let depth: Int
  let layers: [Layer]
  let input: StateVector
  /// `a_l`, `sigma'(z_l)`, and `z_l` of smooth activations or, with ``kinks``, of all; `n x m_l`.
  let values: [StateVector]
  let slopes: [StateVector]
  let arguments: [StateVector?]
  /// Signals of one set of weights, `n x m_l`.
  let signals: [StateVector]
  let outputSignal: StateVector
  /// Which units are held at kinks, for steps that follow them.
  let kinks: HeldUnits?
  /// Made when first needed.
  lazy var tangents = DeepTangents(self)
  lazy var kernels = DeepKernels(self)
  /// Whether ``kernels`` holds the signals of this state.
  var hasUnitSignals = false

  init(_ network: DeepNetwork, at inputs: Inputs, threads: Int, followsUnits: Bool = false) throws {
    try BLAS.check()
    precondition(inputs.dimension == network.inputDimension)
    self.network = network
    (n, c, depth, self.threads) = (inputs.count, network.outputCount, network.activations.count, threads)
    input = StateVector(inputs.values)
    layers = (1..<network.widths.count).map {
      Layer(units: network.widths[$0], inputs: network.widths[$0 - 1], threads: threads)
    }
    let hidden = network.widths[1...network.activations.count]
    let n = n
    func matrices() -> [StateVector] { hidden.map { StateVector(count: n * $0) } }
    (values, slopes, signals) = (matrices(), matrices(), matrices())
    arguments = zip(network.activations, hidden).map {
      followsUnits || $0.slopes == nil ? StateVector(count: n * $1) : nil
    }
    kinks = followsUnits ? HeldUnits(Array(hidden)) : nil
    outputSignal = StateVector(count: n * network.outputCount)
  }

  var remembersState: Bool { true }

  /// `a_l`; `a_0` are the inputs.
  func features(_ l: Int) -> UnsafeMutablePointer<Double> {
    l == 0 ? input.pointer : values[l - 1].pointer
  }

  /// Where `W_(l+1)` and `b_(l+1)` begin in `theta`.
  @inline(__always)
  func weights(_ l: Int) -> Int { network.blocks[network.places[l].weights].range.lowerBound }
  @inline(__always)
  func bias(_ l: Int) -> Int? { network.places[l].bias.map { network.blocks[$0].range.lowerBound } }

  func evaluate(_ theta: Span<Double>, outputs f: inout MutableSpan<Double>) {
    precondition(theta.count == network.parameterCount && f.count == n * c)
    theta.withUnsafeBufferPointer { theta in
      f.withUnsafeMutableBufferPointer { f in
        propagate(DenseWeights(self, theta.baseAddress!), into: f.baseAddress!)
      }
    }
  }

  /// Features and outputs with these weights.
  func propagate(_ weights: some LayerWeights, into f: UnsafeMutablePointer<Double>) {
    hasUnitSignals = false
    kinks?.clear()
    for l in 0..<depth {
      let z = (arguments[l] ?? values[l]).pointer
      weights.forward(l, n, features(l), scale: 1, into: z)
      if let bias = weights.bias(l) { addToRows(bias, layers[l].units, z) }
      activate(l, z)
    }
    weights.forward(depth, n, features(depth), scale: network.kappa, into: f)
  }

  func activate(_ l: Int, _ z: UnsafeMutablePointer<Double>) {
    let activation = network.activations[l]
    let (value, slope, length) = (values[l].pointer, slopes[l].pointer, n * layers[l].units)
    if let slopes = activation.slopes {
      // In place or not: each element is read before it is written.
      cflow_slope_features(length, z, slopes.positive, slopes.negative, value, slope)
      return
    }
    var valueSpan = UnsafeMutableBufferPointer(start: value, count: length).mutableSpan
    var slopeSpan = UnsafeMutableBufferPointer(start: slope, count: length).mutableSpan
    activation.evaluate(
      UnsafeBufferPointer(start: z, count: length).span, value: &valueSpan, derivative: &slopeSpan)
  }

  func addToRows(_ row: UnsafePointer<Double>, _ count: Int, _ z: UnsafeMutablePointer<Double>) {
    for i in 0..<n { cdeep_add(count, 1, row, z + i * count) }
  }

  func gradient(
    _ theta: Span<Double>, weights r: Span<Double>, factors: [Double], adds: Bool,
    into g: inout MutableSpan<Double>
  ) {
    precondition(
      r.count == n * c && factors.count == network.blocks.count && g.count == network.parameterCount)
    theta.withUnsafeBufferPointer { theta in
      r.withUnsafeBufferPointer { r in
        g.withUnsafeMutableBufferPointer { g in
          if hasUnitSignals {
            kernels.combine(self, r.baseAddress!)
          } else {
            backpropagate(DenseWeights(self, theta.baseAddress!), r.baseAddress!)
          }
          for l in 0...depth {
            gather(l, signal(l), features(l), factors, adds: adds, into: g.baseAddress!)
          }
        }
      }
    }
  }

  /// `p_(l+1)`.
  func signal(_ l: Int) -> UnsafeMutablePointer<Double> {
    l == depth ? outputSignal.pointer : signals[l].pointer
  }

  /// Fills all signals for the weights `r`.
  func backpropagate(_ weights: some LayerWeights, _ r: UnsafePointer<Double>) {
    for i in 0..<n * c { outputSignal.pointer[i] = network.kappa * r[i] }
    for l in stride(from: depth - 1, through: 0, by: -1) {
      weights.backward(l + 1, n, signal(l + 1), into: signal(l))
      cdeep_scale(n * layers[l].units, slopes[l].pointer, signal(l))
    }
  }

  /// The gradient by the parameters of layer `l + 1` from its signal `p` and its features `a`.
  func gather(
    _ l: Int, _ p: UnsafePointer<Double>, _ a: UnsafePointer<Double>, _ factors: [Double], adds: Bool,
    into g: UnsafeMutablePointer<Double>
  ) {
    let place = network.places[l]
    layers[l].outer(n, p, a, factor: factors[place.weights], adds: adds, into: g + weights(l))
    guard let bias = place.bias else { return }
    let (target, units) = (g + network.blocks[bias].range.lowerBound, layers[l].units)
    if !adds { target.update(repeating: 0, count: units) }
    for i in 0..<n { cdeep_add(units, factors[bias], p + i * units, target) }
  }

  func tangent(_ theta: Span<Double>, direction v: Span<Double>, into df: inout MutableSpan<Double>) {
    precondition(v.count == network.parameterCount && df.count == n * c)
    theta.withUnsafeBufferPointer { theta in
      v.withUnsafeBufferPointer { v in
        df.withUnsafeMutableBufferPointer {
          tangents.forward(self, theta.baseAddress!, v.baseAddress!, into: $0.baseAddress!)
        }
      }
    }
  }

  func gradientTangent(
    _ theta: Span<Double>, direction v: Span<Double>, weights r: Span<Double>, weightsTangent q: Span<Double>,
    factors: [Double], into g: inout MutableSpan<Double>
  ) {
    precondition(r.count == n * c && q.count == n * c && g.count == network.parameterCount)
    theta.withUnsafeBufferPointer { theta in
      v.withUnsafeBufferPointer { v in
        r.withUnsafeBufferPointer { r in
          q.withUnsafeBufferPointer { q in
            g.withUnsafeMutableBufferPointer { g in
              backpropagate(DenseWeights(self, theta.baseAddress!), r.baseAddress!)
              tangents.backward(
                self, theta.baseAddress!, v.baseAddress!, q.baseAddress!, factors, into: g.baseAddress!)
            }
          }
        }
      }
    }
  }

  func kernel(_ theta: Span<Double>, factors: [Double], into k: inout MutableSpan<Double>) {
    precondition(k.count == n * c * n * c)
    theta.withUnsafeBufferPointer { theta in
      k.withUnsafeMutableBufferPointer {
        kernels.evaluate(self, DenseWeights(self, theta.baseAddress!), factors, into: $0.baseAddress!)
      }
    }
  }
}
