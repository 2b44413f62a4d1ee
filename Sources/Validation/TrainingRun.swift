import GradientFlow
import ODECore
import Studies

/// A finished run, as statements see it.
public struct TrainingRun: Sendable {
  public let summary: RunSummary
  /// The recorded columns: `time`, `loss`, and those of the observers.
  public let trajectory: [String: [Double]]
  /// The final state, laid out as `NetworkShape` says.
  public let state: [Double]

  /// Whether the run got to its stop. What it says about suprema over all times is otherwise only a lower bound.
  public var isComplete: Bool { summary.returnCode.isSuccess }

  /// A number from the summary of an observer; NaN if there is none.
  public func number(_ observer: String, _ key: String) -> Double {
    switch summary.observers[observer]?[key] {
    case .number(let x): x
    case .integer(let i): Double(i)
    default: .nan
    }
  }

  /// `sup_t RD` (16) of one part of the parameters.
  public func supremum(_ part: Part) -> Double { number("relative-distance", part.key) }

  /// `theta_w`, `theta_a`, or all of `theta`.
  public enum Part: String, CaseIterable, Sendable {
    case w, a, theta

    var key: String {
      switch self {
      case .w: "supW"
      case .a: "supA"
      case .theta: "supTheta"
      }
    }
  }
}
