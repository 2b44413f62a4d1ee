import BuiltinPlugins
import Foundation
import ODECore
import Studies

/// The paper's four points, m = 1000, gamma' = 0, from NumPy's `default_rng(1).standard_normal((m, 3))`, to
/// `R = 1e-8`; the program's own observers watch.
enum FourPoints {
  static func run(
    _ integrator: String, gamma: Double, activation: String = "relu", rtol: Double = 1e-4,
    maxSteps: Int = 50_000
  ) throws -> Outcome {
    var c = RunConfiguration()
    (c.data, c.width, c.gamma, c.gammaPrime, c.seed) = ("four-points", 1000, gamma, 0, 1)
    (c.activation, c.integrator, c.stopLoss, c.maxSteps) = (activation, integrator, 1e-8, maxSteps)
    (c.rtol, c.atol) = (rtol, rtol / 1000)
    c.observe = ["relative-distance", "energy"]
    let summary = try Run(c, BuiltinPlugins.catalog(), out: nil).run().summary
    func number(_ observer: String, _ key: String) throws -> Double {
      guard case .number(let value)? = summary.observers[observer]?[key] else {
        throw CocoaError(.keyValueValidation)
      }
      return value
    }
    return Outcome(
      returnCode: summary.returnCode, time: summary.time, statistics: summary.statistics,
      distance: try number("relative-distance", "w"), rise: try number("energy", "maxRise"))
  }

  struct Outcome {
    let returnCode: ReturnCode
    let time: Double
    let statistics: Statistics
    /// RD_w, (16).
    let distance: Double
    /// The largest rise of `R` relative to the least before it.
    let rise: Double
  }

  /// RD_w and the time at the stop, converged to about the digits given. Two methods of this program
  /// whose errors have nothing in common: dormand-prince at rtol 1e-9, 1e-7, 1e-7 (2 million steps, 28,000,
  /// 330,000), and rk4 with 0.005, 0.01 and 0.01 of its stability limit:
  ///
  ///     gamma   dormand-prince              rk4
  ///     0.5     t = 804.9262   0.02863553   804.9207   0.0286356
  ///     1       t = 461724.7   0.4835763    461724.0   0.4835854
  ///     1.75    t = 1.721588e8 10.76514     1.720975e8 10.76517
  static let converged: [Double: (time: Double, distance: Double)] = [
    0.5: (804.926, 0.0286355), 1: (461_724.7, 0.483576), 1.75: (1.72159e8, 10.76514),
  ]
}
