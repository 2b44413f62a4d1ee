import Figures
import Foundation
import Testing

@Suite("Writing figures")
struct FigureWriterTests {
  private let figure = Figure(
    Panel(
      x: Axis("x"), y: Axis("y", scale: .log),
      series: [
        Series("gaps", .line(), x: [0, 0.1, 2, 3, 4], y: [1, 1.0 / 3, 0, -5, .nan]),
        Series("nothing", .points(), x: [], y: []),
        Series("one", .points(), x: [1], y: [1e-300]),
      ]))

  private func contents(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func install(gnuplot script: String, in folder: URL) throws -> String {
    let program = folder.appendingPathComponent("gnuplot")
    try Data(("#!/bin/sh\n" + script + "\n").utf8).write(to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    return folder.path
  }

  @Test("the data file has every digit, and NaN where an axis has no place for a number")
  func dataFile() throws {
    try withTemporaryFolder { (folder: URL) throws in
      let written = try FigureWriter(folder: folder).write(figure, name: "f", formats: [])
      #expect(written.omittedPoints == 3)
      let text = try String(contentsOf: folder.appendingPathComponent("f.dat"), encoding: .utf8)
      #expect(
        text == """
          # index 0: panel 1, series 1: 'gaps'
          # x y
          0.0 1.0
          0.1 0.3333333333333333
          2.0 NaN
          3.0 NaN
          4.0 NaN


          # index 1: panel 1, series 2: 'nothing'
          # x y
          NaN NaN


          # index 2: panel 1, series 3: 'one'
          # x y
          1.0 1e-300

          """)
      #expect(try contents(folder) == ["f.dat", "f.gp"])
    }
  }

  @Test("the same figure gives the same bytes, and the script makes them again where it lies")
  func deterministic() throws {
    try withTemporaryFolder { first in
      try withTemporaryFolder { second in
        let figure = Gallery.figures[0].figure
        let a = try FigureWriter(folder: first).write(figure, name: "f").files
        let b = try FigureWriter(folder: second).write(figure, name: "f").files
        let bytes = try a.map { try Data(contentsOf: $0) }
        #expect(try b.map { try Data(contentsOf: $0) } == bytes)
        for picture in a.suffix(3) { try FileManager.default.removeItem(at: picture) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gnuplot", "f.gp"]
        process.currentDirectoryURL = first
        try process.run()
        process.waitUntilExit()
        // But for the PDF, whose date the writer takes out.
        #expect(try a.dropLast().map { try Data(contentsOf: $0) } == bytes.dropLast())
        #expect(FileManager.default.fileExists(atPath: a.last!.path))
      }
    }
  }

  @Test("without gnuplot there is a clear error and no file")
  func missing() throws {
    try withTemporaryFolder { (folder: URL) throws in
      let writer = FigureWriter(folder: folder, searchPath: "/nowhere:/neither")
      #expect(throws: FigureError.gnuplotMissing(searched: ["/nowhere", "/neither"])) {
        try writer.write(figure, name: "f")
      }
      #expect(try contents(folder) == [])
      #expect(try writer.write(figure, name: "f", formats: []).files.count == 2)
    }
  }

  @Test("what gnuplot says when it fails is in the error, and the older files stay as they are")
  func failing() throws {
    try withTemporaryFolder { (folder: URL) throws in
      try withTemporaryFolder { programs in
        var writer = FigureWriter(folder: folder)
        let files = try writer.write(figure, name: "f").files
        let before = try files.map { try Data(contentsOf: $0) }
        writer.searchPath = try install(
          gnuplot: "echo half > f.svg; echo 'line 3: no such thing' >&2; exit 3", in: programs)
        #expect(
          throws: FigureError.gnuplotFailed(
            script: "f.gp", status: 3, message: "line 3: no such thing")
        ) { try writer.write(Gallery.figures[1].figure, name: "f") }
        #expect(try files.map { try Data(contentsOf: $0) } == before)
        #expect(try contents(folder) == ["f.dat", "f.gp", "f.pdf", "f.png", "f.svg"])
        writer.searchPath = try install(gnuplot: "exit 0", in: programs)
        #expect(throws: FigureError.noOutput(file: "f.svg", message: "")) {
          try writer.write(figure, name: "f")
        }
      }
    }
  }

  @Test(
    "a name that would leave the folder or the quotes is refused",
    arguments: ["", ".f", "-f", "a/b", "a'b", "a b"])
  func badNames(name: String) throws {
    try withTemporaryFolder { (folder: URL) throws in
      #expect(throws: FigureError.badName(name)) {
        try FigureWriter(folder: folder).write(figure, name: name, formats: [])
      }
    }
  }

  @Test("a folder that cannot be made is named")
  func unusableFolder() throws {
    try withTemporaryFolder { (folder: URL) throws in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let error = #expect(throws: FigureError.self) {
        try FigureWriter(folder: file).write(figure, name: "f", formats: [])
      }
      #expect(error.map { "\($0)".contains(file.path) } == true)
    }
  }

  @Test("text of a user's is shown as it is and cannot become a command")
  func hostileText() throws {
    try withTemporaryFolder { (folder: URL) throws in
      let evil = "it's a_b^c {d} @e &f ~g \\h\n'; system('touch evil') # `touch evil`"
      let shown = "it’s a_b^c {d} @e &f ~g \\h ’; system(’touch evil’) # `touch evil`"
      let panel = Panel(
        title: .plain(evil), x: Axis("x"), y: Axis("y"),
        series: [Series(.plain(evil), .line(), x: [0, 1], y: [0, 1])])
      let written = try FigureWriter(folder: folder).write(Figure(panel), name: "f")
      #expect(written.warnings == "")
      #expect(try contents(folder) == ["f.dat", "f.gp", "f.pdf", "f.png", "f.svg"])
      let svg = try String(contentsOf: written.files[2], encoding: .utf8)
      // The text alone, without the elements that gnuplot wraps it in.
      let text = svg.replacing(#/<[^>]*>/#, with: "").replacing("&amp;", with: "&")
        .replacing("&#160;", with: " ").replacing("\u{A0}", with: " ")
      #expect(text.contains(shown))
    }
  }
}
