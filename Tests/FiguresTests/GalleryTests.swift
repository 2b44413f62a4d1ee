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
        written.files.map(\.lastPathComponent) == ["dat", "gp", "svg", "png"].map { "\(name).\($0)" })
      #expect(written.warnings == "")
      let svg = try String(contentsOf: written.files[2], encoding: .utf8)
      #expect(svg.hasSuffix("</svg>\n\n") || svg.hasSuffix("</svg>\n"))
      let png = try Data(contentsOf: written.files[3])
      #expect(png.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
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
