import Foundation
import GradientFlow
import PluginKit
import Studies
import Yams

/// Every run of a sweep, numbered from 1 in a fixed order: other axes, families, gamma', gamma, width, seed; then
/// the runs that check the accuracy of some of these.
public struct SweepPlan: Sendable {
  /// What was asked for.
  public let definition: SweepDefinition
  /// All runs, or those of the shard, by their numbers.
  public let runs: [SweepRun]
  /// The definition and what the data hold: what must not change under a store.
  public let identity: String

  /// Reads the data, and makes one run of each kind without starting it, so that a mistake shows before
  /// anything is written.
  ///
  /// - Throws: `UsageError`.
  public init(_ definition: SweepDefinition, _ catalog: PluginCatalog) throws {
    var definition = definition
    definition.base = definition.base.withAbsolutePaths
    var builder = PlanBuilder(definition, catalog)
    let runs = try builder.runs()
    self.definition = definition
    self.runs = runs + Self.checks(of: runs, definition.accuracy)
    identity = try definition.yaml + builder.dataNotes.map { "# \($0)\n" }.joined()
  }

  /// A sample of `runs`, evenly spread, at a tighter tolerance.
  private static func checks(of runs: [SweepRun], _ accuracy: SweepDefinition.Accuracy) -> [SweepRun] {
    let count = min(accuracy.sample, runs.count)
    return (0..<count).map { i in
      // The middle of the i-th of equal parts.
      var run = runs[(2 * i + 1) * runs.count / (2 * count)]
      run.checks = run.id
      run.id = runs.count + 1 + i
      run.configuration.rtol *= accuracy.factor
      run.configuration.atol *= accuracy.factor
      return run
    }
  }

  /// The part of the runs that shard `index` of `count` does; all shards cost about the same.
  func shard(_ shard: Shard) -> [SweepRun] {
    let order = runs.sorted { ($1.cost, $0.id) < ($0.cost, $1.id) }
    let chosen = order.enumerated().filter { $0.offset % shard.count == shard.index - 1 }
    return chosen.map(\.element).sorted { $0.id < $1.id }
  }
}

/// Part `index` of `count`, counted from 1; written `3/40`.
public struct Shard: Equatable, Sendable, CustomStringConvertible {
  /// From 1.
  public let index: Int
  /// How many shards there are.
  public let count: Int
  /// The only one of one.
  public static let whole = Shard(index: 1, count: 1)

  private init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

  /// - Throws: `UsageError`.
  public init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1, 1...count ~= index else {
      throw UsageError("the shard is '\(text)'; it must be I/N with 1 <= I <= N, like 3/40")
    }
    self.init(index: index, count: count)
  }

  public var description: String { "\(index)/\(count)" }
}

/// One run of a sweep.
public struct SweepRun: Equatable, Sendable {
  /// From 1, in the whole sweep, whatever the shard.
  public internal(set) var id: Int
  /// `gamma` of (14); `nil` where another scaling is given.
  public let gamma: Double?
  /// `gamma'` of (14); `nil` where another scaling is given.
  public let gammaPrime: Double?
  /// `m` of (14). With `asi-width: copy` the network has twice as many neurons.
  public let width: Int
  /// Of the random start.
  public let seed: UInt64
  /// `b` of `beta2 = m^-b`, if the sweep has families of the original model.
  public let betaExponent: Double?
  /// The values of the other axes, as `key=value`, in the order of the definition.
  public let others: [String]
  /// The run whose accuracy this one checks, being the same at a tighter tolerance.
  public internal(set) var checks: Int?
  /// All of it: `phaseflow run` with this configuration does this run.
  public internal(set) var configuration: RunConfiguration
  /// The work, in products `m n d`; only ratios mean anything.
  public let cost: Double
  /// Bytes that the run is expected to hold.
  public internal(set) var memory: Double
}
