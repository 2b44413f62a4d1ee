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
        #expect(abs(distance / row.result!.final(.w)! - 1) < 5e-5)
        let curve = try #require(shown["curve"] as? [String: [Double]])
        let kept = try store.curves(of: row.id)
        #expect(abs(curve["loss"]!.last! / kept["loss"]!.last! - 1) < 5e-5)
        #expect((shown["final"] as! [String: Any])["total"] as? Int == 2 * row.width)
      }
      let slope = try #require(SweepSlopes(store.rows()).slopes(.w).last)
      let phases = try #require(data["phases"] as? [[String: [String: Any]]])
      let shown = try #require((phases[0]["w"]!["exponents"] as! [Double]).last)
      #expect(abs(shown / slope.fit.exponent - 1) < 5e-5)
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

  /// Clicks like a hand, at the pixel of a cell on the canvas.
  private static let driver = """
    const text = () => document.getElementById("cell").textContent;
    // All runs stop at the same loss, each at a time of its own.
    const ends = () => Chart.getChart("loss").data.datasets.map((s) => s.data.at(-1).x);
    // From the left edge of the first column to the right edge of the last there is no gap, though gamma is uneven.
    const cells = Chart.getChart("map").getDatasetMeta(0).data.map((bar) => [bar.x - bar.width / 2, bar.x + bar.width / 2]);
    report.gap = Math.max(...cells.slice(1).map(([left], i) => Math.abs(left - cells[i][1])));
    report.ticks = ["x", "y"].flatMap((axis) => Chart.getChart("map").scales[axis].ticks.map((tick) => tick.label));
    report.resources = performance.getEntriesByType("resource").length;
    report.opens = text();
    report.endsBefore = ends();
    const map = Chart.getChart("map"), box = map.canvas.getBoundingClientRect();
    // In the cell of gamma = 1.75, gamma' = 0, off its centre.
    const place = {
      clientX: box.left + map.scales.x.getPixelForValue(1.7),
      clientY: box.top + map.scales.y.getPixelForValue(0.05), bubbles: true, view: window,
    };
    // Charts handle what happens to them at the next frame.
    for (const kind of ["mousemove", "click"]) {
      map.canvas.dispatchEvent(new MouseEvent(kind, place));
      await new Promise((done) => setTimeout(done, 300));
    }
    report.clicked = text();
    report.ends = ends();
    report.points = ["distance", "neurons", "fit"].map((panel) =>
      Chart.getChart(panel).data.datasets.reduce((n, s) => n + s.data.length, 0));
    document.querySelector("#widths input").click();
    report.withoutWidth = ends().length;
    document.querySelector("#seeds input").click();
    report.withoutSeed = ends().length;
    const part = document.getElementById("part");
    part.value = "theta";
    part.dispatchEvent(new Event("change"));
    report.otherPart = text();
    report.address = decodeURIComponent(location.hash);
    // What a screen reader is told, by the browser's own accessibility tree.
    const spoken = (element) => [element.computedRole, element.computedName];
    report.spoken = ["grid", "part", "loss", "cell", "widths"].map((id) => spoken(document.getElementById(id)));
    const active = document.getElementById(document.getElementById("grid").getAttribute("aria-activedescendant"));
    report.spokenCell = spoken(active);
    report.tabStops = [...document.querySelectorAll("[tabindex='0'], button, select, input")].length;
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
    report.afterKey = text();
    // An address leads back to its cell.
    location.hash = "#S=w&gamma=0.5&gamma-prime=0&seeds=2";
    await new Promise((done) => setTimeout(done, 300));
    report.fromAddress = [text(), ends().length];
    // The seeds of each width in one line with a band.
    location.hash = "#S=w&gamma=1.75&gamma-prime=0";
    await new Promise((done) => setTimeout(done, 300));
    const curves = () => Chart.getChart("loss").data.datasets.map((set) => ({
      label: set.label, x: set.data.map((p) => p.x), y: set.data.map((p) => p.y) }));
    report.single = curves();
    const mean = document.getElementById("mean");
    report.spokenMean = spoken(mean);
    mean.click();
    report.mean = curves();
    report.meanAddress = location.hash;
    report.meanTold = document.getElementById("loss").getAttribute("aria-label");
    location.hash = "#S=w&gamma=0.5&gamma-prime=0&seeds=2";
    await new Promise((done) => setTimeout(done, 300));
    report.afterMean = ends().length;
    report.commands = [...document.querySelectorAll("#runs button")].map((button) => button.title);
    // A window that gets narrower, and wider again.
    report.widths = [];
    for (const width of ["420px", "1280px", "700px", ""]) {
      document.body.style.width = width;
      // Charts watch their boxes, but not in the browser's virtual time.
      for (const chart of Object.values(Chart.instances)) chart.resize();
      const box = document.body.getBoundingClientRect().width;
      report.widths.push(Math.max(...[...document.querySelectorAll("canvas")].map((c) => c.getBoundingClientRect().right)) - box);
    }
    """

  private typealias PageCurve = (label: String, x: [Double], y: [Double])

  private func curves(_ found: Any?) throws -> [PageCurve] {
    try #require(found as? [[String: Any]]).map {
      ($0["label"] as! String, $0["x"] as! [Double], $0["y"] as! [Double])
    }
  }

  /// Of two values `a` and `b` the geometric mean is `sqrt(a b)`, and the standard deviation of the logarithms `|log(a/b)|/sqrt(2)`; looked at
  /// where the shorter of the two runs ends, between two points of the longer.
  private func checkMeans(of single: [PageCurve], _ mean: [PageCurve]) throws {
    #expect(single.count == 4 && mean.count == 6)
    for (i, width) in [20, 60].enumerated() {
      let seeds = single.filter { $0.label.hasPrefix("m = \(width),") }.sorted { $0.x.last! < $1.x.last! }
      let shown = mean[3 * i..<3 * i + 3].map { $0 }
      #expect(shown.allSatisfy { $0.label.hasPrefix("m = \(width),") } && seeds.count == 2)
      let end = try #require(shown[0].x.last)
      #expect(end == seeds[0].x.last!)
      let k = try #require(seeds[1].x.firstIndex { $0 >= end })
      let share = log(end / seeds[1].x[k - 1]) / log(seeds[1].x[k] / seeds[1].x[k - 1])
      let other = seeds[1].y[k - 1] * pow(seeds[1].y[k] / seeds[1].y[k - 1], share)
      let spread = abs(log(other / seeds[0].y.last!)) / 2.0.squareRoot()
      #expect(abs(shown[0].y.last! / (other * seeds[0].y.last!).squareRoot() - 1) < 1e-12)
      #expect(abs(shown[2].y.last! / shown[0].y.last! / exp(spread) - 1) < 1e-12)
      #expect(abs(shown[1].y.last! / shown[0].y.last! / exp(-spread) - 1) < 1e-12)
    }
  }

  @Test(
    "in Chromium: no complaint on the console, a click on a cell changes its panels, and so do the choices",
    .enabled(if: Browser.path != nil, "needs Debian's chromium"))
  func browser() throws {
    try withReport { store, page, file in
      let seen = try #require(
        try Browser.report(page, in: file.deletingLastPathComponent(), driver: Self.driver))
      #expect(seen["complaints"] as? [String] == [])
      #expect(seen["resources"] as? Int == 0)
      #expect(try #require(seen["gap"] as? Double) < 0.1)
      let ticks = seen["ticks"] as! [String]
      #expect(ticks.contains { $0.hasPrefix("−") } && !ticks.contains { $0.contains("-") })
      #expect((seen["opens"] as! String).hasPrefix("γ = 0.5, γ′ = −0.3: Sw = −"))
      #expect((seen["clicked"] as! String).hasPrefix("γ = 1.75, γ′ = 0: Sw = +"))
      let rows = try store.rows().filter { $0.gamma == 1.75 && $0.gammaPrime == 0 && $0.checks == nil }
      let ends = seen["ends"] as! [Double]
      #expect(ends != seen["endsBefore"] as! [Double] && ends.count == rows.count)
      for (shown, row) in zip(ends, rows) { #expect(abs(shown / row.result!.time! - 1) < 5e-5) }
      // Curves, 30 neurons at the end, the function on its grid.
      #expect((seen["points"] as! [Int]).allSatisfy { $0 >= 30 }, "\(seen["points"]!)")
      #expect(seen["withoutWidth"] as? Int == 2 && seen["withoutSeed"] as? Int == 1)
      #expect((seen["otherPart"] as! String).contains("Sθ = +"))
      #expect((seen["address"] as! String).hasPrefix("#S=theta&gamma=1.75&gamma-prime=0&"))
      let spoken = seen["spoken"] as! [[String]]
      #expect(spoken.map { $0[0] } == ["grid", "combobox", "image", "heading", "group"])
      #expect(spoken.allSatisfy { !$0[1].isEmpty }, "\(spoken)")
      let cell = seen["spokenCell"] as! [String]
      #expect(cell[0] == "gridcell" && cell[1].hasPrefix("γ = 1.75, γ′ = 0: S = +"), "\(cell)")
      #expect((seen["afterKey"] as! String).hasPrefix("γ = 1.25, γ′ = 0:"))
      let back = seen["fromAddress"] as! [Any]
      #expect((back[0] as! String).hasPrefix("γ = 0.5, γ′ = 0: Sw") && back[1] as? Int == 2)
      let chosen = try store.rows().filter {
        $0.gamma == 0.5 && $0.gammaPrime == 0 && $0.seed == 2 && $0.checks == nil
      }
      #expect(try seen["commands"] as! [String] == chosen.map { try $0.command() })
      #expect(seen["spokenMean"] as? [String] == ["checkbox", "mean over the seeds"])
      #expect((seen["meanAddress"] as! String).contains("mean=yes"))
      #expect((seen["meanTold"] as! String).contains("m = 20, mean of 2 seeds: from "))
      // An address without it shows the seeds again: two widths of one seed.
      #expect(seen["afterMean"] as? Int == 2)
      try checkMeans(of: curves(seen["single"]), curves(seen["mean"]))
      #expect((seen["widths"] as! [Double]).allSatisfy { $0 < 1 }, "\(seen["widths"]!)")
      // To look at it: REPORT_SCREENSHOT=/some/file.png swift test --filter ReportTests
      if let path = ProcessInfo.processInfo.environment["REPORT_SCREENSHOT"] {
        try Browser.screenshot(file, to: path)
      }
    }
  }
}
