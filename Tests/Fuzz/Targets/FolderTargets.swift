import BuiltinPlugins
import Files
import Foundation
import ODECore
import PluginKit
import Studies

/// Inputs whose first byte says which file of a folder the rest takes the place of.
private struct FolderTemplate: Sendable {
  let files: [String: [UInt8]]
  let names: [String]

  init(_ files: [String: [UInt8]]) { (self.files, names) = (files, files.keys.sorted()) }

  var seeds: [[UInt8]] { names.enumerated().map { [UInt8($0.offset)] + files[$0.element]! } }

  func with<T>(_ input: [UInt8], as folder: String, _ body: (URL) throws -> T) throws -> T? {
    guard let which = input.first else { return nil }
    let name = names[Int(which) % names.count]
    return try Scratch.with { root in
      let place = root.appending(path: folder, directoryHint: .isDirectory)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for (file, bytes) in files {
        try Data(file == name ? Array(input.dropFirst()) : bytes).write(to: place.appending(path: file))
      }
      return try body(root)
    }
  }
}

extension FuzzTarget {
  static let unfinishedRun = FuzzTarget(
    "unfinished-run",
    words: ["time", "restart", "statistics", "stateFile", "rowsFile", "rows", "ordinals", "memories"],
    seeds: { try unfinished.get().seeds },
    read: { input in
      _ = try unfinished.get().with(input, as: "run.part") { root in
        let config = root.appending(path: "run.part/config.yaml").path
        let configuration = try RunConfiguration(yamlFile: config)
        guard isOfSmallData(configuration), isOfSmallSystem(configuration.system ?? "") else { return }
        let run = try Run(resuming: root.appending(path: "run").path) { _ in try BuiltinPlugins.catalog() }
        _ = try Scratch.withoutPictures { try run.run(briefly()) }
      }
    })

  static let finishedRun = FuzzTarget(
    "finished-run", words: ["time", "loss", "rdW", "kappa", "returnCode", "accepted", "wallSeconds"],
    seeds: { try finished.get().seeds },
    read: { input in
      _ = try finished.get().with(input, as: "run") { root in
        let folder = root.appending(path: "run", directoryHint: .isDirectory)
        let configuration = try RunConfiguration(yamlFile: folder.appending(path: "config.yaml").path)
        guard isOfSmallData(configuration), isOfSmallSystem(configuration.system ?? "") else { return }
        let catalog = try BuiltinPlugins.catalog()
        try FinishedRun(folder, catalog).writeScripts(in: folder)
        _ = try RunOverview(folders: [folder], catalog).table
      }
    })

  private static let yaml =
    "width: 6\ngamma: 1\nt-end: 30\nrtol: 0.01\natol: 1e-05\nrecord: geometric:3\nseed: 2\n"

  private static let finished = Result {
    FolderTemplate(
      try Scratch.with { root in
        try Scratch.withoutPictures {
          let out = root.appending(path: "run")
          _ = try Run(RunConfiguration(yaml: yaml), BuiltinPlugins.catalog(), out: out.path).run()
          return try Scratch.files(in: out)
        }
      })
  }

  /// As a kill leaves it: every file that cannot be written from some step on stays as it was.
  private static let unfinished = Result {
    FolderTemplate(
      try Scratch.with { root in
        try Scratch.withoutPictures {
          let out = root.appending(path: "run")
          let run = try Run(RunConfiguration(yaml: yaml), BuiltinPlugins.catalog(), out: out.path)
          var hooks = RunHooks()
          hooks.checkpointInterval = .zero
          hooks.progressInterval = .zero
          let cancellation = Cancellation()
          hooks.cancellation = cancellation
          hooks.progress = { if $0.steps >= 3 { cancellation.cancel() } }
          _ = try run.run(hooks)
          return try Scratch.files(in: out)
        }
      })
  }
}
