#if !LIBFUZZER
  import Foundation
  import FuzzTargets

  /// What a worker tells the supervisor, in memory that outlives it.
  struct Report {
    /// The number of the case that it is at.
    var current: UInt64 = 0
    var accepted: UInt64 = 0
    var refused: UInt64 = 0

    /// Maps the file at `path`, made if need be.
    static func mapped(_ path: String) -> UnsafeMutablePointer<Report> {
      let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
      ftruncate(descriptor, off_t(MemoryLayout<Report>.stride))
      let memory = mmap(nil, MemoryLayout<Report>.stride, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)!
      close(descriptor)
      return memory.bindMemory(to: Report.self, capacity: 1)
    }
  }

  /// Runs cases in this process until one breaks it.
  enum Worker {
    static let promiseCode: Int32 = 3
    static let hangCode: Int32 = 4
    /// Processor time that a case may take; inputs are small.
    private static let patience = 20.0

    /// Cases from `report.current` on.
    static func run(_ target: FuzzTarget, seed: UInt64, seconds: Double, cases: UInt64, report path: String)
      throws -> Never
    {
      prepare()
      let report = Report.mapped(path)
      let corpus = try Corpus(target)
      watch(report)
      let end = ContinuousClock.now + .seconds(seconds)
      for _ in 0..<cases {
        if ContinuousClock.now >= end { break }
        try settle(corpus.target, corpus.input(seed: seed, number: report.pointee.current), report)
        report.pointee.current += 1
      }
      exit(0)
    }

    /// One input, from a file.
    static func one(_ target: FuzzTarget, _ file: String) throws -> Never {
      prepare()
      let report = UnsafeMutablePointer<Report>.allocate(capacity: 1)
      report.initialize(to: Report())
      watch(report)
      try settle(target, [UInt8](Data(contentsOf: URL(filePath: file))), report)
      exit(0)
    }

    private static func settle(
      _ target: FuzzTarget, _ input: [UInt8], _ report: UnsafeMutablePointer<Report>
    ) throws {
      do {
        switch try target.outcome(of: input) {
        case .accepted: report.pointee.accepted += 1
        case .refused: report.pointee.refused += 1
        }
      } catch {
        FileHandle.standardError.write(Data("broken promise: \(error)\n".utf8))
        exit(promiseCode)
      }
    }

    /// What asks for more memory than inputs of this size should ends in a crash.
    private static func prepare() {
      var limit = rlimit(rlim_cur: 8 << 30, rlim_max: 8 << 30)
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
      signal(SIGPIPE, SIG_IGN)
    }

    private static func watch(_ report: UnsafeMutablePointer<Report>) {
      nonisolated(unsafe) let report = report
      Thread.detachNewThread {
        var (seen, since) = (UInt64.max, (processor: 0.0, wall: ContinuousClock.now))
        while true {
          usleep(250_000)
          if report.pointee.current != seen {
            seen = report.pointee.current
            since = (processorSeconds(), .now)
          } else if processorSeconds() - since.processor > patience
            || ContinuousClock.now - since.wall > .seconds(20 * patience)
          {
            FileHandle.standardError.write(Data("hang: no end after \(patience) s of processor time\n".utf8))
            _exit(hangCode)
          }
        }
      }
    }

    private static func processorSeconds() -> Double {
      var usage = rusage()
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + 1e-6 * Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
  }
#endif
