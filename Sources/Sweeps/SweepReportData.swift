/// What the page of a sweep is told, as JSON in the page. Arrays over cells run through gamma first, then gamma'.
struct SweepReportData: Encodable {
  let title: String
  let about: String
  let gamma: [Double]
  let gammaPrime: [Double]
  let widths: [Int]
  let seeds: [Int]
  /// Names of the combinations of the other axes.
  let families: [String]
  /// `#RRGGBB`, from the most negative to the most positive exponent.
  let palette: [String]
  /// The parts of the parameters whose distances are known: `w`, `a`, `theta`, or the layers and `theta`.
  let parts: [Part]
  /// For each family, by part.
  let phases: [[String: Phase]]
  /// `[family][cell]`: the runs there.
  let cells: [[[Run]]]
  /// Whether orientations are angles (`d = 2`).
  let isAngle: Bool
  /// The data set, for one input variable.
  let points: Points?
  /// The grid of all learned functions.
  let fitX: [Double]?

  struct Part: Encodable {
    /// The key in ``SweepReportData/phases``.
    let name: String
    /// The subscript of `S`.
    let symbol: String
    let label: String
    /// The column of its distance.
    let curve: String
  }

  struct Phase: Encodable {
    /// `S` of each cell, null where there is none.
    let exponents: [Double?]
    /// What scaling arguments expect.
    let expected: [Double?]
    /// Its standard error.
    let errors: [Double?]
    /// Whether some widths rest on a plateau and others do not.
    let mixed: [Bool]
    /// `[gamma, gamma', error of gamma]`.
    let zeros: [[Double?]]
    /// Corners of the theoretical line, `[gamma, gamma']`.
    let boundary: [[Double]]

    // Swift leaves nulls out of keyed containers only; these are in arrays.
  }

  struct Run: Encodable {
    let id: Int
    let width: Int
    let seed: Int
    let ended: String
    let loss: Double?
    /// RD of each of the parts at the end.
    let distances: [Double?]
    /// `phaseflow run` with the flags that repeat it.
    let command: String
    var curve: [String: [Double?]]?
    var initial: Neurons?
    var final: Neurons?
    /// `f` on ``SweepReportData/fitX``.
    var fit: [Double?]?
  }

  struct Neurons: Encodable {
    let orientation: [Double?]
    let amplitude: [Double?]
    let total: Int
  }

  struct Points: Encodable {
    let x: [Double]
    let y: [Double]
  }
}
