import DeepNetworks
import GradientFlow
import ODECore

/// `condensation`: in how many orientations the network's amplitude sits.
///
/// Neuron `k` has the amplitude `A_k = |a_k| |w_k|` and the orientation `w_k / |w_k|` (section 3.1). All
/// shares are shares of `sum_k A_k`; neurons without amplitude do not count.
///
/// - `d = 2`: an orientation is an angle in `[-pi, pi)`. Clusters: ``ArcClusters``. The
///   histogram has `bins` equal bins over that interval.
/// - other `d`: clusters by cosine: ``CosineClusters``. The histogram is that of the projection
///   `w_k . 1 / (sqrt(d) |w_k|)` in `[-1, 1]` (the paper's Figure 7), likewise weighted.
///
/// A *cluster* is counted if it holds at least `share` (0.01) of the amplitude. Two orientations belong
/// together within `threshold` degrees (5) of the cluster's centre.
///
/// - `entropy`: `-sum p log p` in nats, over the bins for `d = 2` (at most `log bins`), over the
///   clusters otherwise, where a neuron in no cluster is one of its own (at most `log m`).
/// - `directions`: the effective number of directions, `1 / sum_kl p_k p_l` over all pairs of neurons within `resolution`
///   degrees (0.1) of each other, `p_k` the neurons' shares: one over the chance that two drawn by amplitude point the
///   same way, 1 if all do. A diversity of order 2 with a similarity of 0 or 1 (Leinster and Cobbold, Ecology 93, 2012),
///   the sum is a correlation integral (Grassberger and Procaccia 1983). Other `d`: over the clusters' shares and single
///   neurons.
/// - `top1`, `top2`, `top4`: the shares of the largest one, two, four clusters together; NaN (`null`)
///   if there is no amplitude at all.
///
/// - Columns: `clusters`, `entropy`, `directions`, `topFraction` (that is `top1`).
/// - Summary: `clusters`, `entropy`, `directions`, `top1`, `top2`, `top4` at the end; the same with `initial` before
///   them, as in `initialTop1`, at the start; `threshold`, `share`, and for `d = 2` `resolution`.
/// - Tables: `histogram` (bin centre, initial and final share), `clusters` (see ``tables``).
public final class Condensation: FlowObserver {
  public let name = "condensation"
  public let columns = ["clusters", "entropy", "directions", "topFraction"]

  private let gauge: OrientationGauge

  /// Of the last snapshot: the first and the last time are asked for twice.
  private var latest: (time: Double, analysis: OrientationAnalysis)?
  private var initial: OrientationAnalysis?
  private var final: OrientationAnalysis?

  init(_ gauge: OrientationGauge) { self.gauge = gauge }

  /// - Parameters:
  ///   - threshold: in degrees, above 0 and at most 90.
  ///   - share: of the amplitude, from which on a cluster counts, in (0, 1].
  ///   - bins: of the histogram.
  ///   - leaders: the most clusters looked for if `d > 2`: each costs one pass over the state.
  ///   - resolution: in degrees, above 0 and at most 90: what counts as one direction, for `d = 2`.
  public convenience init(
    threshold: Double = 5, share: Double = 0.01, bins: Int = 72, leaders: Int = 64, resolution: Double = 0.1
  ) {
    precondition(resolution > 0 && resolution <= 90)
    precondition(threshold > 0 && threshold <= 90 && share > 0 && share <= 1)
    precondition(bins > 0 && leaders > 0)
    self.init(
      OrientationGauge(
        threshold: threshold, share: share, bins: bins, leaders: leaders, resolution: resolution))
  }

  /// Networks of any depth have an observer of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    guard let network = (problem.system as? ArchitectureFlow)?.architecture as? DeepNetwork else {
      return self
    }
    return LayerCondensation(gauge, network)
  }

  public func begin(_ snapshot: FlowSnapshot) {
    latest = nil
    initial = analyse(snapshot)
    final = nil
  }

  public func record(_ snapshot: FlowSnapshot) -> [Double] {
    let now = analyse(snapshot)
    return [Double(now.clusterCount), now.entropy, now.directions, now.top(1)]
  }

  public func finish(_ snapshot: FlowSnapshot) -> [String: ObservedValue] {
    guard let initial else { preconditionFailure("begin(_:) comes first") }
    let last = analyse(snapshot)
    final = last
    var result: [String: ObservedValue] = [
      "threshold": .number(gauge.threshold), "share": .number(gauge.share),
    ]
    for (analysis, prefix) in [(initial, "initial"), (last, "")] {
      func key(_ name: String) -> String {
        prefix.isEmpty ? name : prefix + name.prefix(1).uppercased() + name.dropFirst()
      }
      result[key("clusters")] = .integer(analysis.clusterCount)
      result[key("entropy")] = .number(analysis.entropy)
      result[key("directions")] = .number(analysis.directions)
      for count in [1, 2, 4] { result[key("top\(count)")] = .number(analysis.top(count)) }
    }
    if snapshot.inputDimension == 2 { result["resolution"] = .number(gauge.resolution) }
    return result
  }

  /// `histogram`: `centre` (radians, or the projection), `initialShare`, `finalShare`.
  /// `clusters`, the counted ones, largest first: `final` (0: at the start, 1: at the end), `centre`
  /// (the mean angle in radians; for `d > 2` the projection of the leading neuron), `share`, `neurons`.
  public var tables: [ObservedTable] {
    guard let initial, let final else { return [] }
    let rows = initial.histogram.centres.indices.map {
      [
        initial.histogram.centres[$0], initial.histogram.shares[$0], final.histogram.shares[$0],
      ]
    }
    let clusters = [(0.0, initial), (1.0, final)].flatMap { stage, analysis in
      analysis.counted.map { [stage, $0.centre, $0.share, Double($0.neurons)] }
    }
    return [
      ObservedTable(
        name: "histogram", columns: ["centre", "initialShare", "finalShare"], rows: rows),
      ObservedTable(
        name: "clusters", columns: ["final", "centre", "share", "neurons"], rows: clusters),
    ]
  }

  private func analyse(_ snapshot: FlowSnapshot) -> OrientationAnalysis {
    if let latest, latest.time == snapshot.time { return latest.analysis }
    let analysis = snapshot.withState { y in
      gauge.analyse(snapshot.neurons, VectorsInState(inputWeightsOf: snapshot.flow.shape), y)
    }
    latest = (snapshot.time, analysis)
    return analysis
  }
}
