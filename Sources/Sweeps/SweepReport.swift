import CReportPage
import Figures
import Files
import Foundation
import GradientFlow
import PluginKit
import Studies
import UntrustedNumbers

/// A sweep as one page to explore: the map of exponents, and for each cell its curves, neurons and learned functions.
/// The page needs no network: Chart.js and the numbers, thinned, are in it.
public struct SweepReport {
  private let store: SweepStore
  private let catalog: PluginCatalog
  private let rows: [SweepRow]
  private let families: [SweepFamily]
  private let parts: [SweepPart]

  /// - Throws: `UsageError` if the store holds no finished run; ``StoreError``.
  public init(_ store: SweepStore, _ catalog: PluginCatalog) throws {
    self.store = store
    self.catalog = catalog
    rows = try store.rows().filter {
      $0.checks == nil && $0.result != nil && $0.gamma != nil && $0.gammaPrime != nil
    }
    guard !rows.isEmpty else {
      throw UsageError(
        "the sweep in '\(store.folder.relativePath)' has no finished run with a gamma and gamma' yet")
    }
    families = SweepFamily.all(rows, store.definition)
    parts = SweepPart.all(rows)
  }

  /// The page. The same store gives the same bytes.
  ///
  /// - Parameter seconds: after so many the browser shows the file anew; the address keeps what is selected.
  /// - Throws: ``StoreError``, `NumPyFileError`.
  public func html(refreshedEvery seconds: Double? = nil) throws -> String {
    // No text in the data may end the element that it stands in.
    let json = Escaping.jsonInHTML(try JSONText.compact(data()))
    let parts = [
      "style": text(creport_style()), "library": text(creport_library()), "data": json,
      "script": text(creport_script()),
      "refresh": seconds.map { "<meta http-equiv=\"refresh\" content=\"\(max(1, Int(saturating: $0)))\">" }
        ?? "",
    ]
    return Self.fill(text(creport_page()), parts)
  }

  /// Replaces `{{name}}` in one pass, so that nothing inside a part is taken for a place.
  private static func fill(_ template: String, _ parts: [String: String]) -> String {
    template.components(separatedBy: "{{").enumerated().map { i, piece in
      guard i > 0, let end = piece.range(of: "}}") else { return piece }
      return parts[String(piece[..<end.lowerBound])]! + piece[end.upperBound...]
    }.joined()
  }

  private func text(_ file: creport_file) -> String {
    String(decoding: UnsafeRawBufferPointer(start: file.bytes, count: file.count), as: UTF8.self)
  }

  // MARK: The numbers

  private func data() throws -> SweepReportData {
    let gamma = Set(rows.map { $0.gamma! }).sorted()
    let gammaPrime = Set(rows.map { $0.gammaPrime! }).sorted()
    let set = try catalog.datasets.make(store.definition.base.data)
    let reader = ReportRuns(store, runs: rows.count, parts)
    let cells = try families.map { family in
      try gammaPrime.flatMap { y in
        try gamma.map { x in
          try family.rows.filter { $0.gamma == x && $0.gammaPrime == y }.map(reader.run)
        }
      }
    }
    return SweepReportData(
      title: "PhaseFlow sweep: " + (store.definition.figure ?? store.folder.lastPathComponent),
      about: about(set), gamma: gamma, gammaPrime: gammaPrime, widths: Set(rows.map(\.width)).sorted(),
      seeds: Set(rows.map(\.seed)).sorted(), families: families.map(\.name),
      palette: HeatMap.palette.map(\.hexadecimal),
      parts: parts.map { .init(name: $0.name, symbol: $0.subscriptText, label: $0.label, curve: $0.column) },
      phases: families.map { family in
        phases(family, gamma, gammaPrime)
      }, cells: cells, isAngle: set.inputDimension == 2,
      points: set.inputDimension == 2
        ? .init(x: (0..<set.sampleCount).map { set.input($0).first! }, y: set.targets) : nil,
      fitX: try reader.grid(rows))
  }

  private func about(_ set: Dataset) -> String {
    let base = store.definition.base
    let failures = rows.count { $0.result?.isSuccess != true }
    let mobilities = store.definition.mobilityText
    let failed = failures > 0 ? "; \(failures) failed" : ""
    return
      "\(rows.count) runs on \(set.name) (\(set.sampleCount) samples, d = \(set.inputDimension)), \(base.activation), "
      + "integrator \(base.integrator), rtol \(base.rtol)\(failed)\(mobilities.map { "; \($0)" } ?? ""). PhaseFlow \(phaseFlowVersion)"
  }

  private func phases(
    _ family: SweepFamily, _ gamma: [Double], _ gammaPrime: [Double]
  ) -> [String: SweepReportData.Phase] {
    var phases: [String: SweepReportData.Phase] = [:]
    for part in parts {
      let map = ExponentGrid(family, part, gamma: gamma, gammaPrime: gammaPrime)
      guard !map.slopes.isEmpty else { continue }
      phases[part.name] = .init(
        exponents: map.values { $0.fit.exponent }.map(finite), expected: map.expected.map(finite),
        errors: map.values { $0.fit.exponentError ?? .nan }.map(finite),
        mixed: map.values { $0.isMixed ? 1 : 0 }.map { $0 == 1 },
        zeros: PhaseBoundary.points(map.slopes).map { [$0.gamma, $0.gammaPrime, $0.error] },
        boundary: map.boundary.map { [$0.gamma, $0.gammaPrime] })
    }
    return phases
  }
}

/// JSON has no NaN.
func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
