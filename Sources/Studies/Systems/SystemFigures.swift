import Figures
import Foundation

/// The pictures of a run of a system: its components over time, and the orbit in the planes of its first three.
public struct SystemFigures {
  private let folder: URL
  private let configuration: SystemConfiguration
  private let names: [String]
  private let columns: [String: [Double]]

  /// Components beyond these are not drawn.
  public static let mostComponents = 6

  /// - Throws: ``UsageError`` if `folder` holds no finished run.
  public init(folder: URL) throws {
    guard
      let csv = try? String(contentsOf: folder.appending(path: "trajectory.csv"), encoding: .utf8),
      let header = csv.split(separator: "\n").first
    else {
      throw UsageError("'\(folder.relativePath)' is no folder of a finished run: it has no trajectory.csv")
    }
    self.folder = folder
    configuration = try SystemConfiguration(yamlFile: folder.appending(path: "config.yaml").path)
    names = header.split(separator: ",").map(String.init).filter { $0 != "time" }
    columns = Trajectory.columns(csv)
  }

  /// Draws them and returns the PNGs.
  ///
  /// - Throws: `FigureError`.
  @discardableResult
  public func draw() throws -> [URL] {
    let writer = FigureWriter(folder: folder)
    var figures = [("trajectory", trajectory)]
    if names.count >= 2 { figures.append(("orbit", orbit)) }
    return try figures.flatMap { name, figure in
      try writer.write(figure, name: name).files.filter { $0.pathExtension == "png" }
    }
  }

  private func values(_ name: String) -> [Double] { columns[name] ?? [] }

  private var trajectory: Figure {
    let isGeometric = configuration.record?.hasPrefix("geometric") == true
    let shown = names.prefix(Self.mostComponents)
    return Figure(
      panels: shown.enumerated().map { i, name in
        Panel(
          title: .plain(i == 0 ? "\(title(shown.count)): \(name)" : name),
          x: Axis(i == shown.count - 1 ? "time " + .symbol("t") : "", scale: isGeometric ? .log : .linear),
          y: Axis(""), series: [Series("", .line(width: 1.4), x: values("time"), y: values(name))])
      }, columns: 1, panelSize: Figure.Size(width: 400, height: 100))
  }

  private func title(_ shown: Int) -> String {
    configuration.system + (shown < names.count ? ", the first \(shown) of \(names.count) columns" : "")
  }

  private var orbit: Figure {
    let pairs = names.count == 2 ? [(0, 1)] : [(0, 1), (0, 2), (1, 2)]
    return Figure(
      panels: pairs.map { i, j in
        Panel(
          x: Axis(.plain(names[i])), y: Axis(.plain(names[j])),
          series: [
            Series("", .line(width: 0.8), x: values(names[i]), y: values(names[j]))
          ])
      }, columns: pairs.count, panelSize: Figure.Size(width: 220, height: 200))
  }
}
