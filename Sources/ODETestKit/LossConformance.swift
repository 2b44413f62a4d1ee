import ODECore
import Networks

/// The test that every ``/Networks/Loss`` must pass; run it in your plug-in's own tests:
///
/// ```swift
/// #expect(LossConformance.violations(of: MyLoss(), targets: [-1, 1]) == [])
/// ```
///
/// Checked: derivatives by `f` against finite differences (order 8, with an error bound), independence of the
/// elements of a block and of what was in the output, blocks of length 0 to 65, that the targets are accepted, that
/// `isSquared` tells the truth.
public enum LossConformance {
  /// A sentence for each requirement that is not met; empty for a conformer.
  ///
  /// - Parameters:
  ///   - targets: targets that the loss is made for.
  ///   - domain: the range of `f - y` that is probed.
  public static func violations(
    of loss: any Loss, targets: [Double] = [-1, 0.3, 2], domain: ClosedRange<Double> = -5...5
  ) -> [String] {
    precondition(!targets.isEmpty)
    var check = LossCheck(loss: loss, targets: targets, domain: domain)
    check.run()
    return check.violations
  }
}

private struct LossCheck {
  let loss: any Loss
  let targets: [Double]
  let domain: ClosedRange<Double>
  var violations: [String] = []

  init(loss: any Loss, targets: [Double], domain: ClosedRange<Double>) {
    self.loss = loss
    self.targets = targets
    self.domain = domain
  }

  mutating func run() {
    if loss.name.isEmpty { violations.append("the name is empty") }
    do { try loss.validate(targets: targets) } catch {
      violations.append("the targets \(targets) are rejected: \(error)")
    }
    let (f, y) = samples(200)
    let at = evaluate(f, y)
    for (name, values) in [
      ("value", at.value), ("derivative", at.derivative), ("second derivative", at.second),
    ] {
      if let i = values.firstIndex(where: { !$0.isFinite }) {
        violations.append("the \(name) at f = \(f[i]), y = \(y[i]) is \(values[i]) (or was not written)")
        return
      }
    }
    checkBlocks()
    checkDerivatives(f, y, at)
    if loss.isSquared,
      let i = f.indices.first(where: {
        let e = f[$0] - y[$0]
        return abs(at.value[$0] - 0.5 * e * e) > 1e-14 * e * e || abs(at.derivative[$0] - e) > 1e-14 * abs(e)
          || at.second[$0] != 1
      })
    {
      violations.append("isSquared is claimed, but at f = \(f[i]), y = \(y[i]) the loss is \(at.value[i])")
    }
  }

  /// `f - y` spread evenly but irregularly over the domain, the targets in turn.
  private func samples(_ count: Int) -> (f: [Double], y: [Double]) {
    let y = (0..<count).map { targets[$0 % targets.count] }
    let width = domain.upperBound - domain.lowerBound
    let f = y.enumerated().map { i, y in
      y + domain.lowerBound
        + width * (Double(i + 1) * 0.618033988749895).truncatingRemainder(dividingBy: 1)
    }
    return (f, y)
  }

  private func evaluate(_ f: [Double], _ y: [Double], fill: Double = .nan) -> ActivationCheck.Values {
    var value = [Double](repeating: fill, count: f.count)
    var (derivative, second) = (value, value)
    var valueSpan = value.mutableSpan
    var derivativeSpan = derivative.mutableSpan
    loss.evaluate(f.span, y.span, value: &valueSpan, derivative: &derivativeSpan)
    var secondSpan = second.mutableSpan
    loss.secondDerivative(f.span, y.span, into: &secondSpan)
    return ActivationCheck.Values(value: value, derivative: derivative, second: second)
  }

  private mutating func checkBlocks() {
    let (f, y) = samples(65)
    let reference = evaluate(f, y)
    for count in [0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 64] {
      let block = evaluate(Array(f.prefix(count)), Array(y.prefix(count)), fill: 1e300)
      for (name, a, b) in [
        ("value", block.value, reference.value), ("derivative", block.derivative, reference.derivative),
        ("second derivative", block.second, reference.second),
      ] {
        if let i = a.indices.first(where: { abs(a[$0] - b[$0]) > 64 * b[$0].ulp + 1e-300 }) {
          violations.append(
            "the \(name) at f = \(f[i]), y = \(y[i]) is \(a[i]) in a block of \(count), \(b[i]) in one of 65")
          return
        }
      }
    }
    for (start, other) in [(0, 0.5), (1, 40.0), (0, Double.nan)] {
      var mixed = f
      for i in stride(from: start, to: f.count, by: 2) { mixed[i] = other }
      let at = evaluate(mixed, y, fill: -1e300)
      if let i = stride(from: 1 - start, to: f.count, by: 2).first(where: {
        at.value[$0].bitPattern != reference.value[$0].bitPattern
          || at.derivative[$0].bitPattern != reference.derivative[$0].bitPattern
          || at.second[$0].bitPattern != reference.second[$0].bitPattern
      }) {
        violations.append("the result at element \(i) changes when other elements become \(other)")
        return
      }
    }
  }

  private mutating func checkDerivatives(_ f: [Double], _ y: [Double], _ at: ActivationCheck.Values) {
    let reach = (domain.upperBound - domain.lowerBound) / 8
    for i in f.indices {
      let points = DerivativeEstimate.points(around: f[i], reach: reach)
      let around = evaluate(points, Array(repeating: y[i], count: points.count))
      for (name, claimed, values) in [
        ("derivative", at.derivative[i], around.value),
        ("second derivative", at.second[i], around.derivative),
      ] {
        let estimate = DerivativeEstimate(at: f[i], reach: reach, values: values)
        if !estimate.agrees(with: claimed) {
          violations.append(
            "the \(name) by f at f = \(f[i]), y = \(y[i]) is \(claimed), finite differences give \(estimate.value)"
          )
        }
      }
      if violations.count > 3 { return }
    }
  }
}
