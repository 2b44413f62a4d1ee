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
  /// The picture drawn at the end: a preset's name, `figure-2` to `figure-10`.
  public var figure: String?
  /// What all runs share: any key of a run's YAML file.
  public var base = RunConfiguration()
  /// Empty if the base gives the original model's factors.
  public var gamma: [Double] = [1]
  public var gammaPrime: [Double] = [0]
  /// `m` of (14).
  public var width: [Int] = [1000]
  public var seed: [UInt64] = [1]
  /// Families of the original model with equal `kappa`, `kappa'` (Figure 3): `beta2 = m^-b`, `beta1 = kappa' beta2`,
  /// `alpha = beta1 beta2 / kappa`. Empty: the normalised model.
  public var betaExponent: [Double] = []
  /// Any other keys of a run, with their values as they are written in YAML.
  public var others: [Axis] = []
  /// What `m` counts with an antisymmetric start.
  public var asiWidth = ASIWidth.total
  public var keep = Kept()
  public var accuracy = Accuracy()

  public init() {}

  /// One more axis.
  public struct Axis: Equatable, Sendable {
    public let key: String
    public let values: [String]
  }

  /// With an antisymmetric start the network is two copies of one; `kappa = m^-gamma` needs to be told which `m`.
  public enum ASIWidth: String, Equatable, Sendable, CaseIterable {
    /// `m` neurons in all.
    case total
    /// `m` neurons in each copy, `2m` in all, as the paper's authors have it.
    case copy
  }

  /// What the store keeps of a run besides its numbers.
  public struct Kept: Equatable, Sendable {
    /// The most rows of the recorded curves; 0 for none.
    public var curves = 200
    /// The most neurons of which orientation and amplitude are kept, at the start and at the end; 0 for none.
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
