import Foundation
import ODECore

/// The test that every ``/ODECore/ODESystem`` must pass at the given points: what its doc comment
/// requires, and that the optional capabilities it offers agree with `f`.
///
/// Jacobians are compared with central differences of `f`, a Newton solve by its residual, and the
/// spectral radius with the growth of `|J^k v|`. Points should lie where `f` is smooth.
public struct SystemConformance {
  /// The largest difference allowed between derivatives and difference quotients, relative to the
  /// largest of either; central differences at `eps^(1/3)` are good to about 1e-9 for well-scaled
  /// systems.
  public var derivativeTolerance = 1e-6
  /// The largest residual of a Newton solve, relative to its right-hand side.
  public var newtonTolerance = 1e-8
  /// An estimate of the spectral radius may be lower than the true one by this factor.
  public var spectralFactor = 0.8

  /// The checks have no settings.
  public init() {}

  /// What is wrong with `system` at the points `(t, y)`; empty if it conforms.
  public func violations(of system: any ODESystem, at points: [(t: Double, y: [Double])]) -> [String] {
    points.flatMap { point -> [String] in
      guard point.y.count == system.dimension else {
        return ["the point at t = \(point.t) has \(point.y.count) elements, dimension is \(system.dimension)"]
      }
      do {
        let probe = SystemProbe(system, point.t, point.y)
        var found = try derivative(probe)
        // What f gets wrong makes nonsense of the comparisons with it.
        guard found.isEmpty else { return found.map { "t = \(point.t): \($0)" } }
        found += try denseJacobian(probe)
        found += try jacobianVectorProduct(probe)
        found += try newton(probe)
        found += try spectralRadius(probe)
        return found.map { "t = \(point.t): \($0)" }
      } catch {
        return ["t = \(point.t): unexpected error: \(error)"]
      }
    }
  }

  private func derivative(_ probe: SystemProbe) throws -> [String] {
    var found: [String] = []
    let first = try probe.f(probe.y, sentinel: .nan)
    let second = try probe.f(probe.y, sentinel: 12345)
    for i in first.indices where first[i].bitPattern != second[i].bitPattern {
      // Component untouched, or bits that depend on more than (t, y).
      found.append(
        first[i].isNaN && second[i] == 12345
          ? "derivative does not write component \(i)"
          : "component \(i) of the derivative is \(first[i]), then \(second[i]) for the same arguments")
    }
    if found.isEmpty, let bad = first.firstIndex(where: { !$0.isFinite }) {
      found.append("component \(bad) of the derivative is \(first[bad])")
    }
    // Another evaluation in between must leave no trace.
    _ = try probe.f(probe.y.map { $0 * 1.5 + 0.25 }, sentinel: 0)
    let third = try probe.f(probe.y, sentinel: 0)
    if found.isEmpty, third.map(\.bitPattern) != first.map(\.bitPattern) {
      found.append("the derivative depends on earlier evaluations")
    }
    return found
  }

  private func denseJacobian(_ probe: SystemProbe) throws -> [String] {
    guard let system = probe.system as? any DenseJacobianProviding else { return [] }
    let n = probe.y.count
    let matrix = StateVector(count: n * n)
    let y = StateVector(probe.y)
    try y.withSpan { y in try matrix.withMutableSpan { try system.jacobian(probe.t, y, into: &$0) } }
    var found: [String] = []
    for j in 0..<n {
      var unit = [Double](repeating: 0, count: n)
      unit[j] = 1
      let column = try probe.directional(unit)
      let given = (0..<n).map { matrix.pointer[$0 + j * n] }
      let size = max(probe.size(column), probe.size(given), 1e-300)
      for i in 0..<n where !(abs(column[i] - given[i]) <= derivativeTolerance * size) {
        found.append("jacobian (\(i), \(j)) is \(given[i]), differences say \(column[i])")
      }
    }
    return found
  }

  private func jacobianVectorProduct(_ probe: SystemProbe) throws -> [String] {
    guard probe.system is any JacobianVectorProductProviding else { return [] }
    var found: [String] = []
    for v in probe.vectors {
      let (given, expected) = (try probe.product(v), try probe.directional(v))
      let size = max(probe.size(given), probe.size(expected), 1e-300)
      for i in given.indices where !(abs(given[i] - expected[i]) <= derivativeTolerance * size) {
        found.append(
          "component \(i) of the Jacobian-vector product is \(given[i]), differences say \(expected[i])")
      }
    }
    return found
  }

  private func newton(_ probe: SystemProbe) throws -> [String] {
    // Of approximate solutions nothing is promised.
    guard let system = probe.system as? any NewtonSystemSolving, system.newtonSolution == .exact else {
      return []
    }
    var found: [String] = []
    let scale = max(probe.size(try probe.product(probe.vectors[0])) / probe.size(probe.vectors[0]), 1e-300)
    // From nearly the identity to an implicit step well beyond the fastest time scale.
    for gamma in [1e-2 / scale, 1 / scale, 30 / scale] {
      let y = StateVector(probe.y)
      try y.withSpan { try system.prepareNewton(probe.t, $0, gamma: gamma) }
      for r in probe.vectors {
        let (right, z) = (StateVector(r), StateVector(count: r.count))
        try right.withSpan { r in try z.withMutableSpan { try system.solveNewton(r, into: &$0) } }
        let jz = try probe.product(z.array)
        let residual = r.indices.map { z.array[$0] - gamma * jz[$0] - r[$0] }
        // Differences stand in for J where the system has no product of its own.
        let tolerance =
          probe.system is any JacobianVectorProductProviding
          ? newtonTolerance : max(newtonTolerance, derivativeTolerance * (1 + gamma * scale))
        if !(probe.size(residual) <= tolerance * max(probe.size(r), probe.size(z.array))) {
          found.append("gamma = \(gamma): the Newton solve leaves a residual of \(probe.size(residual))")
        }
      }
    }
    return found
  }

  private func spectralRadius(_ probe: SystemProbe) throws -> [String] {
    guard let system = probe.system as? any SpectralRadiusEstimating else { return [] }
    let y = StateVector(probe.y)
    let rho = try y.withSpan { try system.spectralRadius(probe.t, $0) }
    guard rho >= 0, rho.isFinite else { return ["the spectral radius is \(rho)"] }
    // |J^60 v| / |J^20 v| to the power 1/40 tends to the modulus of the largest eigenvalues, even of a
    // complex pair, where single quotients oscillate.
    var v = probe.vectors[0]
    var logGrowth = 0.0
    for k in 0..<60 {
      let size = probe.size(v)
      guard size > 0 else { return [] }
      v = try probe.product(v.map { $0 / size })
      if k >= 20 { logGrowth += log(probe.size(v)) }
    }
    let measured = exp(logGrowth / 40)
    return rho >= spectralFactor * measured
      ? [] : ["the spectral radius is \(rho), powers of the Jacobian grow by \(measured)"]
  }
}
