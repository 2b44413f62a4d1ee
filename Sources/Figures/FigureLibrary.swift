/// The standard pictures, from plain numbers. Each function gives a value that can still be changed
/// before it is written.
public enum FigureLibrary {
  /// More points than this are thinned evenly in scatters; the legend says so.
  public static let maxScatterPoints = 20_000

  /// Colours of states before and after training; the paper has cyan and red, these are their nearest
  /// kin in a palette that the colour blind can read.
  public static let initialColour = Colour.skyBlue
  /// The colour of what belongs to the end of training.
  public static let finalColour = Colour.vermilion

  /// Data points and the learned function through them (Figure 2, first row), for one input variable.
  ///
  /// - Parameters:
  ///   - data: `x_i` and `y_i`.
  ///   - curve: `x` in ascending order and `f(x)`.
  public static func learnedFunction(
    data: (x: [Double], y: [Double]), curve: (x: [Double], f: [Double]), title: FigureText = ""
  ) -> Panel {
    Panel(
      title: title, x: Axis(.symbol("x")), y: Axis(.symbol("f") + "(" + .symbol("x") + ")"),
      series: [
        Series("learned", .line(), colour: finalColour, x: curve.x, y: curve.f),
        Series(
          "data", .points(size: 1.1, marker: .circle), colour: .black, x: data.x, y: data.y),
      ])
  }

  /// Amplitude against orientation of all neurons, before and after (Figure 2, second row). The points
  /// of the end are smaller and on top, so that a neuron that has not moved shows both.
  ///
  /// - Parameters:
  ///   - initial: orientation and amplitude `A_k = |a_k| |w_k|` of each neuron at the start.
  ///   - final: likewise at the end.
  ///   - orientation: what the orientations are.
  public static func orientationScatter(
    initial: (orientation: [Double], amplitude: [Double]),
    final: (orientation: [Double], amplitude: [Double]), orientation: Orientation = .angle,
    title: FigureText = "", amplitudeScale: Axis.Scale = .linear
  ) -> Panel {
    let before = thinned(initial.orientation, initial.amplitude)
    let after = thinned(final.orientation, final.amplitude)
    return Panel(
      title: title, x: orientation.axis, y: Axis(amplitudeLabel, scale: amplitudeScale),
      series: [
        Series(
          "initial" + before.note, .points(size: 0.6, marker: .circle), colour: initialColour,
          x: before.x, y: before.y),
        Series(
          "final" + after.note, .points(size: 0.3, marker: .circle), colour: finalColour, opacity: 0.7,
          x: after.x, y: after.y),
      ])
  }

  /// `A_k = |a_k| |w_k|`.
  static let amplitudeLabel: FigureText = "amplitude |" + .symbol("a") + "||" + .symbol("w") + "|"

  /// What stands for a neuron's direction.
  public enum Orientation: Sendable {
    /// `d = 2`: the angle of `w_k` to the x-axis in `[-pi, pi)`.
    case angle
    /// `d > 2`: the cosine of the angle to `(1, ..., 1) / sqrt(d)` (Figure 7).
    case projection

    var axis: Axis {
      switch self {
      case .angle:
        Axis("orientation of " + .symbol("w") + " (radians)", range: -Double.pi...Double.pi, ticks: .pi)
      case .projection: Axis("cosine between " + .symbol("w") + " and (1, ..., 1)")
      }
    }
  }

  /// The paper's Figure 2: learned functions in the first row, scatters below, one column for each run.
  public static func figure2(_ runs: [Figure2Run]) -> Figure {
    Figure(
      panels: runs.map { learnedFunction(data: $0.data, curve: $0.curve, title: $0.title) }
        + runs.map { orientationScatter(initial: $0.initial, final: $0.final) },
      columns: runs.count, panelSize: Figure.Size(width: 220, height: 170))
  }

  /// One column of ``FigureLibrary/figure2(_:)``.
  public struct Figure2Run: Sendable {
    /// Above the column.
    public var title: FigureText
    /// The samples.
    public var data: (x: [Double], y: [Double])
    /// The learned function.
    public var curve: (x: [Double], f: [Double])
    /// The neurons at the start: orientation in radians, amplitude `|a_k| |w_k|`.
    public var initial: (orientation: [Double], amplitude: [Double])
    /// The neurons at the end, likewise.
    public var final: (orientation: [Double], amplitude: [Double])

    /// A column from its parts.
    public init(
      title: FigureText, data: (x: [Double], y: [Double]), curve: (x: [Double], f: [Double]),
      initial: (orientation: [Double], amplitude: [Double]),
      final: (orientation: [Double], amplitude: [Double])
    ) {
      self.title = title
      self.data = data
      self.curve = curve
      self.initial = initial
      self.final = final
    }
  }

  /// At most ``maxScatterPoints`` points, every k-th.
  private static func thinned(
    _ x: [Double], _ y: [Double]
  ) -> (x: [Double], y: [Double], note: FigureText) {
    let kept = evenly(x, y, most: maxScatterPoints)
    return (kept.x, kept.y, kept.step > 1 ? FigureText(markup: " (1 in \(kept.step))") : "")
  }

  /// At most `most` points, every `step`-th.
  static func evenly(_ x: [Double], _ y: [Double], most: Int) -> (x: [Double], y: [Double], step: Int) {
    let step = max(1, (x.count + most - 1) / most)
    guard step > 1 else { return (x, y, 1) }
    let kept = stride(from: 0, to: x.count, by: step)
    return (kept.map { x[$0] }, kept.map { y[$0] }, step)
  }
}
