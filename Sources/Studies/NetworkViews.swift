import GradientFlow
import ODECore

/// The network along a run, in the coordinates that each observer asks for.
final class NetworkViews {
  /// In the coordinates in which the run is integrated.
  private let integrated: FlowSnapshot
  /// In the inputs' own, if these are others.
  private let ambient: FlowSnapshot
  private let representation: FlowRepresentation
  /// Made when first needed.
  private lazy var lifted = StateVector(count: ambient.flow.dimension)

  init(_ experiment: Experiment) {
    representation = experiment.representation
    ambient = FlowSnapshot(flow: representation.flow)
    integrated = representation.isReduced ? FlowSnapshot(flow: representation.integrated) : ambient
  }

  /// Calls `body` with the snapshot of the integrated state `y`, and with what picks an observer's.
  func with<R>(
    _ t: Double, _ y: Span<Double>, for observers: [any FlowObserver],
    _ body: (FlowSnapshot, (any FlowObserver) -> FlowSnapshot) throws -> R
  ) rethrows -> R {
    try integrated.with(t, y) { integrated in
      guard representation.isReduced, !observers.allSatisfy(\.isRotationInvariant) else {
        return try body(integrated) { _ in integrated }
      }
      return try representation.withAmbient(y, scratch: lifted) {
        try ambient.with(t, $0) { ambient in
          try body(integrated) { $0.isRotationInvariant ? integrated : ambient }
        }
      }
    }
  }
}
