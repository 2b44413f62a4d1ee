import ODECore
import Foundation
import GradientFlow

/// A number for readers: five significant digits.
func short(_ x: Double) -> String {
  if x.isNaN { return "-" }
  if x.isInfinite { return x > 0 ? "∞" : "−∞" }
  return String(format: "%.5g", x)
}

/// A value for readers.
func short(_ value: ObservedValue) -> String {
  switch value {
  case .number(let x): short(x)
  case .integer(let i): "\(i)"
  case .text(let text): text
  case .flag(let flag): flag ? "yes" : "no"
  case .numbers(let values): values.map(short).joined(separator: ", ")
  }
}
