import CDeepKernels
import GradientFlow
import ODECore

extension ArchitectureFlow: RestDetecting {
  /// Whether the flow is about to stop where `R = 0`, squared loss.
  ///
  /// With `lambda` the least eigenvalue of the kernel `K`, `R' = -(1/n) e^T K e <= -2 lambda R`, and what is left of the way, measured by
  /// `M^-1`, is at most
  ///
  ///     int sqrt(-R') dt  <=  sqrt(2 R / lambda)
  ///
  /// (Lojasiewicz 1963; Polyak 1963) while `K` keeps that eigenvalue, which it does on so short a way unless it is nearly singular; then
  /// the answer is no. A layer so moves by no more than `sqrt(mu_l)` times this. Rest where `R > 0` it does not
  /// recognise: a saddle is slow as well.
  ///
  /// Costs a kernel.
  public func isAtRest(_ t: Double, _ y: Span<Double>, tolerance: Double) throws -> Bool {
    precondition(y.count == dimension)
    let rows = data.targets.count
    let risk = risk(y)
    guard risk.isFinite else { return false }
    let sizes = residualBlocks.map { block in
      y.withUnsafeBufferPointer {
        cdeep_squares(block.count, $0.baseAddress! + block.lowerBound, nil).squareRoot()
      }
    }
    // What the layer that may move least allows.
    let allowed = zip(sizes, mobilities).map { tolerance * $0 / $1.squareRoot() }.min()!
    guard loss.isSquared, rows <= Self.largestNewtonCount, allowed > 0 else { return false }
    let kernel = kernel(y)
    let trace = (0..<rows).reduce(0) { $0 + kernel[$1 * rows + $1] }
    guard 2 * risk <= allowed * allowed * trace else { return false }
    let values = try symmetricEigenvalues(kernel, count: rows)
    let (least, largest) = (values[0], values[rows - 1])
    guard least > 100 * tolerance * largest else { return false }
    return 2 * risk <= allowed * allowed * least
  }
}
