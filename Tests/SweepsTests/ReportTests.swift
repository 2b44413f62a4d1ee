import BuiltinPlugins
import Foundation
import Testing

@testable import Sweeps

/// 3 x 2 cells with neurons, curves and fits, two seeds.
private let reportSweep = """
  base: {data: four-points, asi: true, rtol: 0.01, observe: [relative-distance], record: steps}
  axes:
    gamma: [0.5, 1.25, 1.75]
    gamma-prime: [-0.3, 0]
    width: [20, 60]
    seed: [1, 2]
  asi-width: copy
  keep: {neurons: 30, fit: true}
  accuracy: {sample: 1}
  """

@Suite("The page of a sweep")
struct ReportTests {
  private func withReport(_ body: (SweepStore, String, URL) throws -> Void) throws {
    try withFolder { folder in
      let plan = try plan(reportSweep)
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      let page = try SweepReport(store, BuiltinPlugins.catalog()).html()
      let file = store.folder.appending(path: "report.html")
      try Data(page.utf8).write(to: file)
      try body(store, page, file)
    }
  }

  private func data(_ page: String) throws -> [String: Any] {
    let start = try #require(page.range(of: #"<script type="application/json" id="data">"#))
    let end = try #require(page[start.upperBound...].range(of: "</script>"))
    let json = Data(page[start.upperBound..<end.lowerBound].utf8)
    return try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
  }

  @Test("holds every run but the checks, with the store's numbers to five digits, and is the same twice")
  func numbers() throws {
    try withReport { store, page, _ in
      #expect(try SweepReport(store, BuiltinPlugins.catalog()).html() == page)
      let data = try data(page)
      #expect(data["gamma"] as? [Double] == [0.5, 1.25, 1.75])
      #expect(data["gammaPrime"] as? [Double] == [-0.3, 0])
      let cells = try #require(data["cells"] as? [[[[String: Any]]]])
      let runs = cells.joined().joined()
      #expect(runs.count == 24 && Set(runs.map { $0["id"] as! Int }).count == 24)
      // gamma = 1.75, gamma' = 0 is the last cell.
      for shown in cells[0][5] {
        let row = try store.row(shown["id"] as! Int)
        #expect(row.gamma == 1.75 && row.gammaPrime == 0)
        let distance = (shown["distances"] as! [Double])[0]
        #expect(abs(distance / row.result!.final[.w]! - 1) < 5e-5)
        let curve = try #require(shown["curve"] as? [String: [Double]])
        let kept = try store.curves(of: row.id)
        #expect(abs(curve["loss"]!.last! / kept["loss"]!.last! - 1) < 5e-5)
        #expect((shown["final"] as! [String: Any])["total"] as? Int == 2 * row.width)
      }
      let slope = try #require(SweepSlopes(store.rows()).slopes(.w).last)
      let phases = try #require(data["phases"] as? [[String: [String: Any]]])
      #expect((phases[0]["w"]!["exponents"] as! [Double]).last == slope.fit.exponent)
    }
  }

  @Test("needs no network: nothing in it is loaded from elsewhere")
  func selfContained() throws {
    try withReport { _, page, _ in
      #expect(
        !page.contains("<script src") && !page.contains("<link rel=\"stylesheet\"")
          && !page.contains("@import"))
      #expect(page.contains("Chart.js v3.9.1"))
      #expect(page.firstMatch(of: #/\{\{[a-z]+\}\}/#) == nil)
    }
  }

  @Test("a sweep without a finished run is refused")
  func empty() throws {
    try withFolder { folder in
      let store = try SweepStore(folder, plan(reportSweep))
      #expect(throws: (any Error).self) { try SweepReport(store, BuiltinPlugins.catalog()) }
    }
  }

  @Test(
    "in Chromium: no complaint on the console, a click on a cell changes its panels, and so do the choices",
    .enabled(if: Browser.driverPath != nil, "needs Debian's chromium and chromium-driver"))
  func browser() throws {
    try withReport { store, _, file in
      let browser = try Browser()
      defer { browser.close() }
      try browser.open(file)
      #expect(try browser.complaints() == [])
      #expect(try browser.evaluate("return performance.getEntriesByType('resource').length") as? Int == 0)
      func text(_ id: String) throws -> String {
        try browser.evaluate("return document.getElementById('\(id)').textContent") as! String
      }
      func losses() throws -> [Double] {
        try browser.evaluate("return Chart.getChart('loss').data.datasets.map((s) => s.data.at(-1).y)")
          as! [Double]
      }
      #expect(try text("cell").hasPrefix("γ = 0.5, γ′ = −0.3: S_w = −"))
      let before = try losses()

      // The place of gamma = 1.75, gamma' = 0 in the window.
      let place =
        try browser.evaluate(
          """
          const map = Chart.getChart('map'), box = map.canvas.getBoundingClientRect();
          return [box.left + map.scales.x.getPixelForValue(1.7), box.top + map.scales.y.getPixelForValue(0.05)];
          """) as! [Double]
      try browser.click(x: place[0], y: place[1])
      #expect(try text("cell").hasPrefix("γ = 1.75, γ′ = 0: S_w = +"))
      let rows = try store.rows().filter { $0.gamma == 1.75 && $0.gammaPrime == 0 && $0.checks == nil }
      let after = try losses()
      #expect(after != before && after.count == rows.count)
      for (shown, row) in zip(after, rows) { #expect(abs(shown / row.result!.loss! - 1) < 5e-5) }
      for panel in ["distance", "neurons", "fit"] {
        let points =
          try browser.evaluate(
            "return Chart.getChart('\(panel)').data.datasets.reduce((n, s) => n + s.data.length, 0)") as! Int
        #expect(points > 100, "\(panel)")
      }
      // One width and one seed less.
      try browser.evaluate("document.querySelector('#widths input').click()")
      #expect(try losses().count == 2)
      try browser.evaluate("document.querySelector('#seeds input').click()")
      #expect(try losses().count == 1)
      try browser.evaluate(
        "const part = document.getElementById('part'); part.value = 'theta'; part.dispatchEvent(new Event('change'))"
      )
      #expect(try text("cell").contains("S_θ = +"))
      #expect(try browser.complaints() == [])
      // To look at it: REPORT_SCREENSHOT=/some/file.png swift test --filter ReportTests
      if let path = ProcessInfo.processInfo.environment["REPORT_SCREENSHOT"] {
        try browser.screenshot().write(to: URL(filePath: path))
      }
    }
  }
}
