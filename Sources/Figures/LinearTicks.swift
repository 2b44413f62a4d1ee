import Foundation
import UntrustedNumbers

/// Ticks of a linear axis at multiples of 1, 2 or 5 times a power of ten. Labels of 10^4 and beyond or within
/// 10^-3 of zero throughout are written without their common power of ten, which then stands at the
/// axis' name.
struct LinearTicks: Equatable {
  struct Tick: Equatable {
    let value: Double
    let label: String
  }

  let ticks: [Tick]
  /// The power of ten that the labels lack; 0 if none.
  let exponent: Int

  /// - Parameter most: labels at most.
  init(_ range: ClosedRange<Double>, most: Int) {
    let span = range.upperBound - range.lowerBound
    guard span > 1e-300, span.isFinite, most >= 2 else {
      ticks = []
      exponent = 0
      return
    }
    var power = Int(saturating: log10(span / Double(most)).rounded(.down))
    var mantissa = 1
    func multiples() -> ClosedRange<Int>? {
      let step = Self.value(mantissa, power)
      let first = (range.lowerBound / step - 1e-9).rounded(.up)
      let last = (range.upperBound / step + 1e-9).rounded(.down)
      // Beyond this, neighbouring ticks are the same double or nearly so.
      guard abs(first) < 1e14, abs(last) < 1e14, first <= last else { return nil }
      return Int(saturating: first)...Int(saturating: last)
    }
    while let k = multiples(), k.count > most {
      switch mantissa {
      case 1: mantissa = 2
      case 2: mantissa = 5
      default: (mantissa, power) = (1, power + 1)
      }
    }
    guard let found = multiples() else {
      ticks = []
      exponent = 0
      return
    }
    let largest = max(abs(range.lowerBound), abs(range.upperBound))
    let size = Int(saturating: log10(largest).rounded(.down))
    let exponent = size >= 4 || size < -3 ? size : 0
    self.exponent = exponent
    let decimals = max(0, exponent - power)
    let (factor, step) = (mantissa, power)
    ticks = found.map { k in
      let shown = Self.value(k * factor, step - exponent)
      return Tick(
        value: Self.value(k * factor, step),
        label: k == 0 ? "0" : typographic(String(format: "%.\(decimals)f", shown)))
    }
  }

  /// The double nearest to `mantissa * 10^power`.
  private static func value(_ mantissa: Int, _ power: Int) -> Double {
    Double("\(mantissa)e\(power)")!
  }
}

/// A number with the minus sign proper.
func typographic(_ number: String) -> String { number.replacing("-", with: "−") }
