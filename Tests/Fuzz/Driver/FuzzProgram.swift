import Foundation
import FuzzTargets

#if !LIBFUZZER
  /// Feeds the readers of this package with inputs of which some are wrong, and says which end it:
  ///
  ///     phaseflow-fuzz [--seconds N] [--seed N] [--cases N] [--target NAME]... [--findings FOLDER]
  ///
  /// Built with `--sanitize fuzzer -Xswiftc -DLIBFUZZER` it is libFuzzer's program instead, see ``CoverageGuided``.
  @main struct FuzzProgram {
    static func main() throws {
      let arguments = Array(CommandLine.arguments.dropFirst())
      switch arguments.first {
      case "--worker":
        try Worker.run(
          .named(arguments[1]), seed: UInt64(arguments[2])!, seconds: Double(arguments[3])!,
          cases: UInt64(arguments[4])!, report: arguments[5])
      case "--one":
        try Worker.one(.named(arguments[1]), arguments[2])
      default:
        exit(try supervisor(arguments).run() ? 0 : 1)
      }
    }

    private static func supervisor(_ arguments: [String]) -> Supervisor {
      var supervisor = Supervisor()
      var names: [String] = []
      for i in stride(from: 0, to: arguments.count - 1, by: 2) {
        let value = arguments[i + 1]
        switch arguments[i] {
        case "--seconds": supervisor.seconds = Double(value)!
        case "--seed": supervisor.seed = UInt64(value)!
        case "--cases": supervisor.cases = UInt64(value)!
        case "--target": names.append(value)
        case "--findings": supervisor.findings = URL(filePath: value, directoryHint: .isDirectory)
        default: fatalError("unknown flag '\(arguments[i])'")
        }
      }
      if !names.isEmpty { supervisor.targets = names.map(FuzzTarget.named) }
      return supervisor
    }
  }
#endif

extension FuzzTarget {
  static func named(_ name: String) -> FuzzTarget {
    guard let target = all.first(where: { $0.name == name }) else {
      fatalError("there is no target '\(name)'; there are \(all.map(\.name).joined(separator: ", "))")
    }
    return target
  }
}
