import BuiltinPlugins
import Foundation
import Testing

@testable import Sweeps

@Suite("The page of a sweep") struct PageTests {
  private func page(_ folder: String) throws -> String {
    let plan = try plan()
    let store = try SweepStore(folder, plan)
    try run(store, plan)
    let report = SweepReport(store, try BuiltinPlugins.catalog())
    let html = try report.html()
    #expect(try report.html() == html, "the same store gives the same bytes")
    return html
  }

  @Test("needs nothing but itself") func selfContained() throws {
    try withFolder { folder in
      let html = try page(folder)
      for link in ["src=", "href=", "@import", "{{"] { #expect(!html.contains(link), "\(link)") }
      #expect(html.contains("Chart.js v3.9.1"))
    }
  }

  @Test("of a sweep without a finished run says so") func empty() throws {
    try withFolder { folder in
      let store = try SweepStore(folder, plan())
      #expect(throws: (any Error).self) { try SweepReport(store, BuiltinPlugins.catalog()).html() }
    }
  }

  @Test(
    "in a browser: no errors, and a click on a cell changes every panel",
    .enabled(if: Browser.path != nil, "no Chromium here (Debian: chromium)"))
  func browser() throws {
    try withFolder { folder in
      // The driver clicks like a hand: at the pixel of a cell, on the canvas.
      let html = try page(folder)
        .replacing("</head>", with: "<script>\(Browser.witness)</script></head>")
        .replacing("</body>", with: "<script>\(Browser.driver)</script></body>")
      let file = folder + "/driven.html"
      try Data(html.utf8).write(to: URL(filePath: file))
      let seen = try #require(try Browser.report(file))
      #expect(seen.errors == [])
      // 2 x 2 cells; the page opens on one of them.
      #expect(Set(seen.titles).count == 4)
      #expect(seen.texts.allSatisfy { $0.contains("S_w") })
      #expect(Set(seen.lossEnds).count == 4, "each cell has a loss curve of its own: \(seen.lossEnds)")
      // Two widths, one curve each; neurons after and before; data and two fits.
      #expect(seen.counts == ["loss": 2, "distance": 2, "scaling": 2, "fit": 3, "neurons": 3])
      #expect(seen.afterUnchecking == 1, "a width that is not wanted leaves the loss panel")
    }
  }
}

/// Chromium without a window.
private enum Browser {
  static let path = ["chromium", "chromium-browser", "google-chrome"].lazy.flatMap { name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
  }.first { FileManager.default.isExecutableFile(atPath: $0) }

  struct Report: Decodable {
    let errors: [String]
    let titles: [String]
    let texts: [String]
    let lossEnds: [Double]
    let counts: [String: Int]
    let afterUnchecking: Int
  }

  static let witness = """
    window.errors = [];
    window.addEventListener("error", (event) => errors.push(event.message));
    console.error = (...words) => errors.push(words.join(" "));
    """

  static let driver = """
    window.addEventListener("load", () => {
      const report = { errors, titles: [], texts: [], lossEnds: [], counts: {} };
      const map = Chart.getChart("map");
      const cells = map.data.datasets.findIndex((d) => d.isCells);
      for (let i = 0; i < map.data.datasets[cells].data.length; i++) {
        const place = map.getDatasetMeta(cells).data[i];
        const box = map.canvas.getBoundingClientRect();
        const [clientX, clientY] = [box.left + place.x, box.top + place.y];
        for (const kind of ["mousemove", "click"])
          map.canvas.dispatchEvent(new MouseEvent(kind, { clientX, clientY, bubbles: true, view: window }));
        report.titles.push(document.getElementById("cell-title").textContent);
        report.texts.push(document.getElementById("cell-text").textContent);
        report.lossEnds.push(Chart.getChart("loss").data.datasets[0].data.at(-1).y);
      }
      for (const id of ["loss", "distance", "scaling", "fit", "neurons"])
        report.counts[id] = Chart.getChart(id).data.datasets.length;
      document.querySelector("#widths input").click();
      report.afterUnchecking = Chart.getChart("loss").data.datasets.length;
      document.body.dataset.report = encodeURIComponent(JSON.stringify(report));
    });
    """

  static func report(_ file: String) throws -> Report? {
    let process = Process()
    process.executableURL = URL(filePath: path!)
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,1200",
      "--user-data-dir=\(file).profile", "--dump-dom", "--virtual-time-budget=5000", "file://\(file)",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let dom = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard let found = dom.firstMatch(of: /data-report="([^"]*)"/),
      let json = String(found.output.1).removingPercentEncoding
    else { return nil }
    return try JSONDecoder().decode(Report.self, from: Data(json.utf8))
  }
}
