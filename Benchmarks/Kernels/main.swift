// phaseflow-bench [rhs] [deep] [capabilities] [paths] [threads]: speed of the flow's kernels.
let wanted =
  CommandLine.arguments.count > 1
  ? Array(CommandLine.arguments.dropFirst()) : ["rhs", "deep", "capabilities"]
for name in wanted {
  switch name {
  case "rhs": try benchRightHandSides()
  case "deep": try benchDeepRightHandSides()
  case "capabilities": try benchCapabilities()
  case "paths": try benchPaths()
  case "threads": try benchThreads()
  default: print("unknown part '\(name)'; there are: rhs deep capabilities paths threads")
  }
}
