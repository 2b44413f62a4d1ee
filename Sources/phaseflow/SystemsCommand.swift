import ArgumentParser
import Foundation
import ODETestKit
import Studies

struct SystemsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "systems",
    abstract: "Lists the built-in test problems and the sources of their solutions.",
    discussion: """
      Each is run by `phaseflow run --system NAME`; the summary of a run to the end says the error against the known \
      solution. An error is the largest over the known components of |y_i - v_i| / max(|v_i|, floor).

      Example:  phaseflow systems --json | jq -r '.[].name'
                phaseflow run --system hires --integrator radau --rtol 1e-6 --atol 1e-9
      """)

  @Flag(help: "Print one JSON array: name, dimension, times, start, known solution, sources.")
  var json = false

  func run() throws {
    let lines = ReferenceProblem.testSet.map(SystemLine.init)
    try Console.show(json ? JSONText.pretty(lines) : lines.map(\.text).joined(separator: "\n"))
  }
}

/// What is said of one test problem.
private struct SystemLine: Encodable {
  let name: String
  let summary: String
  let dimension: Int
  let initialTime: Double
  let finalTime: Double
  let initialState: [Double]
  let isStiff: Bool
  let isChaotic: Bool
  /// The absolute tolerance that goes with a relative one, as their ratio.
  let atolRatio: Double
  /// What is known at `finalTime`, and of which components; `null`: all.
  let known: [Double]
  let knownComponents: [Int]?
  let knownAccuracy: Double
  let errorFloor: Double
  let source: String
  let knownFrom: String

  init(_ reference: ReferenceProblem) {
    let problem = reference.problem
    (name, summary, dimension) = (reference.name, reference.summary, problem.system.dimension)
    (initialTime, finalTime, initialState) = (problem.initialTime, problem.finalTime, problem.initialState)
    (isStiff, isChaotic, atolRatio) = (reference.isStiff, reference.isChaotic, reference.atolRatio)
    (known, knownComponents) = (reference.known.values, reference.known.components)
    (knownAccuracy, errorFloor) = (reference.known.accuracy, reference.known.floor)
    (source, knownFrom) = (reference.source, reference.known.source)
  }

  var text: String {
    let kind = isStiff ? ", stiff" : isChaotic ? ", chaotic" : ""
    let head = name.padding(toLength: max(16, name.count + 1), withPad: " ", startingAt: 0)
    return """
      \(head)\(summary)
        N = \(dimension), t from \(initialTime) to \(finalTime)\(kind)
        \(source)
        solution known to \(String(format: "%.0e", knownAccuracy)): \(knownFrom)
      """
  }
}
