import Foundation

/// The sentence that a crash ends with once plug-in libraries are loaded: they run in this process, and nothing can
/// go on after what they did to it. What a run had recorded by its last checkpoint is kept.
enum CrashNotice {
  /// What the handler writes: it may neither allocate nor take a lock.
  private nonisolated(unsafe) static var text = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

  static func install(for libraries: [String]) {
    let files = libraries.map { "'\($0)'" }.joined(separator: ", ")
    let message =
      "\nerror: the program crashed, with plug-ins of \(files) in it; to see whether they are to blame: "
      + "phaseflow plugins check \(libraries[0])\n"
    let bytes = Array(message.utf8)
    text = .allocate(capacity: bytes.count)
    _ = text.initialize(from: bytes)
    for crash in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] {
      signal(crash) { _ in
        _ = write(2, CrashNotice.text.baseAddress, CrashNotice.text.count)
        _exit(1)
      }
    }
  }
}
