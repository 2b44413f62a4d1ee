import CPhaseFlow
import Foundation
import ODECore
import PluginKit
import Studies
import Sweeps

/// `phaseflow_sweep` of phaseflow.h.
@_cdecl("phaseflow_sweep")
public func sweep(
  _ definition: UnsafePointer<CChar>, _ options: UnsafePointer<phaseflow_options>?
) -> OpaquePointer {
  CallResult.of {
    let call = try CallOptions(options)
    guard let out = call.out else { throw ArgumentError("a sweep needs `out`, the folder of its store") }
    let text = String(cString: definition)
    let isPreset = SweepDefinition.presetNames.contains(text)
    if !isPreset, call.options.quick != 0 {
      throw UsageError("quick is for presets; a definition says its own size")
    }
    let definition =
      isPreset
      ? try SweepDefinition.preset(text, quick: call.options.quick != 0) : try SweepDefinition(yaml: text)
    let catalog = try call.catalog(libraries: definition.base.plugin)
    let plan = try SweepPlan(definition, catalog)
    let store = try SweepStore(out, plan)
    if call.options.retry_failed != 0 { try store.forgetFailures() }

    var scheduling = SweepScheduler.Options()
    if call.options.workers > 0 {
      let range = SweepScheduler.Options.workerRange
      guard range.contains(call.options.workers) else {
        throw UsageError(
          "workers is \(call.options.workers); it must be from \(range.lowerBound) to \(range.upperBound)")
      }
      scheduling.workers = call.options.workers
    }
    if call.options.checkpoint_interval > 0, call.options.checkpoint_interval < 1e9 {
      scheduling.checkpointInterval = .seconds(call.options.checkpoint_interval)
    }
    let cancellation = scheduling.cancellation
    if let watch = call.watch {
      scheduling.progress = { if watch.tell($0) { cancellation.cancel() } }
    }
    try SweepScheduler(store, plan, catalog, scheduling).run()
    let summary = try SweepSummary(store)
    let status =
      cancellation.isCancelled && summary.done < summary.total
      ? PHASEFLOW_INTERRUPTED : summary.failures.isEmpty ? PHASEFLOW_DONE : PHASEFLOW_FAILED
    let result = try CallResult(store, summary, status: status)
    var files: [URL] = []
    if status != PHASEFLOW_INTERRUPTED {
      do {
        files = try Watch.drawing(call.watch) { try SweepFigures(store, catalog).draw() }
      } catch { Log.warn("no pictures: \(error)") }
    }
    result.set("files", try JSONText.compact(files.map(\.path)))
    return result
  }
}

/// `phaseflow_read_sweep` of phaseflow.h.
@_cdecl("phaseflow_read_sweep")
public func readSweep(_ path: UnsafePointer<CChar>) -> OpaquePointer {
  CallResult.of {
    let store = try SweepStore(String(cString: path))
    return try CallResult(store, SweepSummary(store), status: PHASEFLOW_DONE)
  }
}

extension CallResult {
  fileprivate convenience init(_ store: SweepStore, _ summary: SweepSummary, status: Int32) throws {
    self.init(
      status: status,
      returnCode: status == PHASEFLOW_INTERRUPTED
        ? "interrupted" : summary.failures.isEmpty ? "success" : "failed", message: summary.text)
    set("summary", try summary.json)
    set("runs", try SweepExport.json(store.rows()))
    set("folder", store.folder.path)
  }
}

/// The JSON Schema of a sweep's file.
var sweepSchema: SettingTree { SweepDefinition.schema }
