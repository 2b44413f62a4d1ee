/// A part of the program that reads what comes from outside, and what it is fed with.
public struct FuzzTarget: Sendable {
  /// In lower case with hyphens; the name of its folder of regressions.
  public let name: String
  /// Sound inputs, which mutations begin with.
  public let seeds: @Sendable () throws -> [[UInt8]]
  /// Words of its language.
  public let words: [String]
  /// Reads an input. Errors are thrown, and any error is good; a crash, a hang or a broken promise is not.
  ///
  /// - Throws: what the program says of the input; ``BrokenPromise`` if something is wrong with the program.
  public let read: @Sendable ([UInt8]) throws -> Void

  public init(
    _ name: String, words: [String] = [], seeds: @escaping @Sendable () throws -> [[UInt8]],
    read: @escaping @Sendable ([UInt8]) throws -> Void
  ) {
    (self.name, self.words, self.seeds, self.read) = (name, words, seeds, read)
  }

  /// All of them.
  public static let all: [FuzzTarget] = [
    .runYAML, .sweepYAML, .validationYAML, .csv, .idx, .npy, .stateFile, .pluginNames, .unfinishedRun,
    .finishedRun, .storeContents, .storeBytes,
  ]

  /// What happened to one input.
  public enum Outcome: Equatable { case accepted, refused }

  /// - Throws: ``BrokenPromise`` only.
  public func outcome(of input: [UInt8]) throws -> Outcome {
    do {
      try read(input)
      return .accepted
    } catch let promise as BrokenPromise {
      throw promise
    } catch {
      // What it says must be printable, too.
      if "\(error)".isEmpty { throw BrokenPromise("an error without a word: \(type(of: error))") }
      return .refused
    }
  }
}

/// Something that must hold for every input and does not, e.g. that what is written reads back as the same.
public struct BrokenPromise: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
