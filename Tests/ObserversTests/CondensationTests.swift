import Foundation
import GradientFlow
import ObserversPlugins
import Testing
import ODECore

@Suite("Condensation")
struct CondensationTests {
  /// A neuron of the plane with this orientation and amplitude.
  private func neuron(_ angle: Double, _ amplitude: Double = 1) -> (a: Double, w: [Double]) {
    (-amplitude / 2, [2 * cos(angle), 2 * sin(angle)])
  }

  private func analyse(
    _ neurons: [(a: Double, w: [Double])], _ observer: Condensation = Condensation()
  ) throws -> [String: ObservedValue] {
    try observer.watch(
      makeFlow(
        width: neurons.count, features: [[Double](repeating: 0, count: neurons[0].w.count - 1)]),
      [(0, state(neurons))])
  }

  private func centre(_ bin: Int) -> Double { -.pi + (Double(bin) + 0.5) * .pi / 36 }

  @Test("equal amplitudes over the whole circle: entropy log 72, no large cluster")
  func uniform() throws {
    // Neurons 5 degrees apart; an arc of 10 degrees holds three of them.
    let result = try analyse((0..<72).map { neuron(centre($0)) })
    #expect(result.number("entropy").isNear(log(72)))
    #expect(result["clusters"] == .integer(24))
    #expect(result.number("top1").isNear(3.0 / 72))
    #expect(result.number("top2").isNear(6.0 / 72))
    #expect(result.number("top4").isNear(12.0 / 72))
  }

  @Test("three orientations, weighted by amplitude and not by number")
  func three() throws {
    let neurons = [neuron(centre(10), 6), neuron(centre(50), 1), neuron(centre(60), 1)]
    let result = try analyse(neurons)
    #expect(result["clusters"] == .integer(3))
    #expect(result.number("top1").isNear(0.75) && result.number("top2").isNear(0.875))
    #expect(result.number("entropy").isNear(0.75 * log(4.0 / 3) + 0.25 * log(8)))
  }

  @Test("a cluster may lie across the cut of the circle")
  func acrossTheCut() throws {
    let observer = Condensation()
    let result = try analyse([neuron(.pi - 0.02), neuron(-.pi + 0.04), neuron(0, 2)], observer)
    #expect(result["clusters"] == .integer(2))
    let rows = observer.tables[1].rows.filter { $0[0] == 1 }.sorted { $0[1] < $1[1] }
    #expect(rows[0][1].isNear(-.pi + 0.01, relative: 1e-4) && rows[0][3] == 2)
    #expect(rows[0][2].isNear(0.5) && rows[1][2].isNear(0.5))
  }

  @Test("the threshold is an angle: half the width of a cluster")
  func threshold() throws {
    let degree = Double.pi / 180
    let neurons = [neuron(0.1), neuron(0.1 + 11 * degree)]
    #expect(try analyse(neurons, Condensation(threshold: 5))["clusters"] == .integer(2))
    #expect(try analyse(neurons, Condensation(threshold: 6))["clusters"] == .integer(1))
  }

  @Test("clusters below the share do not count, those at it do")
  func share() throws {
    let neurons = [neuron(0, 97), neuron(1, 1), neuron(2, 1), neuron(3, 0.5), neuron(-1, 0.5)]
    #expect(try analyse(neurons)["clusters"] == .integer(3))
    #expect(try analyse(neurons, Condensation(share: 0.02))["clusters"] == .integer(1))
  }

  @Test("the orientation pi is -pi, and the table's shares add up to one")
  func histogram() throws {
    let observer = Condensation()
    _ = try analyse([(1, [-1, 0]), (1, [1, 0]), (0, [1, 1])], observer)
    let table = observer.tables[0]
    #expect(table.name == "histogram" && table.columns == ["centre", "initialShare", "finalShare"])
    #expect(table.rows.count == 72)
    #expect(table.rows[0][2] == 0.5 && table.rows[36][2] == 0.5)
    #expect(table.rows.reduce(0) { $0 + $1[2] } == 1)
    #expect(table.rows[0][0].isNear(centre(0)))
  }

