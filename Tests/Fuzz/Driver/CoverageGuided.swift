#if LIBFUZZER
  import Foundation
  import FuzzTargets

  /// libFuzzer (LLVM) over one target: it keeps the inputs that reach code that none before has reached, and begins with
  /// those. Half of its mutations are this package's own.
  enum CoverageGuided {
    private nonisolated(unsafe) static var target: FuzzTarget!

    static func run(_ target: FuzzTarget) -> Never {
      self.target = target
      if let folder = ProcessInfo.processInfo.environment["FUZZ_CORPUS"] {
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (i, input) in ((try? Corpus(target).inputs) ?? []).enumerated() {
          FileManager.default.createFile(atPath: "\(folder)/seed-\(i)", contents: Data(input))
        }
      }
      var count = CommandLine.argc
      var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
      exit(LLVMFuzzerRunDriver(&count, &arguments) { CoverageGuided.test($0, $1) })
    }

    private static func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
      let input = Array(UnsafeBufferPointer(start: bytes, count: count))
      do { _ = try target.outcome(of: input) } catch { fatalError("broken promise: \(error)") }
      return 0
    }

    static func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int
    {
      if seed % 2 == 0 { return LLVMFuzzerMutate(bytes, count, most) }
      var mutator = Mutator(seed: UInt64(seed), words: target.words)
      let input = mutator.next([Array(UnsafeBufferPointer(start: bytes, count: count))], most: most)
      bytes.update(from: input, count: input.count)
      return input.count
    }
  }

  @_silgen_name("LLVMFuzzerRunDriver")
  private func LLVMFuzzerRunDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  @_silgen_name("LLVMFuzzerMutate")
  private func LLVMFuzzerMutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int

  @_cdecl("LLVMFuzzerCustomMutator")
  public func customMutator(
    _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32
  ) -> Int { CoverageGuided.mutate(bytes, count, most, seed) }
#endif
