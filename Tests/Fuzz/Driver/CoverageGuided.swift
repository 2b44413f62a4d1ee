#if LIBFUZZER
  import Foundation
  import FuzzTargets

  /// libFuzzer (LLVM), which has the program's entry and calls the functions below, over the target that the environment's
  /// `FUZZ_TARGET` names: it keeps the inputs that reach code that none before has reached, and begins with those.
  enum CoverageGuided {
    static let target = FuzzTarget.named(ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? "")
    static let corpus = (try? Corpus(target).inputs) ?? []
  }

  @_cdecl("LLVMFuzzerTestOneInput")
  public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    do { _ = try CoverageGuided.target.outcome(of: input) } catch { fatalError("broken promise: \(error)") }
    return 0
  }

  /// Half of the mutations are this package's own, which know words and lines.
  @_cdecl("LLVMFuzzerCustomMutator")
  public func customMutator(
    _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32
  ) -> Int {
    if seed % 2 == 0 { return mutateByLibrary(bytes, count, most) }
    var mutator = Mutator(seed: UInt64(seed), words: CoverageGuided.target.words)
    let input = mutator.next([Array(UnsafeBufferPointer(start: bytes, count: count))], most: most)
    for (i, byte) in input.enumerated() { bytes[i] = byte }
    return input.count
  }

  @_silgen_name("LLVMFuzzerMutate")
  private func mutateByLibrary(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int

  /// The seeds and what once broke the target, written as files to the folder that `FUZZ_CORPUS` names.
  @_cdecl("LLVMFuzzerInitialize")
  public func initialize(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
  ) -> Int32 {
    guard let folder = ProcessInfo.processInfo.environment["FUZZ_CORPUS"] else { return 0 }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (i, input) in CoverageGuided.corpus.enumerated() {
      FileManager.default.createFile(atPath: "\(folder)/seed-\(i)", contents: Data(input))
    }
    return 0
  }
#endif
