/// The times at which a solution is saved, besides its first and last, which always are.
public enum SaveTimes: Sendable, Equatable {
  /// Only the first and the last.
  case endpoints
  /// The end of every accepted step; of more than so many (at least 4) steps those that show the extremes of the
  /// first columns, and otherwise evenly many of each part of the run. `nil` keeps all.
  case steps(atMost: Int?)
  /// Exactly these, in any order; each once, in the direction of integration. Those outside the
  /// interval of integration are never reached.
  case list([Double])
  /// `t_0 + k * spacing`, `spacing > 0`, in the direction of integration.
  case linear(spacing: Double)
  /// `t_0 + 10^(k / perDecade)` for all integers `k` from the first one with a value of at least
  /// `first` on, up to rounding: a logarithmic axis.
  case geometric(first: Double, perDecade: Int)

  /// The end of every accepted step.
  public static let everyStep = SaveTimes.steps(atMost: nil)

  var includesSteps: Bool { if case .steps = self { true } else { false } }

  /// The most rows of a record, if it is thinned.
  var mostRows: Int? { if case .steps(let most) = self { most.map { max(4, $0) } } else { nil } }
}

/// Save times that make no sense.
public enum SaveTimesError: Error, Equatable, CustomStringConvertible {
  /// A listed time is NaN.
  case notANumber(index: Int)
  /// The spacing is not positive and finite.
  case spacing(Double)
  /// The spacing is too small to be added to the start.
  case unresolvedSpacing(Double, at: Double)
  /// The first distance is not positive and finite.
  case first(Double)
  /// There is not at least one time in a decade.
  case perDecade(Int)

  public var description: String {
    switch self {
    case .notANumber(let index): "save time \(index) (from 0) is NaN"
    case .spacing(let value): "the spacing of save times is \(value); it must be positive and finite"
    case .unresolvedSpacing(let value, let t):
      "the spacing of save times is \(value), too small to be distinguished at t = \(t)"
    case .first(let value): "the first save time is \(value); it must be positive and finite"
    case .perDecade(let value): "\(value) save times per decade; there must be at least one"
    }
  }
}
