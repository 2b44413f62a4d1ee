import Files
import Foundation
import GradientFlow
import PluginKit

/// Fingerprints (SHA-256) of what a run depends on beside its configuration: a resumed run must not go on with others.
struct RunInputs: Codable, Equatable {
  /// Of `n`, `d`, all inputs and targets, however they were stored.
  let data: String
  /// Of the state at `t = 0`.
  let start: String
  /// Of each plug-in library, by its path.
  let plugins: [String: String]
  /// Of the coordinates that a state is integrated in, if they are not the inputs' own: of LAPACK's making, they may
  /// differ between machines.
  let coordinates: String?

  /// - Throws: `AtomicFileError` if a plug-in's file cannot be read.
  init(_ experiment: Experiment) throws {
    let (data, coordinates) = experiment.subject.fingerprinted
    try self.init(
      data: data, start: experiment.subject.initialState, plugins: experiment.configuration.plugin,
      coordinates: coordinates)
  }

  private init(data: [Double], start: [Double], plugins: [String], coordinates: [Double]? = nil) throws {
    self.data = Digest.sha256(data)
    self.start = Digest.sha256(start)
    self.coordinates = coordinates.map(Digest.sha256)
    self.plugins = Dictionary(
      try plugins.map { reference in
        (reference, try Digest.sha256(library: reference))
      },
      uniquingKeysWith: { $1 })
  }

  /// - Throws: ``UsageError`` naming the input that is no longer what it was `before`.
  func requireUnchanged(since before: RunInputs, data name: String = "") throws {
    func require(_ now: String?, _ then: String?, _ what: String) throws {
      if now == then { return }
      func digits(_ text: String?) -> String { text.map { $0.prefix(12) + "..." } ?? "absent" }
      throw UsageError(
        "\(what) changed since the run began (SHA-256 \(digits(then)) then, \(digits(now)) now); put back what "
          + "was there, or begin anew by adding --start-over")
    }
    try require(data, before.data, "the data '\(name)'")
    try require(start, before.start, "the initial state")
    try require(coordinates, before.coordinates, "how this machine computes the span of the inputs")
    for path in Set(plugins.keys).union(before.plugins.keys).sorted() {
      try require(plugins[path], before.plugins[path], "the plug-in library '\(path)'")
    }
  }
}
