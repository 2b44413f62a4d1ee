import Foundation
import Networks
import ODECore

/// The test that every ``/Networks/Architecture`` must pass; run it in your own tests:
///
/// ```swift
/// #expect(ArchitectureConformance().violations(of: MyNetwork(), at: inputs, theta: parameters) == [])
/// ```
///
/// Checked: the blocks, the outputs' being a function of `theta` alone, and gradients, tangents, second derivatives and kernel
/// against differences of order 8 of the outputs. `theta` should lie where the outputs are smooth within
/// ``reach`` along directions whose elements are at most 1; with kinks choose it small.
public struct ArchitectureConformance {
  /// How far from `theta` outputs are looked at, at most, along directions whose elements are at most 1.
  public var reach = 0.05
  /// The least difference allowed, relative to the largest of the numbers compared.
  public var tolerance = 1e-8

  /// The checks have no settings.
  public init() {}

  /// A sentence for each requirement that is not met; empty for a conformer.
  ///
  /// - Parameters:
  ///   - inputs: a few of the architecture's dimension.
  ///   - theta: `N` parameters.
  public func violations(of architecture: any Architecture, at inputs: Inputs, theta: [Double]) -> [String] {
    var found = blocks(of: architecture)
    guard found.isEmpty else { return found }
    guard theta.count == architecture.parameterCount, inputs.dimension == architecture.inputDimension else {
      return ["it has \(architecture.parameterCount) parameters and \(architecture.inputDimension) inputs"]
    }
    do {
      let probe = try ArchitectureProbe(architecture, inputs, theta)
      found += probe.determinism()
      guard found.isEmpty else { return found }
      found += derivatives(probe)
    } catch {
      found.append("unexpected error: \(error)")
    }
    return found
  }

  private func blocks(of architecture: any Architecture) -> [String] {
    var found: [String] = []
    if architecture.name.isEmpty { found.append("the name is empty") }
    let blocks = architecture.blocks
    if blocks.isEmpty { return found + ["there are no blocks of parameters"] }
    var end = 0
    for block in blocks {
      if block.range.lowerBound != end {
        found.append("block \(block.name) begins at \(block.range.lowerBound), the one before ends at \(end)")
      }
      end = block.range.upperBound
    }
    if Set(blocks.map(\.name)).count < blocks.count { found.append("two blocks have one name") }
    let layers = Set(blocks.map(\.layer))
    if layers != Set(1...layers.count) { found.append("the layers \(layers.sorted()) do not count from 1") }
    return found
  }

  private func derivatives(_ probe: ArchitectureProbe) -> [String] {
    var found: [String] = []
    let rows = probe.rows
    func compare(_ what: String, _ given: [Double], _ expected: [Double], _ slack: Double = 1) {
      let size = max(given.map(abs).max() ?? 0, expected.map(abs).max() ?? 0, 1e-300)
      for i in given.indices where !(abs(given[i] - expected[i]) <= slack * tolerance * size) {
        found.append("element \(i) of \(what) is \(given[i]), differences say \(expected[i])")
        return
      }
    }
    for k in 1...2 {
      let (v, r, q) = (probe.direction(k), probe.weights(k), probe.weights(k + 7))
      let df = probe.differences(v, reach) { probe.outputs($0) }
      compare("the tangent", probe.tangent(v), df)
      // r . J v = (J^T r) . v for every direction.
      let g = probe.gradient(r, probe.ones)
      for l in 1...3 {
        let w = probe.direction(10 * k + l)
        let expected = zip(probe.differences(w, reach) { probe.outputs($0) }, r).reduce(0) {
          $0 + $1.0 * $1.1
        }
        let parts = zip(g, w).map { $0 * $1 }
        let size = parts.reduce(0) { $0 + abs($1) }
        let given = parts.reduce(0, +)
        if !(abs(given - expected) <= tolerance * max(size, abs(expected))) {
          found.append("the gradient gives \(given) along a direction, differences say \(expected)")
        }
      }
      let scaled = probe.gradient(r, probe.factors)
      for (block, factor) in zip(probe.architecture.blocks, probe.factors) {
        compare(
          "block \(block.name) of the gradient with factors", Array(scaled[block.range]),
          g[block.range].map { factor * $0 })
      }
      let twice = probe.gradient(r, probe.ones, addedTo: v)
      compare("the gradient added to a vector", twice, zip(g, v).map { $0 + $1 })
      let second = probe.differences(v, reach) { probe.gradient(r, probe.factors, at: $0) }
      let moved = probe.gradient(q, probe.factors)
      compare(
        "the gradient's tangent", probe.gradientTangent(v, r, q), zip(second, moved).map { $0 + $1 }, 10)
    }
    let kernel = probe.kernel(probe.factors)
    for j in 0..<rows {
      let column = probe.tangent(probe.gradient((0..<rows).map { $0 == j ? 1 : 0 }, probe.factors))
      compare("column \(j) of the kernel", (j..<rows).map { kernel[$0 * rows + j] }, Array(column[j...]))
    }
    // What the kernel remembers must serve the gradient as well.
    let r = probe.weights(3)
    compare("the gradient after the kernel", probe.gradientAfterKernel(r), probe.gradient(r, probe.ones))
    return found
  }
}

