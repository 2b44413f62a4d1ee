import Foundation
import GradientFlow
import ODECore
import PluginKit

/// What the runs of a comparison are measured against: a given state, or the first adaptive integrator at a tenth of
/// the smallest tolerance.
///
/// Its own error is taken to be a third of its difference from a second run at ten times that tolerance. If errors go
/// like `rtol^q`, the difference is `10^q - 1` times the reference's error: nine times for `q = 1`, as it should be, and
/// three times still for `q = 0.6`.
struct ComparisonReference {
  let name: String
  let endTime: Double
  let trace: OutputTrace
  /// Estimates, measured as ``Comparison`` does; `nil` for a given state.
  private(set) var errorRD: Double?
  private(set) var errorF: Double?

  init(
    _ comparison: Comparison, _ integrator: String?, _ catalog: PluginCatalog, _ cancellation: Cancellation?
  ) throws {
    var c = comparison.configuration
    if let file = comparison.reference {
      let experiment = try Experiment(c, catalog)
      let state = try UsageError.preparing {
        try StateFile.read(URL(filePath: file), shape: experiment.flow.shape)
      }
      (name, endTime, trace) = (file, c.tEnd!, OutputTrace(experiment.flow, experiment.initialState))
      try trace.save(endTime, state.span)
      return
    }
    guard let integrator else {
      throw UsageError("without an adaptive integrator a reference state must be given (--reference)")
    }
    c.integrator = integrator
    c.setTolerance(comparison.rtols.last! / 10)
    c.stopAtRest = c.stopAtRest && c.tEnd == nil
    name = "\(integrator) at rtol \(String(format: "%.0e", c.rtol))"
    (trace, endTime) = try Self.run(c, catalog, cancellation)
    (c.stopLoss, c.tEnd, c.stopAtRest) = (nil, endTime, false)
    c.setTolerance(c.rtol * 10)
    let (second, _) = try Self.run(c, catalog, cancellation)
    errorRD = second.distanceError(against: trace).map { $0 / 3 }
    errorF = second.outputError(against: trace).map { $0 / 3 }
  }

  var line: String {
    func text(_ error: Double?) -> String { error.map { String(format: "%.0e", $0) } ?? "unknown" }
    return String(format: "reference: \(name), RD_w = %.8g at t = %.8g", trace.relativeDistance, endTime)
      + "; its own errors: RD \(text(errorRD)), f \(text(errorF))"
  }

  private static func run(
    _ c: RunConfiguration, _ catalog: PluginCatalog, _ cancellation: Cancellation?
  ) throws -> (OutputTrace, Double) {
    let experiment = try Experiment(c, catalog)
    let trace = OutputTrace(experiment)
    let solution = try experiment.integrate(trace, cancellation)
    guard solution.returnCode.isSuccess, solution.time > 0 else {
      throw ReferenceFailure(code: solution.returnCode, message: solution.message)
    }
    return (trace, solution.time)
  }
}

/// The reference run of a comparison did not reach its end.
public struct ReferenceFailure: Error, CustomStringConvertible {
  public let code: ReturnCode
  public let message: String
  public var description: String { "the reference run failed (\(code.rawValue)): \(message)" }
}