  @Test("the start is reported beside the end")
  func startAndEnd() throws {
    let result = try Condensation().watch(
      makeFlow(width: 2),
      [(0, state([neuron(0), neuron(2)])), (1, state([neuron(1, 30), neuron(1, 10)]))])
    #expect(result["initialClusters"] == .integer(2) && result["clusters"] == .integer(1))
    #expect(result.number("initialTop1").isNear(0.5) && result.number("top1").isNear(1))
    #expect(result.number("initialEntropy").isNear(log(2)) && abs(result.number("entropy")) < 1e-15)
  }

  @Test("in three dimensions leaders collect what is near them in angle")
  func cosines() throws {
    let observer = Condensation(threshold: 10)
    // Along e1 (3 and 1, ten times longer weights with the same amplitude), -e1 (2), e2 (2).
    let result = try analyse(
      [(3, [1, 0, 0]), (0.1, [10, 0.5, 0]), (2, [-1, 0, 0]), (-2, [0, 1, 0])], observer)
    let second = 0.1 * (100.25).squareRoot()
    let total = 7 + second
    #expect(result["clusters"] == .integer(3))
    #expect(result.number("top1").isNear((3 + second) / total))
    let shares = [(3 + second) / total, 2 / total, 2 / total]
    #expect(result.number("entropy").isNear(shares.reduce(0) { $0 - $1 * log($1) }))
    let rows = observer.tables[1].rows.filter { $0[0] == 1 }
    #expect(rows.map { $0[3] } == [2, 1, 1])
    #expect(rows[0][1].isNear(1 / (3.0).squareRoot()))
  }

  @Test("in many dimensions the clusters are those of comparing every pair in full", arguments: [3, 40, 785])
  func againstPairs(d: Int) throws {
    // Five directions with neurons 0 to 9 degrees around each, so that many lie near the threshold of 5, and as many
    // neurons with directions of their own.
    var random = Numbers(state: UInt64(d))
    let centres = (0..<5).map { _ in random.direction(d) }
    let neurons = (0..<120).map { k -> (a: Double, w: [Double]) in
      let other = random.direction(d)
      let angle = 9 * random.uniform() * .pi / 180
      let w = k % 2 == 0 ? other : zip(centres[k % 5], other).map { $0 + $1 * tan(angle) }
      return (1 + random.uniform(), w.map { $0 * (1 + random.uniform()) })
    }
    let result = try analyse(neurons)
    let shares = pairwiseShares(neurons, leastCosine: cos(5 * Double.pi / 180), leaders: 64)
    #expect(result["clusters"] == .integer(shares.clusters.count { $0 >= 0.01 }))
    let largest = shares.clusters.sorted(by: >)
    #expect(result.number("top4").isNear(largest.prefix(4).reduce(0, +)))
    let entropy = (shares.clusters + shares.singles).reduce(0) { $0 - $1 * log($1) }
    #expect(result.number("entropy").isNear(entropy, relative: 1e-12))
  }

  /// The definition of `CosineClusters`, word by word.
  private func pairwiseShares(
    _ neurons: [(a: Double, w: [Double])], leastCosine: Double, leaders: Int
  ) -> (clusters: [Double], singles: [Double]) {
    func dot(_ u: [Double], _ v: [Double]) -> Double { zip(u, v).reduce(0) { $0 + $1.0 * $1.1 } }
    func norm(_ u: [Double]) -> Double { dot(u, u).squareRoot() }
    var free = neurons.map { (amplitude: abs($0.a) * norm($0.w), w: $0.w) }.sorted {
      $0.amplitude > $1.amplitude
    }
    let total = free.reduce(0) { $0 + $1.amplitude }
    var clusters: [Double] = []
    while let leader = free.first, clusters.count < leaders,
      free.reduce(0, { $0 + $1.amplitude }) >= 0.01 * total
    {
      let isNear = free.map { dot($0.w, leader.w) >= leastCosine * norm($0.w) * norm(leader.w) }
      clusters.append(zip(free, isNear).reduce(0) { $0 + ($1.1 ? $1.0.amplitude : 0) } / total)
      free = zip(free, isNear).filter { !$0.1 }.map(\.0)
    }
    return (clusters, free.map { $0.amplitude / total })
  }

  /// Reproducible numbers.
  private struct Numbers {
    var state: UInt64

    mutating func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
    }

