import Foundation
import Testing

import GradientFlow

/// Against NumPy's draws, bit for bit (Tests/Oracles/numpy_draws.py).
struct NumPyDraws: Decodable {
  struct Seed: Decodable {
    let seed: String
    let raw: [String]
    let uniform: [String]
    let first: [String]
    let checksum: String
    let beyondTail: Int
    let after: [String]
  }
  let count: Int
  let seeds: [Seed]
  let matrix: [[String]]

  static func load() throws -> NumPyDraws {
    try JSONDecoder().decode(NumPyDraws.self, from: Data(contentsOf: fixture("numpy_draws.json")))
  }
}

func fixture(_ name: String) -> URL {
  Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(name)")
}

private func hex(_ bits: UInt64) -> String {
  let digits = String(bits, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
private func hex(_ x: Double) -> String { hex(x.bitPattern) }

@Suite struct StartRandomTests {
  @Test("Words, uniform and two million normal numbers are NumPy's, bit for bit, for ten seeds")
  func sameAsNumPy() throws {
    let draws = try NumPyDraws.load()
    #expect(draws.seeds.count == 10)
    #expect(draws.count == 2_000_000)
    for expected in draws.seeds {
      let seed = UInt64(expected.seed)!
      var words = PCG64(seed: seed)
      #expect(expected.raw == (0..<5).map { _ in hex(words.next()) })
      var uniform = PCG64(seed: seed)
      #expect(expected.uniform == (0..<3).map { _ in hex(uniform.nextUniform()) })

      var normal = PCG64(seed: seed)
      var first: [String] = []
      var checksum: UInt64 = 0
      var beyondTail = 0
      for i in 0..<draws.count {
        let x = normal.nextNormal()
        if i < 10 { first.append(hex(x)) }
        checksum &+= UInt64(2 * i + 1) &* x.bitPattern
        if abs(x) > 3.6541528853610088 { beyondTail += 1 }
      }
      #expect(first == expected.first)
      #expect(hex(checksum) == expected.checksum)
      // The tail's branch was taken, and as often as NumPy took it.
      #expect(beyondTail == expected.beyondTail)
      #expect(beyondTail > 400)
      #expect(expected.after == (0..<4).map { _ in hex(normal.nextNormal()) })
    }
  }

  @Test("A start has NumPy's standard_normal((m, d + 1)) as its neurons, column by column in the state")
  func start() throws {
    let draws = try NumPyDraws.load()
    let shape = NetworkShape(width: 6, inputDimension: 3)
    let state = try GaussianStart(seed: 7).state(for: shape)
    for (k, row) in draws.matrix.enumerated() {
      #expect(hex(state[shape.indexOfA(k)]) == row[0])
      for j in 0..<3 { #expect(hex(state[shape.indexOfW(k, j)]) == row[j + 1]) }
    }
  }

  @Test("An antisymmetric start pairs each neuron with one of opposite sign")
  func antisymmetric() throws {
    let shape = NetworkShape(width: 6, inputDimension: 3)
    let state = try GaussianStart(seed: 7, isAntisymmetric: true).state(for: shape)
    let half = try GaussianStart(seed: 7).state(for: NetworkShape(width: 3, inputDimension: 3))
    for k in 0..<3 {
      #expect(state[k] == half[k])
      #expect(state[k + 3] == -half[k])
      for j in 0..<3 {
        let w = half[NetworkShape(width: 3, inputDimension: 3).indexOfW(k, j)]
        #expect(state[shape.indexOfW(k, j)] == w)
        #expect(state[shape.indexOfW(k + 3, j)] == w)
      }
    }
  }

  @Test("Deviations scale a and w")
  func deviations() throws {
    let shape = NetworkShape(width: 4, inputDimension: 2)
    let unit = try GaussianStart(seed: 3).state(for: shape)
    let scaled = try GaussianStart(seed: 3, outputDeviation: 0.5, inputDeviation: 4).state(for: shape)
    #expect(scaled == unit.enumerated().map { $1 * ($0 < 4 ? 0.5 : 4) })
  }

  @Test("An odd width with pairs and deviations that are no deviations are rejected")
  func errors() {
    let shape = NetworkShape(width: 5, inputDimension: 2)
    #expect(throws: GaussianStartError.oddWidth(5)) {
      try GaussianStart(seed: 1, isAntisymmetric: true).state(for: shape)
    }
    #expect(throws: GaussianStartError.deviation(name: "s_a", value: -1)) {
      try GaussianStart(seed: 1, outputDeviation: -1).state(for: shape)
    }
    #expect(throws: GaussianStartError.deviation(name: "s_w", value: .infinity)) {
      try GaussianStart(seed: 1, inputDeviation: .infinity).state(for: shape)
    }
  }
}
