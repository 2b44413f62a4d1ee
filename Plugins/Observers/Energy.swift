import DeepNetworks
import GradientFlow
import ODECore
import TrainingDynamics

/// `energy`: along the exact flow `R` never rises, since `dR/dt = -grad R . M grad R <= 0` with the
/// mobility `M` (13) positive. The largest rise between successive accepted steps is a check on the
/// integration:
///
///     maxRise = max over steps of (R_next - R) / R, at least 0
///
/// (infinite if `R` rises from 0). `monotone` says whether every rise is within what rounding
/// alone can do: with `delta = 4 u S`, `u = 2^-53` and
/// `S = kappa max_i |x_i| sum_k |a_k| |w_k| + max_i |f_i| + max_i |y_i|`, the size of the terms of the
/// sum (9), a rise is excused up to
///
///     (1/n) sum_i |l'_i| delta + delta^2 / 2 + 8 u |R|
///
/// to first order for any loss, exactly so for the squared one. `S` assumes `|sigma(z)| <= |z|`, as
/// for ReLU and tanh.
///
/// - Columns: none.
/// - Summary: `maxRise`, `maxRiseTime` (the end of that step; null if there is none), `monotone`.
public final class Energy: FlowObserver {
  public let name = "energy"
  public let watchesSteps = true
  public let isRotationInvariant = true

  private var rise = LargestRise()

  /// The observer has no parameters.
  public init() {}

  /// Networks of any depth and other dynamics have observers of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    if problem.mover is DynamicsSystem { return DynamicsEnergy() }
    return problem.system is ArchitectureFlow ? LayerEnergy() : self
  }

  /// The last risk and the largest rise so far.
  public var memory: [Double] {
    get { rise.memory }
    set { rise.memory = newValue }
  }

  public func begin(_ snapshot: FlowSnapshot) { rise.begin(snapshot.loss) }

  public func step(_ snapshot: FlowSnapshot) {
    rise.step(snapshot.loss, at: snapshot.time) { _ in roundingAllowance(snapshot) }
  }

  public func finish(_ snapshot: FlowSnapshot) -> [String: ObservedValue] { rise.values }

  /// Called only when `R` rose.
  private func roundingAllowance(_ snapshot: FlowSnapshot) -> Double {
    let data = snapshot.flow.data
    let u = Double.ulpOfOne / 2
    let input = (0..<data.sampleCount).map { norm(data.input($0)) }.max() ?? 0
    var terms = 0.0
    for k in 0..<snapshot.width {
      var w2 = 0.0
      for j in 0..<snapshot.inputDimension { w2 += snapshot.w(k, j) * snapshot.w(k, j) }
      terms += abs(snapshot.a(k)) * w2.squareRoot()
    }
    let size =
      snapshot.flow.scaling.kappa * input * terms
      + (snapshot.predictions.map(abs).max() ?? 0) + (data.targets.map(abs).max() ?? 0)
    let delta = 4 * u * size
    let slope =
      snapshot.residuals.reduce(0) { $0 + abs($1) } / Double(data.sampleCount)
    return slope * delta + delta * delta / 2 + 8 * u * abs(snapshot.loss)
  }

  private func norm(_ x: ArraySlice<Double>) -> Double {
    x.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
