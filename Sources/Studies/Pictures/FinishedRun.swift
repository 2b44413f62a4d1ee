import DeepNetworks
import Figures
import Files
import Foundation
import GradientFlow
import ODECore
import PluginKit

/// A run as pictures and tables see it: at hand, or read back from its folder, finished or not.
public struct FinishedRun {
  /// Its folder's name; empty if it has none.
  private(set) var name: String
  let configuration: RunConfiguration
  let pictures: any RunPictures
  let record: Record
  /// In the problem's own coordinates; empty where pictures have no use for it.
  let initialState: [Double]
  let finalState: [Double]
  let summary: Brief

  /// What stands in `summary.json` of what tables and titles need.
  struct Brief: Decodable {
    struct Cost: Decodable {
      let accepted: Int
      let rejected: Int
      let nfev: Int
      let wallSeconds: Double
    }
    let returnCode: String
    let integrator: String
    let integratorChoice: String?
    let kappa: Double?
    let kappaPrime: Double?
    let time: Double?
    let loss: Double?
    let statistics: Cost
    /// Absent in summaries of older versions.
    let provenance: Provenance?
  }

  /// A run at hand.
  ///
  /// - Parameter state: the last one, in the coordinates that were integrated.
  init(_ experiment: Experiment, _ record: Record, state: [Double], _ summary: RunSummary) {
    name = ""
    (configuration, pictures) = (experiment.configuration, experiment.subject.pictures)
    self.record = record
    initialState = experiment.subject.initialState
    finalState = experiment.subject.ambient(state)
    let s = summary.statistics
    self.summary = Brief(
      returnCode: summary.returnCode.rawValue, integrator: summary.integrator,
      integratorChoice: summary.integratorChoice, kappa: summary.network?.kappa ?? summary.deep?.kappa,
      kappaPrime: summary.network?.kappaPrime, time: summary.time,
      loss: summary.network?.loss ?? summary.deep?.loss,
      statistics: .init(accepted: s.accepted, rejected: s.rejected, nfev: s.nfev, wallSeconds: s.wallSeconds),
      provenance: summary.provenance)
  }

  /// Reads a run back. Of one that is under way, or was killed, as much as its last checkpoint holds.
  ///
  /// - Throws: ``UsageError`` if `folder` holds no run, or nothing of it yet.
  public init(_ folder: URL, _ catalog: PluginCatalog) throws {
    self = try UsageError.preparing {
      let isFinished = FileManager.default.fileExists(atPath: folder.appending(path: "summary.json").path)
      if !isFinished, let unfinished = OutputFolder(watching: folder.path) {
        return try FinishedRun(unfinished, catalog)
      }
      return try FinishedRun(reading: folder, catalog)
    }
  }

  /// Where the files of a run lie: `folder`, or `folder.part` while it is unfinished.
  public static func place(of folder: URL) -> URL {
    guard !FileManager.default.fileExists(atPath: folder.path) else { return folder }
    return OutputFolder(watching: folder.path)?.working ?? folder
  }

  /// How far it is.
  public var progress: (time: Double, text: String) {
    let loss = summary.loss.map { String(format: ", R = %.3e", $0) } ?? ""
    let time = summary.time ?? .nan
    return (
      time,
      String(format: "t = %.4g", time) + loss
        + ", \(summary.statistics.accepted) steps, \(record.rowCount) rows"
    )
  }

  private init(_ unfinished: OutputFolder, _ catalog: PluginCatalog) throws {
    guard let files = try CheckpointFiles.read(in: unfinished) else {
      throw UsageError(
        "the run in '\(unfinished.working.relativePath)' has no checkpoint yet; try again later")
    }
    let experiment = try Experiment(
      RunConfiguration(yamlFile: unfinished.url("config.yaml").path), catalog)
    let solution = try Solution(stoppedAt: files.checkpoint(of: experiment, in: unfinished))
    self.init(experiment, solution.record, state: solution.state, RunSummary(experiment, solution))
    name = unfinished.destination.lastPathComponent
  }

