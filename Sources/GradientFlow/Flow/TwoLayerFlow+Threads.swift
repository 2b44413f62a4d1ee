import Foundation

extension TwoLayerFlow {
  /// As many cores as leave each enough work to pay for waking it up.
  ///
  /// Work is counted in multiply-adds of one pass, `m n d`; an activation that is called on blocks
  /// counts as 32 more per neuron and sample.
  static func threadsWorthwhile(width m: Int, n: Int, d: Int, callsActivation: Bool) -> Int {
    let work = Double(m) * Double(n) * Double(callsActivation ? d + 32 : d)
    let share = work / workPerThread
    return max(1, min(ProcessInfo.processInfo.activeProcessorCount, Int(min(share, 1e6))))
  }

  /// Multiply-adds of a pass below which a further thread does not pay.
  static let workPerThread = 4e5
}
