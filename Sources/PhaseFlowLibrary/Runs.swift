import CPhaseFlow
import Foundation
import ODECore
import PluginKit
import Studies

/// `phaseflow_run` of phaseflow.h.
@_cdecl("phaseflow_run")
public func run(
  _ configuration: UnsafePointer<CChar>, _ options: UnsafePointer<phaseflow_options>?
) -> OpaquePointer {
  CallResult.of {
    let call = try CallOptions(options)
    var configuration = try RunConfiguration(yaml: String(cString: configuration))
    if let file = call.options.base_file {
      configuration = try RunConfiguration(yamlFile: String(cString: file)).overlaid(by: configuration)
    }
    if configuration.isOfSystem { try configuration.resolveSystemFile() }
    let run = try Run(configuration, call.catalog(libraries: configuration.plugin), out: call.out)
    return try CallResult(Watch.drawing(call.watch) { try run.run(call.runHooks) })
  }
}

/// `phaseflow_resume` of phaseflow.h.
@_cdecl("phaseflow_resume")
public func resume(
  _ path: UnsafePointer<CChar>, _ options: UnsafePointer<phaseflow_options>?
) -> OpaquePointer {
  CallResult.of {
    let call = try CallOptions(options)
    let run = try Run(resuming: String(cString: path)) { try call.catalog(libraries: $0.plugin) }
    return try CallResult(Watch.drawing(call.watch) { try run.run(call.runHooks) })
  }
}

/// `phaseflow_draw` of phaseflow.h.
@_cdecl("phaseflow_draw")
public func draw(_ run: OpaquePointer, _ folder: UnsafePointer<CChar>) -> OpaquePointer {
  drawWatched(run, folder, nil, nil)
}

/// `phaseflow_draw_watched` of phaseflow.h.
@_cdecl("phaseflow_draw_watched")
public func drawWatched(
  _ run: OpaquePointer, _ folder: UnsafePointer<CChar>, _ progress: phaseflow_progress_function?,
  _ user: UnsafeMutableRawPointer?
) -> OpaquePointer {
  CallResult.of {
    guard let outcome = CallResult.at(run).outcome else { throw ArgumentError("this result is not a run's") }
    let folder = URL(filePath: String(cString: folder), directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let files = try Watch.drawing(Watch(progress, user, 0)) { try outcome.draw(in: folder) }
    let result = CallResult(status: PHASEFLOW_DONE, returnCode: "success", message: "\(files.count) pictures")
    result.set("files", try JSONText.compact(files.map(\.path)))
    return result
  }
}

/// `phaseflow_catalog` of phaseflow.h.
@_cdecl("phaseflow_catalog")
public func catalog(_ options: UnsafePointer<phaseflow_options>?) -> OpaquePointer {
  CallResult.of {
    let catalog = try CallOptions(options).catalog(libraries: [])
    let result = CallResult(status: PHASEFLOW_DONE, returnCode: "success", message: "the plug-ins there are")
    result.set("plugins", try JSONText.compact(Dictionary(uniqueKeysWithValues: pluginLines(of: catalog))))
    result.set("runSchema", try JSONText.compact(RunConfiguration.schema))
    result.set("sweepSchema", try JSONText.compact(sweepSchema))
    return result
  }
}

extension CallResult {
  /// What a run gave.
  convenience init(_ outcome: Run.Outcome) throws {
    let (summary, subject) = (outcome.summary, outcome.experiment.subject)
    self.init(status: summary.exitCode, returnCode: summary.returnCode.rawValue, message: summary.message)
    self.outcome = outcome
    set("summary", try summary.json)
    set("configuration", try outcome.experiment.configuration.yaml)
    if let folder = outcome.folder { set("folder", folder.path) }
    for (name, values) in zip(outcome.record.columns, outcome.record.values) {
      add("column.\(name)", values)
    }
    try subject.storage.add(outcome.state, as: "state", to: self)
    try subject.storage.add(subject.initialState, as: "initialState", to: self)
    for (name, table) in outcome.tables.sorted(by: { $0.key < $1.key }) {
      add("table.\(name)", rows: table.rows, columns: table.columns.count)
      set("columns.\(name)", try JSONText.compact(table.columns))
    }
  }
}

extension StateStorage {
  /// As the file would have it.
  fileprivate func add(_ state: [Double], as name: String, to result: CallResult) throws {
    switch self {
    case .vector: result.add(name, state)
    case .neurons(let shape):
      let (m, d) = (shape.width, shape.inputDimension)
      result.add(name, shape: [m, d + 1]) { rows in
        for k in 0..<m { for j in 0...d { rows[k * (d + 1) + j] = state[j * m + k] } }
      }
    }
  }
}
