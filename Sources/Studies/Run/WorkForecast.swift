import Foundation
import ODECore
import PluginKit
import UntrustedNumbers

/// What one or several runs are going to take, told before they are begun.
public struct WorkForecast: Encodable, Sendable {
  /// One run that is to be done.
  public struct Item {
    /// The run.
    public let configuration: RunConfiguration
    /// The work, in units common to all items.
    public let cost: Double
    /// Bytes that the run is expected to hold.
    public let memory: Double

    /// A run with its work and memory.
    public init(_ configuration: RunConfiguration, cost: Double, memory: Double) {
      (self.configuration, self.cost, self.memory) = (configuration, cost, memory)
    }
  }

  /// How many runs there are, and how many of them are done already.
  public let runs: Int
  /// Of ``runs``, those that need not be done.
  public let done: Int
  /// Bytes that the runs done at the same time are expected to hold, at most; states, and the matrices of exponential methods.
  public let memory: Double
  /// Until the last run has ended; `nil` if trials got nowhere.
  public let seconds: Double?
  /// What ``seconds`` is estimated from.
  public let basis: String

  /// Trials take so long each.
  private static let patience = Duration.seconds(2)
  /// So many runs are tried of many.
  private static let trials = 3

  /// - Parameters:
  ///   - items: what is still to be done.
  ///   - measured: seconds of one core, and the cost that took them; without it some of the cheapest items are begun on trial.
  ///   - workers: runs at the same time.
  /// - Throws: what a run throws that cannot be made; `CancellationError`.
  public init(
    _ items: [Item], done: Int = 0, measured: (seconds: Double, cost: Double)? = nil, workers: Int = 1,
    _ catalog: PluginCatalog, cancellation: Cancellation? = nil
  ) throws {
    (runs, self.done) = (items.count + done, done)
    let largest = items.map(\.memory).sorted(by: >)
    let together = largest.prefix(workers).reduce(0, +)
    memory = max(largest.first ?? 0, min(together, Self.budget))
    let cost = items.reduce(0) { $0 + $1.cost }
    guard let longest = items.map(\.cost).max() else {
      (seconds, basis) = (0, "nothing is left to do")
      return
    }
    func total(_ perCost: Double) -> Double {
      max(
        perCost * cost / Double(max(1, min(workers, items.count))),
        items.count < workers ? 0 : perCost * longest)
    }
    if let measured, measured.cost > 0 {
      seconds = total(measured.seconds / measured.cost)
      basis = "from the runs that are done, by the cost m n d of an evaluation"
      return
    }
    if items.count == 1 {
      let trial = try Trial(items[0].configuration, catalog, Self.patience, cancellation)
      (seconds, basis) = (trial.seconds, trial.text)
      return
    }
    let cheapest = items.sorted { $0.cost < $1.cost }.prefix { $0.cost <= 2 * items.map(\.cost).min()! }
    let chosen = Array(cheapest).evenly(Self.trials)
    var sum = (seconds: 0.0, cost: 0.0)
    for item in chosen {
      var configuration = item.configuration
      configuration.threads = 1
      let trial = try Trial(configuration, catalog, Self.patience / 2, cancellation)
      guard let seconds = trial.seconds else { continue }
      sum = (sum.seconds + seconds, sum.cost + item.cost)
    }
    seconds = sum.cost > 0 ? total(sum.seconds / sum.cost) : nil
    basis =
      "from \(chosen.count) of the smallest runs, done on trial for at most a second each, by the cost m n d of an "
      + "evaluation"
  }

  /// What a machine has for runs.
  package static var budget: Double { 0.8 * Double(ProcessInfo.processInfo.physicalMemory) }

  /// For people.
  public var text: String {
    let count = done > 0 ? "\(runs) runs, \(done) of them done" : "\(runs) run\(runs == 1 ? "" : "s")"
    return """
      \(count)
        memory     about \(Self.bytes(memory))
        time       \(seconds.map { "about \(Self.duration($0))" } ?? "unknown"), \(basis)
      """
  }

  /// As `--dry-run --json` prints it.
  public var json: String {
    get throws { try JSONText.pretty(self) }
  }

  static func bytes(_ count: Double) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    let power = max(0, min(units.count - 1, Int(saturating: log10(max(count, 1)) / 3)))
    return String(format: "%.3g ", count / pow(1000, Double(power))) + units[power]
  }

  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: String(format: "%.2g s", seconds)
    case ..<120: String(format: "%.0f s", seconds)
    case ..<7200: String(format: "%.0f min", seconds / 60)
    case ..<172_800: String(format: "%.0f h", seconds / 3600)
    default: String(format: "%.3g days", seconds / 86400)
    }
  }
}

/// A run that is begun and given up after a while.
private struct Trial {
  /// Of the whole run; `nil` if it got nowhere.
  let seconds: Double?
  let text: String

  /// The part of the way from which on the rest is extrapolated.
  private static let telling = 0.01

  init(
    _ configuration: RunConfiguration, _ catalog: PluginCatalog, _ patience: Duration, _ user: Cancellation?
  ) throws {
    let run = try Run(configuration, catalog, out: nil)
    let (cancellation, began) = (Cancellation(), ContinuousClock.now)
    var share = 0.0
    var hooks = RunHooks()
    hooks.cancellation = cancellation
    hooks.progressInterval = .milliseconds(10)
    hooks.progress = { progress in
      share = progress.fraction
      if user?.isCancelled == true || ContinuousClock.now - began > patience { cancellation.cancel() }
    }
    let outcome = try run.run(hooks)
    if user?.isCancelled == true { throw CancellationError() }
    let passed = (ContinuousClock.now - began) / .seconds(1)
    guard outcome.summary.returnCode == .interrupted else {
      (seconds, text) = (passed, "which it took on trial")
      return
    }
    seconds = share >= Self.telling ? passed / share : nil
    text =
      String(
        format: "a trial of %.1f s came %.2g %% of the way to the stop, in log R or in t", passed, 100 * share
      )
      + (seconds == nil ? ": too little to tell" : "")
  }
}

extension Array {
  /// At most `count` elements, evenly spread.
  fileprivate func evenly(_ count: Int) -> [Element] {
    self.count <= count ? self : (0..<count).map { self[(2 * $0 + 1) * self.count / (2 * count)] }
  }
}

extension Run {
  /// What the run is going to take; it writes nothing.
  ///
  /// - Throws: see ``WorkForecast``.
  public static func forecast(
    _ configuration: RunConfiguration, _ catalog: PluginCatalog, cancellation: Cancellation? = nil
  ) throws -> WorkForecast {
    let experiment = try Experiment(configuration, catalog)
    let item = WorkForecast.Item(configuration, cost: 1, memory: experiment.estimatedMemory)
    return try WorkForecast([item], catalog, cancellation: cancellation)
  }
}
