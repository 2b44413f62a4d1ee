import FuzzTargets
import Testing

/// A short session of what `make fuzz` does, and what it once found.
@Suite(.serialized) struct FuzzTests {
  @Test("every seed is taken", arguments: FuzzTarget.all.map(\.name))
  func seeds(name: String) throws {
    let target = try target(name)
    let inputs = try target.seeds()
    #expect(!inputs.isEmpty)
    // Stores' seeds are edits, most of which make a store that is refused.
    if name == "store-contents" || name == "plugin-names" || name == "state-file" || name == "idx" { return }
    for input in inputs {
      #expect(throws: Never.self, "\(String(decoding: input.prefix(200), as: UTF8.self))") {
        try target.read(input)
      }
    }
  }

  @Test("what once ended the program is refused or read", arguments: FuzzTarget.all.map(\.name))
  func regressions(name: String) throws {
    let target = try target(name)
    for (file, bytes) in Corpus.regressions(of: target) {
      #expect(throws: Never.self, "\(name)/\(file)") { try target.outcome(of: bytes) }
    }
  }

  @Test("mutated inputs are refused or read", arguments: FuzzTarget.all.map(\.name))
  func mutations(name: String) throws {
    let corpus = try Corpus(target(name))
    let end = ContinuousClock.now + .seconds(1)
    for number in 0..<UInt64(400) where ContinuousClock.now < end {
      let input = corpus.input(seed: 20260701, number: number)
      #expect(throws: Never.self, "case \(number) of \(name)") { try corpus.target.outcome(of: input) }
    }
  }

  @Test("the same seed and number give the same case, others another")
  func deterministic() throws {
    let corpus = try Corpus(target("run-yaml"))
    #expect(corpus.input(seed: 5, number: 9) == corpus.input(seed: 5, number: 9))
    let cases = (0..<200).map { corpus.input(seed: 5, number: $0) }
    #expect(Set(cases).count > 150)
  }

  /// A driver that finds nothing must be able to find something.
  @Test("a reader that traps on one byte is caught by its promise")
  func finds() throws {
    let broken = FuzzTarget(
      "broken", seeds: { [[1, 2, 3, 4, 5, 6, 7, 8]] },
      read: { if $0.first == 0xff { throw BrokenPromise("0xff") } })
    let corpus = try Corpus(broken)
    let found = (0..<4000).contains { number in
      (try? broken.outcome(of: corpus.input(seed: 1, number: number))) == nil
    }
    #expect(found)
  }

  private func target(_ name: String) throws -> FuzzTarget {
    try #require(FuzzTarget.all.first { $0.name == name })
  }
}