  private init(reading folder: URL, _ catalog: PluginCatalog) throws {
    guard FileManager.default.fileExists(atPath: folder.appending(path: "summary.json").path) else {
      throw UsageError("'\(folder.relativePath)' is not the folder of a run: it has no summary.json")
    }
    name = folder.standardizedFileURL.lastPathComponent
    let configuration = try RunConfiguration(yamlFile: folder.appending(path: "config.yaml").path)
    let summary = try JSONDecoder().decode(
      Brief.self, from: AtomicFile.read(folder.appending(path: "summary.json")))
    let table = try CSVTable(
      String(decoding: AtomicFile.read(folder.appending(path: "trajectory.csv")), as: UTF8.self))
    guard table["time"] != nil else { throw UsageError("trajectory.csv has no column 'time'") }
    record = Record(columns: table.columns, values: table.values)
    (self.configuration, self.summary) = (configuration, summary)
    // Only what is drawn must still be there: neither the integrator nor the observers nor the system.
    if configuration.isOfSystem {
      (pictures, initialState, finalState) = (SystemPictures(), [], [])
      return
    }
    let data = try NetworkData(configuration, catalog)
    if configuration.isDeep(data) {
      let widths = configuration.deepWidths(data)
      let storage = StateStorage.vector(DeepSubject.parameterCount(widths, hasBiases: configuration.bias))
      pictures = DeepPictures(data: data.training, isCentred: configuration.centred) {
        DeepNetwork(
          widths: widths, kappa: summary.kappa ?? .nan,
          activations: try configuration.deepActivations(widths.count - 2, catalog),
          hasBiases: configuration.bias)
      }
      initialState = try storage.read(folder.appending(path: "state-initial.npy"))
      finalState = try storage.read(folder.appending(path: "state-final.npy"))
      return
    }
    let shape = NetworkShape(width: configuration.width, inputDimension: data.inputDimension)
    pictures = NetworkPictures(data: data.training, shape: shape) {
      let model = try configuration.integratedModel(
        configuration.originalModel(inputDimension: shape.inputDimension))
      return Network(
        shape: shape,
        scaling: try model?.ownScaling
          ?? Scaling(kappa: summary.kappa ?? .nan, kappaPrime: summary.kappaPrime ?? .nan),
        activation: try catalog.activations.make(configuration.activation))
    }
    initialState = try StateFile.read(folder.appending(path: "neurons-initial.npy"), shape: shape)
    finalState = try StateFile.read(folder.appending(path: "neurons-final.npy"), shape: shape)
  }

  /// Draws the run's pictures into `folder` and returns the PNGs.
  ///
  /// - Parameter warn: told why a picture is left out.
  /// - Throws: `FigureError`.
  @discardableResult
  public func draw(in folder: URL, warn: (String) -> Void = { _ in }) throws -> [URL] {
    let writer = FigureWriter(folder: folder, summary.provenance ?? Provenance())
    return try pictures.figures(of: self, warn: warn).flatMap { name, figure in
      try writer.write(figure, name: name).files.filter { $0.pathExtension == "png" }
    }
  }

  /// How this run is named beside others.
  var label: String {
    if let system = configuration.system {
      // Of a file its name alone.
      let path = system.prefix { $0 != "(" }
      return URL(filePath: String(path)).lastPathComponent + system.dropFirst(path.count)
    }
    if !configuration.hidden.isEmpty {
      let place = configuration.gamma.map { String(format: "γ = %g, ", $0) } ?? ""
      return place + "hidden " + configuration.hidden.map(String.init).joined(separator: ", ")
    }
    if let gamma = configuration.gamma, let gammaPrime = configuration.gammaPrime {
      return String(format: "γ = %g, γ′ = %g", gamma, gammaPrime).replacing("-", with: "−")
    }
    return String(format: "κ = %.3g, κ′ = %.3g", summary.kappa ?? .nan, summary.kappaPrime ?? .nan)
      .replacing("-", with: "−")
  }
}

/// What is drawn of one kind of problem.
public protocol RunPictures {
  /// The pictures of one run, by name.
  ///
  /// - Parameter warn: told why a picture is left out.
  func figures(of run: FinishedRun, warn: (String) -> Void) throws -> [(name: String, figure: Figure)]
}