/// An architecture at one point.
private final class ArchitectureProbe {
  let architecture: any Architecture
  let rows: Int
  private let evaluation: any ArchitectureEvaluation
  private let theta: [Double]

  init(_ architecture: any Architecture, _ inputs: Inputs, _ theta: [Double]) throws {
    (self.architecture, self.theta) = (architecture, theta)
    rows = inputs.count * architecture.outputCount
    evaluation = try architecture.makeEvaluation(at: inputs, threads: 1)
  }

  var ones: [Double] { architecture.blocks.map { _ in 1 } }
  /// Another for each block.
  var factors: [Double] { architecture.blocks.indices.map { 0.3 + 0.7 * Double($0) } }

  func direction(_ k: Int) -> [Double] { theta.indices.map { sin(Double(k) * (1.7 * Double($0) + 0.6)) } }
  func weights(_ k: Int) -> [Double] { (0..<rows).map { cos(Double(k) * (0.9 * Double($0) + 0.2)) } }

  func outputs(_ theta: [Double], fill: Double = .nan) -> [Double] {
    var f = [Double](repeating: fill, count: rows)
    var span = f.mutableSpan
    evaluation.evaluate(theta.span, outputs: &span)
    return f
  }

  func determinism() -> [String] {
    let first = outputs(theta)
    if let i = first.firstIndex(where: { !$0.isFinite }) {
      return ["output \(i) is \(first[i]) (or was not written)"]
    }
    _ = outputs(theta.map { 1.5 * $0 + 0.25 })
    return outputs(theta, fill: 0).map(\.bitPattern) == first.map(\.bitPattern)
      ? [] : ["the outputs depend on earlier evaluations"]
  }

  func gradient(
    _ r: [Double], _ factors: [Double], at other: [Double]? = nil, addedTo base: [Double]? = nil
  ) -> [Double] {
    let theta = other ?? self.theta
    _ = outputs(theta)
    var g = base ?? [Double](repeating: .nan, count: theta.count)
    var span = g.mutableSpan
    evaluation.gradient(theta.span, weights: r.span, factors: factors, adds: base != nil, into: &span)
    return g
  }

  func tangent(_ v: [Double]) -> [Double] {
    let theta = theta
    _ = outputs(theta)
    var df = [Double](repeating: .nan, count: rows)
    var span = df.mutableSpan
    evaluation.tangent(theta.span, direction: v.span, into: &span)
    return df
  }

  func gradientTangent(_ v: [Double], _ r: [Double], _ q: [Double]) -> [Double] {
    let theta = theta
    _ = tangent(v)
    var g = [Double](repeating: .nan, count: theta.count)
    var span = g.mutableSpan
    evaluation.gradientTangent(
      theta.span, direction: v.span, weights: r.span, weightsTangent: q.span, factors: factors, into: &span)
    return g
  }

  func kernel(_ factors: [Double]) -> [Double] {
    let theta = theta
    _ = outputs(theta)
    var k = [Double](repeating: .nan, count: rows * rows)
    var span = k.mutableSpan
    evaluation.kernel(theta.span, factors: factors, into: &span)
    return k
  }

  func gradientAfterKernel(_ r: [Double]) -> [Double] {
    _ = kernel(ones)
    let state = evaluation.remembersState ? theta.map { _ in Double.nan } : theta
    var g = [Double](repeating: .nan, count: theta.count)
    var span = g.mutableSpan
    evaluation.gradient(state.span, weights: r.span, factors: ones, adds: false, into: &span)
    return g
  }

  /// The derivative of `function` along `v`: of central differences with steps from `reach`/4 down, those that halving the step
  /// has changed least. Outputs of many parameters bend within a tenth of the way of those of few.
  func differences(_ v: [Double], _ reach: Double, _ function: ([Double]) -> [Double]) -> [Double] {
    var coarse = differences(v, step: reach / 4, function)
    var (best, least) = (coarse, Double.infinity)
    for halvings in 1...5 {
      let fine = differences(v, step: reach / 4 / Double(1 << halvings), function)
      let change = zip(fine, coarse).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
      if change < least { (best, least) = (fine, change) }
      coarse = fine
    }
    return best
  }

  /// Central differences of order 8.
  private func differences(
    _ v: [Double], step h: Double, _ function: ([Double]) -> [Double]
  ) -> [Double] {
    let weights = [4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280]
    var sum: [Double] = []
    for (j, weight) in weights.enumerated() {
      let step = Double(j + 1) * h
      let ahead = function(zip(theta, v).map { $0 + step * $1 })
      let behind = function(zip(theta, v).map { $0 - step * $1 })
      let part = zip(ahead, behind).map { weight * ($0 - $1) / h }
      sum = sum.isEmpty ? part : zip(sum, part).map { $0 + $1 }
    }
    return sum
  }
}
