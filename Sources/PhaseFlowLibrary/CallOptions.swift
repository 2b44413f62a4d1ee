import BuiltinPlugins
import CPhaseFlow
import Foundation
import Networks
import ODECore
import PluginKit
import Studies

/// `phaseflow_options`, read.
struct CallOptions {
  let options: phaseflow_options
  let out: String?
  let watch: Watch?

  init(_ pointer: UnsafePointer<phaseflow_options>?) throws {
    options = try readOptions(pointer, phaseflow_options(), "phaseflow_options")
    out = options.out.map { String(cString: $0) }
    watch = Watch(options.progress, options.progress_user, options.progress_interval)
    Log.begin()
  }

  /// The built-in plug-ins, those of `libraries`, those of the caller's own tables, and its arrays as the data set `arrays`.
  func catalog(libraries: [String]) throws -> PluginCatalog {
    var catalog = try builtIn.get()
    for file in libraries { try PluginLibrary(file).register(in: &catalog) }
    for i in 0..<options.plugin_count {
      guard let table = options.plugins?[i] else { throw ArgumentError("plugins[\(i)] is NULL") }
      try PluginLibrary(table, name: "the calling program").register(in: &catalog)
    }
    if let data = try data() {
      try catalog.datasets.add(data.name, summary: "the caller's own arrays") { _ in data }
    }
    return catalog
  }

  private func data() throws -> Dataset? {
    guard let inputs = options.inputs, let targets = options.targets else { return nil }
    let (n, k) = (options.sample_count, options.input_count)
    guard n > 0, k >= 0 else { throw ArgumentError("there are \(n) samples of \(k) inputs") }
    // The bias coordinate 1 at the end of each row.
    var rows = [Double](repeating: 1, count: n * (k + 1))
    for i in 0..<n { for j in 0..<k { rows[i * (k + 1) + j] = inputs[i * k + j] } }
    return try UsageError.preparing {
      try Dataset(
        name: "arrays", inputs: rows, inputDimension: k + 1,
        targets: [Double](UnsafeBufferPointer(start: targets, count: n)))
    }
  }

  var runHooks: RunHooks {
    var hooks = RunHooks()
    if let watch {
      let cancellation = Cancellation()
      hooks.cancellation = cancellation
      hooks.progressInterval = watch.interval
      hooks.progress = { if watch.tell($0) { cancellation.cancel() } }
    }
    if options.checkpoint_interval > 0, options.checkpoint_interval < 1e9 {
      hooks.checkpointInterval = .seconds(options.checkpoint_interval)
    }
    return hooks
  }
}

/// The built-in plug-ins, made once: that takes longer than a short integration. Entries of a catalog are factories without state.
nonisolated(unsafe) let builtIn = Result { try BuiltinPlugins.catalog() }
