import Foundation

/// What mutations begin with, and the cases that follow from it. A case is named by target, seed and number alone.
public struct Corpus {
  public let target: FuzzTarget
  public let inputs: [[UInt8]]

  /// The seeds of `target`, and the inputs that once broke it.
  public init(_ target: FuzzTarget) throws {
    self.target = target
    inputs = try target.seeds() + Self.regressions(of: target).map(\.bytes)
  }

  public func input(seed: UInt64, number: UInt64) -> [UInt8] {
    var mutator = Mutator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ number, words: target.words)
    return mutator.next(inputs)
  }

  /// Inputs that once broke a target, made as small as they go, by the names of their files.
  public static func regressions(of target: FuzzTarget) -> [(name: String, bytes: [UInt8])] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Regressions/\(target.name)")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { name in
      (try? Data(contentsOf: folder.appending(path: name))).map { (name, [UInt8]($0)) }
    }
  }
}
