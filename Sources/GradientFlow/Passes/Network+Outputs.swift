import ODECore

extension Network {
  /// `f(x_i)` at each of `inputs`, with the weights `state`; costs `O(m n d)`.
  ///
  /// Computed by the same kernels as in a ``TwoLayerFlow``, to the same bits whatever the number of threads.
  ///
  /// - Parameters:
  ///   - state: `m (d + 1)` numbers, laid out as ``/Networks/NetworkShape`` says.
  ///   - inputs: `n` rows of ``/Networks/NetworkShape/inputDimension`` numbers.
  ///   - threads: at most this many; `nil` for as many cores as the work pays for.
  /// - Throws: ``BLASError`` if OpenBLAS is needed (large `d`) and computes wrongly on this machine.
  public func outputs(_ state: Span<Double>, at inputs: Inputs, threads: Int? = nil) throws -> [Double] {
    precondition(state.count == shape.stateLength && inputs.dimension == shape.inputDimension)
    // A network that is evaluated once keeps no features.
    let passes = try passes(
      at: inputs, on: path(for: inputs), threads: threads ?? threadsWorthwhile(at: inputs), storedLimit: 0)
    let f = StateVector(count: inputs.count)
    state.withUnsafeBufferPointer { passes.outputs($0.baseAddress!, into: f.pointer) }
    return f.array.map { $0 * scaling.kappa }
  }

  /// The Gram matrix ``GramMatrix`` of these inputs with the weights `state`; costs `O(m n (n + d))`.
  ///
  /// - Parameters: as for ``outputs(_:at:threads:)``.
  /// - Throws: ``BLASError`` if OpenBLAS is needed (`n > 32` or large `d`) and computes wrongly on this machine.
  public func gramMatrix(_ state: Span<Double>, at inputs: Inputs, threads: Int? = nil) throws -> GramMatrix {
    precondition(state.count == shape.stateLength && inputs.dimension == shape.inputDimension)
    let features = NeuronFeatures(inputs, self, path: try path(for: inputs))
    let passes = GramPasses(features, threads: threads ?? threadsWorthwhile(at: inputs))
    return try gramMatrix(state, passes)
  }

  /// The same with the passes of `n` inputs.
  func gramMatrix(_ state: Span<Double>, _ passes: GramPasses) throws -> GramMatrix {
    let sums = try state.withUnsafeBufferPointer { try passes.sums($0.baseAddress!) }
    let common = scaling.kappa * scaling.kappa / Double(shape.width)
    return GramMatrix(
      count: passes.count, a: sums.a.map { $0 * (common / scaling.kappaPrime) },
      w: sums.w.map { $0 * (common * scaling.kappaPrime) })
  }
}
