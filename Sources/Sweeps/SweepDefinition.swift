import Studies

/// What a sweep scans: a run, the axes along which it varies, and what is kept of each run.
///
/// ```yaml
/// base: {data: four-points, asi: true, rtol: 1e-2}
/// axes:
///   gamma: {from: 0.5, to: 2, count: 7}
///   gamma-prime: [-0.4, 0, 0.4]
///   width: [1000, 5000, 10000]
///   seed: [1, 2, 3]
/// ```
public struct SweepDefinition: Equatable, Sendable {
  /// The picture drawn at the end: a preset's name.
  public var figure: String?
  /// What all runs share: any key of a network's YAML file.
  public var base = RunConfiguration()
  /// Empty if the base gives the original model's factors.
  public var gamma: [Double] = [1]
  /// The values of `gamma'` of (14).
  public var gammaPrime: [Double] = [0]
  /// `m` of (14). Hidden layers of the base are in proportion: the widest has `m` units.
  public var width: [Int] = [1000]
  /// The seeds of the random starts.
  public var seed: [UInt64] = [1]
  /// Families of the original model with equal `kappa`, `kappa'` (Figure 3): `beta2 = m^-b`, `beta1 = kappa' beta2`,
  /// `alpha = beta1 beta2 / kappa`. Empty: the normalised model.
  public var betaExponent: [Double] = []
  /// What gamma' means to a network with several hidden layers: `g_l = gamma' d_l` with `d` this, the first layer first, added to the mobility exponents
  /// of the base. Empty: -1 for the first layer and 1 for the last, as for two layers.
  public var mobilityDirection: [Double] = []
  /// Any other keys of a run, with their values as they are written in YAML.
  public var others: [GridAxis] = []
  /// What `m` counts with an antisymmetric start.
  public var asiWidth = ASIWidth.total
  /// The last resort for a run that rests on a plateau, where `R` never falls to the stop and rounding keeps the neurons
  /// trembling, so that it is not found `stationary`: without a `t-end` of its own a run with the squared loss ends at
  /// the latest at `horizon / r`, `r = (kappa/n) sum_i |y_i| |x_i|` the largest rate at which a neuron can grow from a start
  /// with `f = 0`; 0: never. Such a run ends with `success` in place of `stopped`.
  public var horizon = 1e6
  /// What is kept of each run.
  public var keep = Kept()
  /// Which runs are repeated, and at which tolerance.
  public var accuracy = Accuracy()

  /// One run: the defaults of all axes.
  public init() {}

  /// Puts other data, widths and seeds, as they would stand in YAML, in place of the definition's own.
  ///
  /// In place of `fashion-mnist:N`, as in Figures 5 and 7, `idx:IMAGES,LABELS` means the first `N` images too, unless it
  /// says `n=N` itself, and the runs stop where the paper's do on MNIST.
  ///
  /// - Throws: `UsageError` for what is no width or seed, or if the data are an axis of the sweep.
  public mutating func replace(data: String?, widths: [String]?, seeds: [String]?) throws {
    if let data {
      guard !others.contains(where: { $0.key == "data" }) else {
        throw UsageError("the sweep has an axis 'data'; change that in place of --data")
      }
      if data.hasPrefix("idx:"), let count = base.data.wholeMatch(of: /fashion-mnist:(\d+)/)?.1 {
        base.data = data.contains(",n=") ? data : "\(data),n=\(count)"
        base.stopLoss = base.stopLoss ?? 5e-5
      } else {
        base.data = data
      }
    }
    if let widths { width = try AxisValues(widths, "width").integers("width") }
    if let seeds { seed = try AxisValues(seeds, "seed").integers("seed").map { UInt64($0) } }
    try check()
  }

  /// ``mobilityDirection`` of so many layers.
  func mobilityDirection(layers: Int) -> [Double] {
    guard mobilityDirection.count != layers else { return mobilityDirection }
    return (0..<layers).map { $0 == 0 ? -1 : $0 == layers - 1 ? 1 : 0 }
  }

  /// What gamma' means where there are several hidden layers; `nil` where it does not vary, and for two layers.
  var mobilityText: String? {
    variedExponents.map { exponents in
      "mobility exponents "
        + exponents.map { "g\(Self.subscriptDigits($0.layer)) = \($0.factor)γ′" }.joined(separator: ", ")
    }
  }

  private static func subscriptDigits(_ number: Int) -> String {
    String(
      String.UnicodeScalarView("\(number)".unicodeScalars.map { Unicode.Scalar($0.value - 0x30 + 0x2080)! }))
  }

  /// The layers whose mobility exponents vary, and what is before gamma' in them: `−` or a number.
  var variedExponents: [(layer: Int, factor: String)]? {
    guard base.hidden.count > 1, gammaPrime != [0], !gammaPrime.isEmpty else { return nil }
    return mobilityDirection(layers: base.hidden.count + 1).enumerated().filter { $0.element != 0 }.map {
      let factor = $0.element == 1 ? "" : $0.element == -1 ? "−" : String(format: "%g ", $0.element)
      return ($0.offset + 1, factor)
    }
  }

  /// The base with the values of other axes, `key=value`.
  ///
  /// - Throws: `UsageError`.
  func base(with others: [String]) throws -> RunConfiguration {
    if others.isEmpty { return base }
    var given = RunConfiguration()
    for text in others {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      try given.set(parts[0], Self.scalar(parts[1]))
    }
    return base.overlaid(by: given)
  }

  /// One more axis.
  public struct GridAxis: Equatable, Sendable {
    /// A key of a run.
    public let key: String
    /// Its values, as a file would have them.
    public let values: [String]
  }

  /// With an antisymmetric start the network is two copies of one; `kappa = m^-gamma` needs to be told which `m`.
  public enum ASIWidth: String, SettingValue, CaseIterable {
    /// `m` neurons in all.
    case total
    /// `m` neurons in each copy, `2m` in all, as the paper's authors have it.
    case copy
  }

  /// What the store keeps of a run besides its numbers.
  public struct Kept: Equatable, Sendable {
    /// The most rows of the recorded curves; 0 for none.
    public var curves = 200
    /// The most neurons of which orientation and amplitude are kept, at the start and at the end; 0 for none. Of each of
    /// half as many equal parts, in order, the first and the largest.
    public var neurons = 0
    /// Whether all weights are kept at the end, `[m, d + 1]`.
    public var weights = false
    /// Whether the learned function is kept; for one input variable.
    public var fit = false
  }

  /// Some runs are done again at a tighter tolerance, to know how accurate the others are.
  public struct Accuracy: Equatable, Sendable {
    /// How many, evenly spread over the sweep; 0 for none.
    public var sample = 12
    /// The factor on `rtol` and `atol`.
    public var factor = 0.01
  }
}
