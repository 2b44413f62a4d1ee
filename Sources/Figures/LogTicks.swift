import Foundation
import UntrustedNumbers

/// Ticks of a logarithmic axis: labels at powers of ten, thinned to at most seven; on a range of less than
/// two decades also at 2 and 5 times them (at more digits if that gives fewer than three); small ticks
/// at the other digits, or decades, between.
struct LogTicks: Equatable {
  struct Tick: Equatable {
    let mantissa: Int
    let exponent: Int
    /// Empty for a small tick.
    var label: String

    var isMajor: Bool { !label.isEmpty }
    var value: Double { Double("\(mantissa)e\(exponent)")! }
    /// `10^{-3}`, `2×10^{-3}`.
    fileprivate var power: String {
      (mantissa == 1 ? "" : "\(mantissa)×") + "10^{\(typographic("\(exponent)"))}"
    }
    /// `0.002`.
    fileprivate var decimal: String {
      String(format: "%.\(max(0, -exponent))f", value)
    }
  }

  let ticks: [Tick]

  init(_ range: ClosedRange<Double>) {
    precondition(range.lowerBound > 0)
    let low = Int(saturating: log10(range.lowerBound).rounded(.down))
    let high = Int(saturating: log10(range.upperBound).rounded(.up))
    func inside(_ value: Double) -> Bool {
      value >= range.lowerBound * (1 - 1e-9) && value <= range.upperBound * (1 + 1e-9)
    }
    let decades = (low...high).filter { inside(pow(10, Double($0))) }
    let spanned = log10(range.upperBound / range.lowerBound)
    let stride = max(1, (decades.count + 6) / 7)
    var ticks: [Tick] = []
    for exponent in low...high {
      for mantissa in 1...9 {
        let tick = Tick(mantissa: mantissa, exponent: exponent, label: "")
        if inside(tick.value), spanned < 8 || mantissa == 1 { ticks.append(tick) }
      }
    }
    // Few decades near 1 read better without powers.
    let isPlain = spanned < 2 && low >= -3 && high <= 4
    func name(_ isMajor: (Tick) -> Bool) {
      for i in ticks.indices {
        ticks[i].label = !isMajor(ticks[i]) ? "" : isPlain ? ticks[i].decimal : ticks[i].power
      }
    }
    if spanned >= 2 {
      name { $0.mantissa == 1 && $0.exponent % stride == 0 }
    } else {
      // The first of these that gives three labels.
      for mantissas in [[1, 2, 5], [1, 2, 3, 5, 7], Array(1...9)] {
        name { mantissas.contains($0.mantissa) }
        if ticks.filter(\.isMajor).count > 2 { break }
      }
    }
    self.ticks = ticks
  }
}
