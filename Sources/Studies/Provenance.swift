import Figures
import Foundation
import GradientFlow
import SundialsIntegrators
import Synchronization

/// Where a result comes from: the program, the libraries whose rounding it has, the machine, the day.
///
/// It stands beside results, never among what is compared: under its own key in `summary.json` and `comparison.json`, in
/// `provenance.json` beside a validation's report, in the table `timing` of a sweep's store, and as a comment at the head of
/// a picture's data. Two runs of one configuration agree in everything else.
public struct Provenance: Codable, Hashable, Sendable {
  /// The program's version.
  public var program = phaseFlowVersion
  /// The commit that the program was built from, with `+` if files had been changed since; `unknown` if it was not built
  /// from a repository.
  public var revision = Self.sourceRevision
  /// UTC, ISO 8601.
  public var date = Date().formatted(.iso8601)
  /// The host's processor, as the system calls it.
  public var processor = Self.hostProcessor
  /// The version of SUNDIALS that is loaded.
  public var sundials = sundialsVersion
  /// The version, build options and kernel of OpenBLAS that is loaded: its kernels round differently.
  public var openblas = blasVersion

  /// Of this moment, in this process.
  public init() {}

  /// Set by a program at its start, as `phaseflow` does; the library does not know what program it is part of.
  public static var sourceRevision: String {
    get { revisionOfProgram.withLock { $0 } }
    set { revisionOfProgram.withLock { $0 = newValue } }
  }

  private static let revisionOfProgram = Mutex("unknown")

  private static let hostProcessor: String = {
    let facts = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let name = facts.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    if let name { return name.trimmingCharacters(in: .whitespaces) }
    // Not every architecture has names there.
    var system = utsname()
    uname(&system)
    return withUnsafeBytes(of: &system.machine) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }()

  /// - Throws: `EncodingError`.
  public var json: String {
    get throws { try JSONText.pretty(self) }
  }

  /// One line, for comments.
  public var line: String {
    "PhaseFlow \(program), revision \(revision), \(date), \(processor), SUNDIALS \(sundials), \(openblas)"
  }
}

extension FigureWriter {
  /// A writer whose pictures' data say where they come from.
  public init(folder: URL, _ provenance: Provenance) { self.init(folder: folder, note: provenance.line) }
}
