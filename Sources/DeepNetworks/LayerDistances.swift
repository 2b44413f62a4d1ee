import CDeepKernels
import ODECore

/// How far each layer is from where it started, `RD(theta_l(t)) = |theta_l(t) - theta_l(0)| / |theta_l(0)|`, as (16), and the same of all
/// parameters. A layer that starts at zero has no relative distance: infinite once it has moved, NaN before.
public struct LayerDistances {
  private let ranges: [Range<Int>]
  private let start: StateVector
  private let squares: [Double]

  /// - Parameter state: `theta(0)`; copied.
  public init(_ state: Span<Double>, of flow: ArchitectureFlow) {
    precondition(state.count == flow.dimension)
    ranges = flow.residualBlocks
    let start = StateVector(count: state.count)
    state.withUnsafeBufferPointer { start.pointer.update(from: $0.baseAddress!, count: $0.count) }
    self.start = start
    squares = ranges.map { cdeep_squares($0.count, start.pointer + $0.lowerBound, nil) }
  }

  /// The distances at `state`: of every layer, first layer first, and of all parameters.
  public func callAsFunction(_ state: Span<Double>) -> (layers: [Double], theta: Double) {
    let moved = state.withUnsafeBufferPointer { y in
      ranges.map { cdeep_squares($0.count, y.baseAddress! + $0.lowerBound, start.pointer + $0.lowerBound) }
    }
    let layers = zip(moved, squares).map { ($0 / $1).squareRoot() }
    return (layers, (moved.reduce(0, +) / squares.reduce(0, +)).squareRoot())
  }
}
