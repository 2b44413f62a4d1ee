import ODECore
import Foundation
import Networks

/// The test that every ``/Networks/Activation`` must pass; run it in your plug-in's own tests:
///
/// ```swift
/// #expect(ActivationConformance.violations(of: MyActivation()) == [])
/// ```
///
/// Checked on a fixed set of points of `domain`: derivatives against finite differences (order 8, with an error
/// bound), independence of the elements of a block and of what was in the output, blocks of length 0 to 257,
/// and what the activation claims of its homogeneity, kinks, slopes and pieces. A derivative that jumps anywhere else
/// than at a claimed kink is searched for by bisection.
public enum ActivationConformance {
  /// A sentence for each requirement that is not met; empty for a conformer.
  ///
  /// - Parameter domain: where the activation is probed; change it if yours lives on another scale.
  public static func violations(
    of activation: any Activation, domain: ClosedRange<Double> = -6...6
  ) -> [String] {
    var check = ActivationCheck(activation: activation, domain: domain)
    check.run()
    return check.violations
  }
}

struct ActivationCheck {
  let activation: any Activation
  let domain: ClosedRange<Double>
  private(set) var violations: [String] = []

  init(activation: any Activation, domain: ClosedRange<Double>) {
    self.activation = activation
    self.domain = domain
  }

  mutating func run() {
    if activation.name.isEmpty { report("the name is empty") }
    let kinks = activation.kinks
    if zip(kinks, kinks.dropFirst()).contains(where: { $0 >= $1 }) || !kinks.allSatisfy(\.isFinite) {
      report("kinks must be finite and ascending, they are \(kinks)")
      return
    }
    checkFinite()
    if !violations.isEmpty { return }
    checkBlocks()
    checkDerivatives()
    checkKinks()
    checkJumps()
    checkHomogeneity()
    checkSlopes()
    checkPieces()
  }

  mutating func report(_ violation: String) { violations.append(violation) }

  // MARK: Evaluation

  struct Values {
    var value: [Double]
    var derivative: [Double]
    var second: [Double]
  }

  /// All three functions; the outputs hold `fill` before.
  func evaluate(_ z: [Double], fill: Double = .nan) -> Values {
    var value = [Double](repeating: fill, count: z.count)
    var (derivative, second) = (value, value)
    var valueSpan = value.mutableSpan
    var derivativeSpan = derivative.mutableSpan
    activation.evaluate(z.span, value: &valueSpan, derivative: &derivativeSpan)
    var secondSpan = second.mutableSpan
    activation.secondDerivative(z.span, into: &secondSpan)
    return Values(value: value, derivative: derivative, second: second)
  }

  /// Points spread evenly but irregularly (multiples of the golden ratio modulo 1), none of them a kink.
  func points(_ count: Int) -> [Double] {
    let width = domain.upperBound - domain.lowerBound
    return (1...count).map {
      domain.lowerBound + width * (Double($0) * 0.618033988749895).truncatingRemainder(dividingBy: 1)
    }
  }

  // MARK: Checks

  private mutating func checkFinite() {
    let z = points(200) + activation.kinks
    let at = evaluate(z)
    for (name, values) in [
      ("value", at.value), ("derivative", at.derivative), ("second derivative", at.second),
    ] {
      if let i = values.firstIndex(where: { !$0.isFinite }) {
        report("the \(name) at \(z[i]) is \(values[i]) (or was not written)")
      }
    }
  }

  private mutating func checkBlocks() {
    let z = points(257)
    let reference = evaluate(z)
    for count in [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 63, 64, 65, 256] {
      let block = evaluate(Array(z.prefix(count)), fill: 1e300)
      for (name, a, b) in [
        ("value", block.value, reference.value), ("derivative", block.derivative, reference.derivative),
        ("second derivative", block.second, reference.second),
      ] {
        // Vectorised code may treat the last elements of a block apart, hence a few ulp.
        if let i = a.indices.first(where: { abs(a[$0] - b[$0]) > 64 * b[$0].ulp + 1e-300 }) {
          report("the \(name) at \(z[i]) is \(a[i]) in a block of \(count), \(b[i]) in one of 257")
          return
        }
      }
    }
    // Any other element replaced: the same bits must come out.
    for (start, other) in [(0, 0.5), (1, -3e3), (0, Double.nan), (1, Double.infinity)] {
      var mixed = z
      for i in stride(from: start, to: z.count, by: 2) { mixed[i] = other }
      let at = evaluate(mixed, fill: -1e300)
      let kept = stride(from: 1 - start, to: z.count, by: 2)
      if let i = kept.first(where: {
        at.value[$0].bitPattern != reference.value[$0].bitPattern
          || at.derivative[$0].bitPattern != reference.derivative[$0].bitPattern
          || at.second[$0].bitPattern != reference.second[$0].bitPattern
      }) {
        report("the result at element \(i) changes when other elements of the block become \(other)")
        return
      }
    }
  }

  private mutating func checkDerivatives() {
    let width = domain.upperBound - domain.lowerBound
    let scale = evaluate(points(120)).derivative.reduce(0) { max($0, abs($1)) }
    for z in points(120) {
      let reach = activation.kinks.map { abs($0 - z) * 0.999 }.reduce(width / 8, min)
      if reach < 1e-6 * width { continue }
      let here = evaluate([z])
      let around = evaluate(DerivativeEstimate.points(around: z, reach: reach))
      let first = DerivativeEstimate(at: z, reach: reach, values: around.value)
      if !first.agrees(with: here.derivative[0]) {
        report(
          "the derivative at \(z) is \(here.derivative[0]), finite differences of the value give \(first.value)"
        )
      }
      let second = DerivativeEstimate(at: z, reach: reach, values: around.derivative, scale: scale)
      if !second.agrees(with: here.second[0]) {
        report(
          "the second derivative at \(z) is \(here.second[0]), finite differences of the derivative give "
            + "\(second.value)")
      }
      if violations.count > 3 { return }
    }
  }
}
