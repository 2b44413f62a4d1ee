import Figures
import Foundation
import Testing

@Suite("The standard pictures")
struct GalleryTests {
  @Test(
    "every one becomes data, script, SVG and PNG",
    arguments: (Gallery.figures + PhaseGallery.figures).map(\.name))
  func written(name: String) throws {
    let figure = (Gallery.figures + PhaseGallery.figures).first { $0.name == name }!.figure
    try withTemporaryFolder { temporary in
      // To look at them: FIGURE_GALLERY=/some/folder swift test --filter FiguresTests
      let folder = ProcessInfo.processInfo.environment["FIGURE_GALLERY"].map {
        URL(fileURLWithPath: $0)
      }
      let target = folder ?? temporary
      let written = try FigureWriter(folder: target).write(figure, name: name)
      #expect(
        written.files.map(\.lastPathComponent) == ["dat", "gp", "svg", "png", "pdf"].map { "\(name).\($0)" })
      #expect(written.warnings == "")
      let svg = try String(contentsOf: written.files[2], encoding: .utf8)
      #expect(svg.hasSuffix("</svg>\n\n") || svg.hasSuffix("</svg>\n"))
      let png = try Data(contentsOf: written.files[3])
      #expect(png.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))

      // What the picture looked like when somebody last looked at it. After a change that is meant:
      // FIGURE_REFERENCES=1 swift test --filter FiguresTests, and look at the new ones with FIGURE_GALLERY.
      let seen = try Thumbnail(png: png)
      let file = Self.references.appending(path: "\(name).pgm")
      if ProcessInfo.processInfo.environment["FIGURE_REFERENCES"] != nil { try seen.pgm.write(to: file) }
      let kept = try Thumbnail(pgm: Data(contentsOf: file))
      #expect(seen.difference(from: kept) < Self.tolerance, "\(name) looks different")
    }
  }

  private static let references = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "References")
  /// Of the 255 shades of grey, root mean square. Another version of the fonts makes 1 to 2.
  private static let tolerance = 4.0

  @Test("a picture with a moved legend, a lost series or other numbers is not taken for the kept one")
  func sensitive() throws {
    func thumbnail(_ change: (inout Panel) -> Void) throws -> Thumbnail {
      var panel = Panel(
        title: "title", x: Axis("x"), y: Axis("y"),
        series: [
          Series("one", .line(), x: [0, 1, 2], y: [0, 1, 4]),
          Series("two", .line(), x: [0, 1, 2], y: [4, 3, 0]),
        ], legend: .topLeft)
      change(&panel)
      return try withTemporaryFolder { folder in
        let written = try FigureWriter(folder: folder).write(Figure(panel), name: "p", formats: [.png])
        return try Thumbnail(png: Data(contentsOf: written.files[2]))
      }
    }
    let kept = try thumbnail { _ in }
    #expect(try kept.difference(from: thumbnail { _ in }) == 0)
    #expect(try kept.difference(from: thumbnail { $0.legend = .bottomRight }) > Self.tolerance)
    #expect(try kept.difference(from: thumbnail { $0.series.removeLast() }) > Self.tolerance)
    #expect(try kept.difference(from: thumbnail { $0.x.scale = .log }) > Self.tolerance)
  }

  @Test(
    "a style's size is that of the whole picture, in fewer columns if need be; too small a size is refused",
    arguments: [(240.0, 300.0), (500, 400), (900, 700)])
  func sized(width: Double, height: Double) throws {
    let panel = Panel(
      title: "t", x: Axis("x"), y: Axis("y"),
      series: [
        Series("one", .line(), x: [0, 1], y: [0, 1]), Series("two", .line(), x: [0, 1], y: [1, 0]),
      ])
    try withTemporaryFolder { folder in
      let figure = Figure(panels: [panel, panel], columns: 2)
      try FigureStyle.$current.withValue(FigureStyle(width: width, height: height)) {
        let written = try FigureWriter(folder: folder).write(figure, name: "p", formats: [.svg, .pdf])
        let svg = try String(contentsOf: written.files[2], encoding: .utf8)
        #expect(svg.contains("width=\"\(Int(width))\" height=\"\(Int(height))\""))
        let pdf = try String(decoding: Data(contentsOf: written.files[3]), as: UTF8.self)
        #expect(!pdf.contains("CreationDate"))
      }
      FigureStyle.$current.withValue(FigureStyle(width: width, height: 60)) {
        #expect(throws: FigureError.self) { try FigureWriter(folder: folder).write(figure, name: "q") }
      }
    }
  }
}

/// A folder of the test's own, removed afterwards.
@discardableResult
func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "figures-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
