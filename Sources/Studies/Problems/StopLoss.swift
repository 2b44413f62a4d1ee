import Foundation
import ODECore

extension Event {
  /// Ends a run when the loss of a network has fallen to `stop`.
  ///
  /// - Parameters:
  ///   - gauge: told `R` whenever it is evaluated.
  ///   - risk: `R` of a state.
  static func stopLoss(
    _ stop: Double, _ gauge: LossGauge, risk: @escaping (Span<Double>) throws -> Double
  ) -> Event {
    let meaning = "reached the loss \(stop)".replacing("e-0", with: "e-")
    return Event("stop-loss", meaning: meaning, direction: .falling, isTerminal: true, searchesInside: false)
    { _, y in
      // The logarithm is nearly linear in t late in training, which is what the root search likes.
      gauge.value = try risk(y)
      return log(gauge.value / stop)
    }
  }
}
