import CSweepPage
import Foundation
import GradientFlow
import PluginKit
import Studies

/// A sweep as one HTML file that opens from disk, without a network: the map of its cells, and for each cell loss curves,
/// relative distances over time and width, neurons and learned functions. Chart.js, inside the file, draws.
public struct SweepReport {
  /// The most points of a curve and of a cloud of neurons. Ends are kept.
  public var curvePoints = 60
  public var neuronPoints = 1500

  let store: SweepStore
  let catalog: PluginCatalog

  public init(_ store: SweepStore, _ catalog: PluginCatalog) {
    self.store = store
    self.catalog = catalog
  }

  /// The text of the file; the same store gives the same bytes.
  ///
  /// - Throws: `UsageError` if no run is finished, `DatabaseError`.
  public func html() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let page = try SweepPage(self)
    // "</script>" in a text would end the element that holds it.
    let data = String(decoding: try encoder.encode(page), as: UTF8.self).replacing("</", with: "<\\/")
    return Self.text(csweeppage_html)
      .replacing("{{title}}", with: Self.escaped(page.title))
      .replacing("{{css}}", with: Self.text(csweeppage_css))
      .replacing("{{charts}}", with: Self.text(csweeppage_charts))
      .replacing("{{script}}", with: Self.text(csweeppage_script))
      .replacing("{{data}}", with: data)
  }

  private static func text(_ file: csweeppage_file) -> String {
    String(decoding: UnsafeBufferPointer(start: file.bytes, count: file.length), as: UTF8.self)
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
  }
}
