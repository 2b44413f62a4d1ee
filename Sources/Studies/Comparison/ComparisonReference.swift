import Foundation
import ODECore
import PluginKit

/// What the runs of a comparison are measured against: a given state, or the best of stated methods at a tenth of the smallest tolerance,
/// whatever methods are compared.
///
/// The stated methods are `radau` and `dop853` for a system, `kink-aware` for a flow that it can follow, else `dormand-prince`. Where none
/// of them comes to the end, the adaptive methods of the list are taken in alphabetical order.
///
/// A reference's own error is taken to be a third of its difference from a second run at ten times the tolerance. If errors go
/// like `rtol^q`, the difference is `10^q - 1` times the reference's error: nine times for `q = 1`, as it should be, and
/// three times still for `q = 0.6`. Where two methods came to the end the one with the smaller estimate is taken, and what is left of their
/// distance beyond the other's own difference counts as its error too: two runs of one method may agree on what is wrong.
struct ComparisonReference {
  let name: String
  let endTime: Double
  let trace: any ComparisonTrace
  let returnCode: ReturnCode
  /// Estimates, one for each measure; `nil` for a given state.
  let errors: [Double?]

  /// Of the methods after the first, how many times its steps they may take, and how many in any case.
  private static let (mostSteps, fewSteps) = (20, 20_000)

  init(_ comparison: Comparison, _ catalog: PluginCatalog, _ cancellation: Cancellation?) throws {
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
    var candidates: [Candidate] = []
    var failure: (any Error)?
    for name in try Self.stated(comparison, catalog) {
      let most = candidates.first.map { max(Self.fewSteps, Self.mostSteps * $0.steps) }
      do {
        candidates.append(try Candidate(name, comparison, catalog, cancellation, mostSteps: most))
      } catch let error as ReferenceFailure {
        if error.code == .interrupted { throw error }
        failure = failure ?? error
      }
    }
    if candidates.isEmpty {
      for name in try comparison.adaptive(catalog).sorted() where candidates.isEmpty {
        do {
          candidates.append(try Candidate(name, comparison, catalog, cancellation, mostSteps: nil))
        } catch let error as ReferenceFailure {
          if error.code == .interrupted { throw error }
          failure = failure ?? error
        }
      }
    }
    guard let best = candidates.min(by: { $0.worst < $1.worst }) else {
      throw failure
        ?? UsageError("no adaptive method can integrate this problem: give a reference state (--reference)")
    }
    (name, endTime, trace, returnCode) = (best.name, best.endTime, best.trace, best.returnCode)
    var errors = best.errors
    for other in candidates where other.name != best.name && other.endTime == best.endTime {
      for (i, distance) in other.trace.errors(against: best.trace).enumerated() {
        guard let distance, let own = other.errors[i] else { continue }
        errors[i] = max(errors[i] ?? 0, distance - 3 * own)
      }
    }
    self.errors = errors
  }

  var line: String {
    let texts = zip(type(of: trace).measures, errors).map { measure, error in
      "\(measure.name) \(error.map { String(format: "%.0e", $0) } ?? "unknown")"
    }
    return "reference: \(name), " + (trace.headline.isEmpty ? "" : trace.headline + " ")
      + "at t = \(significant(endTime)); its own errors: \(texts.joined(separator: ", "))"
  }

  /// Those of the stated methods that the program has and the problem takes.
  private static func stated(_ comparison: Comparison, _ catalog: PluginCatalog) throws -> [String] {
    let known = Set(catalog.integrators.entries.map(\.name))
    func takes(_ name: String) -> Bool {
      known.contains(name) && (try? comparison.experiment(name, nil, 1, catalog)) != nil
    }
    if comparison.configuration.isOfSystem { return ["radau", "dop853"].filter(takes) }
    return [["kink-aware", "dormand-prince"].first(where: takes)].compactMap { $0 }
  }

  /// A method at a tenth of the smallest tolerance, with its own error.
  private struct Candidate {
    let name: String
    let endTime: Double
    let trace: any ComparisonTrace
    let returnCode: ReturnCode
    let errors: [Double?]
    let steps: Int

    var worst: Double { errors.compactMap { $0 }.max() ?? .infinity }

    init(
      _ integrator: String, _ comparison: Comparison, _ catalog: PluginCatalog,
      _ cancellation: Cancellation?, mostSteps: Int?
    ) throws {
      let rtol = comparison.rtols.last! / 10
      name = "\(integrator) at rtol \(String(format: "%.0e", rtol))"
      var comparison = comparison
      if let mostSteps {
        comparison.configuration.maxSteps = min(comparison.configuration.maxSteps, mostSteps)
      }
      let first = try Self.run(comparison.experiment(integrator, rtol, 1, catalog), cancellation)
      (trace, endTime, returnCode) = (first.trace, first.solution.time, first.solution.returnCode)
      steps = first.solution.statistics.accepted
      comparison.configuration.stopAtRest = false
      if !comparison.configuration.isOfSystem {
        (comparison.configuration.stopLoss, comparison.configuration.tEnd) = (nil, endTime)
      }
      let other = try Self.run(comparison.experiment(integrator, rtol * 10, 1, catalog), cancellation)
      errors = other.trace.errors(against: trace).map { $0.map { $0 / 3 } }
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
}

/// The reference run of a comparison did not reach its end.
public struct ReferenceFailure: Error, CustomStringConvertible {
  /// How it ended.
  public let code: ReturnCode
  /// The same in a sentence.
  public let message: String
  public var description: String { "the reference run failed (\(code.rawValue)): \(message)" }
}
