// Feeds the readers of this package with inputs of which some are wrong, and says which end it:
//
//   phaseflow-fuzz [--seconds N] [--seed N] [--cases N] [--target NAME]... [--findings FOLDER]
//
// Built with -sanitize=fuzzer -D LIBFUZZER it is libFuzzer's program for the target that FUZZ_TARGET names.
import Foundation
import FuzzTargets

func target(_ name: String) -> FuzzTarget {
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    fatalError(
      "there is no target '\(name)'; there are \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
  }
  return target
}

#if LIBFUZZER
  CoverageGuided.run(target(ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""))
#else
  let arguments = Array(CommandLine.arguments.dropFirst())
  switch arguments.first {
  case "--worker":
    try Worker.run(
      target(arguments[1]), seed: UInt64(arguments[2])!, seconds: Double(arguments[3])!,
      cases: UInt64(arguments[4])!, report: arguments[5])
  case "--one":
    try Worker.one(target(arguments[1]), arguments[2])
  default:
    var supervisor = Supervisor()
    var names: [String] = []
    for (flag, value) in zip(arguments, arguments.dropFirst()).enumerated().filter({ $0.offset % 2 == 0 })
      .map(\.element)
    {
      switch flag {
      case "--seconds": supervisor.seconds = Double(value)!
      case "--seed": supervisor.seed = UInt64(value)!
      case "--cases": supervisor.cases = UInt64(value)!
      case "--target": names.append(value)
      case "--findings": supervisor.findings = URL(filePath: value, directoryHint: .isDirectory)
      default: fatalError("unknown flag '\(flag)'")
      }
    }
    if !names.isEmpty { supervisor.targets = names.map(target) }
    exit(try supervisor.run() ? 0 : 1)
  }
#endif
