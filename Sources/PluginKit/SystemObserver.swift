import GradientFlow
import ODECore

/// Something that watches the solution of any ``SystemModel``; what ``/GradientFlow/FlowObserver`` is for
/// networks, with the same order of calls.
///
/// ```swift
/// final class Peak: SystemObserver {
///   let name = "peak"
///   let watchesSteps = true
///   private var peak = -Double.infinity
///   var memory: [Double] {
///     get { [peak] }
///     set { peak = newValue[0] }
///   }
///   func begin(_ point: SystemPoint) { peak = point[0] }
///   func step(_ point: SystemPoint) { peak = max(peak, point[0]) }
///   func finish(_ point: SystemPoint) -> [String: ObservedValue] { ["y0": .number(peak)] }
/// }
/// ```
public protocol SystemObserver: AnyObject {
  /// The name on the command line and the key in `summary.json`.
  var name: String { get }
  /// The columns that ``record(_:)`` adds to `trajectory.csv`.
  var columns: [String] { get }
  /// Whether ``step(_:)`` is wanted.
  var watchesSteps: Bool { get }
  /// What must survive when a run is killed and resumed. In the resumed run it is set right after
  /// ``begin(_:)``, which again sees the start.
  var memory: [Double] { get set }

  func begin(_ point: SystemPoint) throws
  func step(_ point: SystemPoint) throws
  /// One value for each of ``columns``.
  func record(_ point: SystemPoint) throws -> [Double]
  /// What goes into `summary.json` under ``name``.
  func finish(_ point: SystemPoint) throws -> [String: ObservedValue]
}

extension SystemObserver {
  public var columns: [String] { [] }
  public var watchesSteps: Bool { false }
  public var memory: [Double] {
    get { [] }
    set {}
  }
  public func begin(_ point: SystemPoint) throws {}
  public func step(_ point: SystemPoint) throws {}
  public func record(_ point: SystemPoint) throws -> [Double] { [] }
  public func finish(_ point: SystemPoint) throws -> [String: ObservedValue] { [:] }
}

/// The solution at one time, as observers see it. Valid only during the call that hands it over.
public struct SystemPoint {
  public let model: SystemModel
  public let time: Double
  /// Where the step began that ended here; ``time`` outside ``SystemObserver/step(_:)``.
  public let previousTime: Double
  let state: UnsafeBufferPointer<Double>

  /// Calls `body` with the point `y` at time `t`.
  public static func with<R>(
    _ model: SystemModel, _ t: Double, _ y: Span<Double>, previousTime: Double? = nil,
    _ body: (SystemPoint) throws -> R
  ) rethrows -> R {
    precondition(y.count == model.initialState.count)
    return try y.withUnsafeBufferPointer {
      try body(SystemPoint(model: model, time: t, previousTime: previousTime ?? t, state: $0))
    }
  }

  /// `N`.
  public var count: Int { state.count }
  /// `y_i`, `i` from 0.
  public subscript(_ i: Int) -> Double {
    precondition(state.indices.contains(i))
    return state[i]
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try body(state.span) }
}