    /// A unit vector, even over the sphere.
    mutating func direction(_ d: Int) -> [Double] {
      let v = (0..<d).map { _ in (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return v.map { $0 / norm }
    }
  }

  @Test(
    "effective directions: one over the chance that two neurons drawn by amplitude are within the resolution")
  func directions() throws {
    let degree = Double.pi / 180
    #expect(try analyse((0..<7).map { neuron(Double($0)) }).number("directions").isNear(7))
    // Shares 6/8, 1/8, 1/8.
    let three = [neuron(0, 6), neuron(1), neuron(2)]
    #expect(try analyse(three).number("directions").isNear(64.0 / 38))
    // A quarter each; the middle two are one direction at 0.1 degrees, and so are the two at the cut.
    let pairs = [
      neuron(1), neuron(1 + 0.09 * degree), neuron(-.pi + 0.04 * degree), neuron(.pi - 0.05 * degree),
    ]
    #expect(try analyse(pairs).number("directions").isNear(2))
    #expect(try analyse(pairs, Condensation(resolution: 0.08)).number("directions").isNear(4))
    // In space, over the clusters' shares: 3/4 and 1/4.
    let space: [(a: Double, w: [Double])] = [(2, [1, 0, 0]), (1, [1, 0.01, 0]), (1, [0, 0, 1])]
    #expect(try analyse(space).number("directions").isNear(16.0 / 10, relative: 1e-4))
  }

  @Test("on the circle clusters and directions are those of comparing every pair", arguments: 1...20)
  func againstArcs(seed: UInt64) throws {
    var random = Numbers(state: seed)
    let neurons = (0..<150).map { k -> (a: Double, w: [Double]) in
      // Half of them within ten degrees of one of three directions, one of these at the cut.
      let spread = k % 2 == 0 ? 2 * Double.pi : 0.35
      return neuron([0.3, 2, Double.pi][k % 3] + spread * (random.uniform() - 0.5), 0.1 + random.uniform())
    }
    let result = try analyse(neurons, Condensation(resolution: 2))
    let amplitudes = neurons.map { abs($0.a) * hypot($0.w[0], $0.w[1]) }
    let angles = neurons.map { atan2($0.w[1], $0.w[0]) }
    let total = amplitudes.reduce(0, +)
    /// From angle `a` on counterclockwise to `b`.
    func turn(_ a: Double, _ b: Double) -> Double { b >= a ? b - a : b - a + 2 * .pi }
    let degree = Double.pi / 180
    let chance = neurons.indices.reduce(0.0) { sum, i in
      neurons.indices.reduce(sum) {
        let isNear = min(turn(angles[i], angles[$1]), turn(angles[$1], angles[i])) <= 2 * degree
        return $0 + (isNear ? amplitudes[i] * amplitudes[$1] / (total * total) : 0)
      }
    }
    #expect(result.number("directions").isNear(1 / chance, relative: 1e-12))

    var free = Array(neurons.indices)
    var shares: [Double] = []
    while !free.isEmpty {
      let arcs = free.map { i in free.filter { turn(angles[i], angles[$0]) <= 10 * degree } }
      let best = arcs.max { a, b in weight(a) < weight(b) }!
      func weight(_ arc: [Int]) -> Double { arc.reduce(0) { $0 + amplitudes[$1] } }
      shares.append(weight(best) / total)
      free.removeAll(where: best.contains)
    }
    #expect(result["clusters"] == .integer(shares.count { $0 >= 0.01 }))
    #expect(result.number("top4").isNear(shares.prefix(4).reduce(0, +), relative: 1e-12))
  }

  @Test("after the last leader every neuron stands for itself in the entropy")
  func leaderLimit() throws {
    let result = try analyse(
      [(2, [1, 0, 0]), (1, [0, 1, 0]), (1, [0, 0, 1])], Condensation(leaders: 1))
    #expect(result["clusters"] == .integer(1))
    #expect(result.number("entropy").isNear(0.5 * log(2) + 0.5 * log(4)))
  }

  @Test("a network without amplitude has no clusters", arguments: [2, 3])
  func empty(d: Int) throws {
    let result = try analyse([(0, [Double](repeating: 1, count: d)), (1, [Double](repeating: 0, count: d))])
    #expect(result["clusters"] == .integer(0) && result["entropy"] == .number(0))
    #expect(result.number("top1").isNaN && result.number("directions").isNaN)
  }
}
