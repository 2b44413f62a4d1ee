import Foundation
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
  let trace: any ComparisonTrace
  let returnCode: ReturnCode
  /// Estimates, one for each measure; `nil` for a given state.
  let errors: [Double?]

  init(
    _ comparison: Comparison, _ integrator: String?, _ catalog: PluginCatalog, _ cancellation: Cancellation?
  ) throws {
    if let file = comparison.reference {
      let experiment = try comparison.experiment(comparison.integrators[0], nil, 1, catalog)
      let state = try UsageError.preparing {
        try experiment.subject.storage.read(URL(filePath: file))
      }
      (name, endTime, returnCode) = (file, experiment.problem.finalTime, .success)
      trace = try experiment.subject.makeTrace(of: state, at: endTime)
      errors = type(of: trace).measures.map { _ in nil }
      return
    }
    guard let integrator else {
      throw UsageError("without an adaptive integrator a reference state must be given (--reference)")
    }
    let rtol = comparison.rtols.last! / 10
    name = "\(integrator) at rtol \(String(format: "%.0e", rtol))"
    let first = try Self.run(comparison.experiment(integrator, rtol, 1, catalog), cancellation)
    (trace, endTime, returnCode) = (first.trace, first.solution.time, first.solution.returnCode)
    var second = comparison
    second.configuration.stopAtRest = false
    if !second.configuration.isOfSystem {
      (second.configuration.stopLoss, second.configuration.tEnd) = (nil, endTime)
    }
    let other = try Self.run(second.experiment(integrator, rtol * 10, 1, catalog), cancellation)
    errors = other.trace.errors(against: trace).map { $0.map { $0 / 3 } }
  }

  var line: String {
    let texts = zip(type(of: trace).measures, errors).map { measure, error in
      "\(measure.name) \(error.map { String(format: "%.0e", $0) } ?? "unknown")"
    }
    return "reference: \(name), " + (trace.headline.isEmpty ? "" : trace.headline + " ")
      + "at t = \(significant(endTime)); its own errors: \(texts.joined(separator: ", "))"
  }

  private static func run(
    _ experiment: Experiment, _ cancellation: Cancellation?
  ) throws -> (trace: any ComparisonTrace, solution: Solution) {
    let trace = experiment.subject.makeTrace()
    let solution = try experiment.integrate([trace], cancellation)
    guard solution.returnCode.isSuccess, solution.time != experiment.problem.initialTime else {
      throw ReferenceFailure(code: solution.returnCode, message: solution.message)
    }
    return (trace, solution)
  }
}

/// The reference run of a comparison did not reach its end.
public struct ReferenceFailure: Error, CustomStringConvertible {
  public let code: ReturnCode
  public let message: String
  public var description: String { "the reference run failed (\(code.rawValue)): \(message)" }
}
