import BuiltinPlugins
import DeepNetworks
import Foundation
import Studies
import Testing

@testable import Sweeps

/// Three layers: 2 x 2 cells, two widths, two checks; a second.
let deepSweep = """
  base: {data: four-points, hidden: [1, 1], centred: true, rtol: 0.01, observe: [relative-distance], record: "geometric:5"}
  axes:
    gamma: [0.9, 2.1]
    gamma-prime: [-0.2, 0.2]
    width: [20, 60]
  keep: {neurons: 10, weights: true, fit: true}
  accuracy: {sample: 2, factor: 0.1}
  """

@Suite("A sweep of deep networks")
struct DeepSweepTests {
  @Test("has the widths in proportion and mobilities along its direction")
  func runs() throws {
    let yaml =
      deepSweep.replacing("hidden: [1, 1]", with: "hidden: [4, 2]")
      + "\nmobility-direction: [1, 0, -1]"
    let plan = try plan(yaml)
    #expect(try SweepDefinition(yaml: plan.definition.yaml) == plan.definition)
    let run = plan.runs[1]
    #expect((run.gamma, run.gammaPrime, run.width) == (0.9, -0.2, 60))
    #expect(run.configuration.hidden == [60, 30] && run.configuration.scalingWidth == nil)
    // g = gamma' d.
    #expect(run.configuration.mobilityExponents == [-0.2, 0, 0.2])
    // Weights: 2 * 60 + 60 * 30 + 30, at four samples.
    #expect(run.cost == 4 * 1950)
    // Of two layers gamma' is what it always was: kappa' = m^-gamma', mu = (kappa', 1/kappa').
    let two = try planned(hidden: "[1]").runs[0].configuration
    #expect(two.hidden.isEmpty && two.width == 20 && two.gammaPrime == -0.2)
    let three = try planned(hidden: "[1, 1]").runs[0].configuration
    #expect(three.mobilityExponents == [0.2, 0, -0.2])
  }

  private func planned(hidden: String) throws -> SweepPlan {
    try plan(deepSweep.replacing("[1, 1]", with: hidden).replacing("centred: true, ", with: ""))
  }

  @Test("does what 'phaseflow run' does, and keeps RD of each layer, neurons, function and weights")
  func results() throws {
    let plan = try plan(deepSweep)
    try withFolder { folder in
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      let rows = try store.rows()
      #expect(rows.count == 10 && rows.allSatisfy { $0.result?.isSuccess == true })
      for row in [rows[0], rows[7]] {
        let outcome = try Run(RunConfiguration(yaml: row.configuration), try .builtin, out: nil).run()
        let layers = try #require(outcome.summary.observers["relative-distance"]?["layers"]?.numbers)
        #expect(layers.count == 3 && row.result?.layers == layers)
        #expect(row.result?.final(.layer(2)) == layers[1] && row.result?.final(.layer(4)) == nil)
        #expect(
          row.result?.kappa == outcome.summary.deep?.kappa && row.result?.loss == outcome.summary.deep?.loss)
        #expect(try store.weights(of: row.id)?.values == outcome.state)
        #expect(try store.neurons(of: row.id, final: true)?.total == row.width)
        #expect(try store.curves(of: row.id)["rdW3"]?.last == layers[2])
        // The centred network starts at 0, and ends at the targets: 1e-3 is the square root of 2 R.
        let fit = try #require(try store.fit(of: row.id))
        let middle = fit.x.indices.min { abs(fit.x[$0] - 0.5) < abs(fit.x[$1] - 0.5) }!
        #expect(abs(fit.f[middle] - 0.25) < 0.01)
      }
      #expect(SweepPart.all(rows) == [.layer(1), .layer(2), .layer(3), .theta])
      let csv = SweepExport.csv(rows)
      #expect(
        csv.hasPrefix("run,")
          && csv.split(separator: "\n")[0].hasSuffix("rd_W1,sup_W1,rd_W2,sup_W2,rd_W3,sup_W3"))
      let summary = try SweepSummary(store)
      #expect(summary.phases.map(\.parameters) == ["W1", "W2", "W3", "theta"])
      // Beside each slope what the balance expects there.
      let cell = summary.phases[0].slopes.firstIndex { $0.gamma == 2.1 && $0.gammaPrime == 0.2 }!
      let expected = LayerExponents(gamma: 2.1, mobilityExponents: [-0.2, 0, 0.2]).slopes[0]
      #expect(abs(summary.phases[0].expected[cell]! - expected) < 1e-12)
      #expect(summary.accuracy?.text.contains("RD_W1 off by") == true)
    }
  }

  @Test("is the same from shards, and extended, as in one go")
  func ways() throws {
    let whole = try withFolder { folder in
      let plan = try plan(deepSweep)
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      return try contents(store)
    }
    try withFolder { folder in
      let plan = try plan(deepSweep)
      for i in 1...2 {
        try run(SweepStore("\(folder)/\(i)", plan, shard: Shard("\(i)/2")), plan)
      }
      _ = try SweepMerge([folder + "/1", folder + "/2"]).write(to: folder + "/merged") { _ in try .builtin }
      #expect(try contents(SweepStore(folder + "/merged")) == whole)
    }
    try withFolder { folder in
      let small = try plan(deepSweep.replacing("[20, 60]", with: "[20]"))
      try run(SweepStore(folder, small), small)
      let larger = try plan(deepSweep)
      let store = try SweepStore(extending: folder, larger)
      #expect(try store.counts().done >= 4)
      try run(store, larger)
      #expect(try contents(store) == whole)
    }
  }

  @Test("draws maps and growth by layer, and its page has the layers to choose from")
  func pictures() throws {
    for (figure, words) in [
      ("three-layer", ["S_{W_1}", "S_{W_2}", "S_{W_3}"]), ("three-layer-slopes", ["layer 3", "expected"]),
    ] {
      try withFolder { folder in
        let plan = try plan("figure: \(figure)\n" + deepSweep)
        let store = try SweepStore(folder, plan)
        try run(store, plan)
        let pictures = try SweepFigures(store, BuiltinPlugins.catalog()).draw()
        #expect(pictures.map(\.lastPathComponent) == ["\(figure).png"])
        let data = try String(
          contentsOf: store.folder.appending(path: "\(figure).dat"), encoding: .utf8)
        let script = try String(contentsOf: store.folder.appending(path: "\(figure).gp"), encoding: .utf8)
        for word in words { #expect((data + script).contains(word), "\(word)") }
        let page = try SweepReport(store, BuiltinPlugins.catalog()).html()
        #expect(page.contains(#""name":"W3""#) && page.contains("g₁ = −γ′, g₃ = γ′"))
      }
    }
  }

  /// Chooses the second layer, then the second seed, as by hand.
  private static let driver = """
    const text = () => document.getElementById("cell").textContent;
    const spoken = (element) => [element.computedRole, element.computedName];
    const ends = () => Chart.getChart("distance").data.datasets.map((set) => set.data.at(-1).y);
    const part = document.getElementById("part");
    report.layers = [...part.options].map((option) => [option.value, option.text]);
    report.spokenPart = spoken(part);
    location.hash = "#S=W1&gamma=2.1&gamma-prime=0.2";
    await new Promise((done) => setTimeout(done, 300));
    report.first = [text(), ends()];
    part.value = "W2";
    part.dispatchEvent(new Event("change"));
    report.second = [text(), ends()];
    report.axis = Chart.getChart("distance").options.scales.y.title.text;
    report.address = decodeURIComponent(location.hash);
    const seeds = document.getElementById("seeds");
    report.spokenSeeds = [spoken(seeds), ...[...seeds.querySelectorAll("input")].map(spoken)];
    seeds.querySelector("input").click();
    report.oneSeed = ends();
    report.told = document.getElementById("distance").getAttribute("aria-label");
    report.spokenCell = spoken(document.getElementById(document.getElementById("grid").getAttribute("aria-activedescendant")));
    report.heads = [...document.querySelectorAll("#runs th")].map((head) => head.textContent);
    """

  @Test(
    "has a page on which layers and seeds are selected, by hand and by what a screen reader is told",
    .enabled(if: Browser.path != nil, "needs Debian's chromium"))
  func page() throws {
    try withFolder { folder in
      let plan = try plan(
        deepSweep.replacing("  width: [20, 60]", with: "  width: [20, 60]\n  seed: [1, 2]"))
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      let page = try SweepReport(store, BuiltinPlugins.catalog()).html()
      let seen = try #require(try Browser.report(page, in: store.folder, driver: Self.driver))
      #expect(seen["complaints"] as? [String] == [])
      #expect((seen["layers"] as! [[String]]).map { $0[0] } == ["W1", "W2", "W3", "theta"])
      #expect((seen["layers"] as! [[String]])[1][1].contains("layer 2"), "\(seen["layers"]!)")
      #expect(seen["spokenPart"] as? [String] == ["combobox", "exponent S of"])
      // What the store has of the cell, to the five digits of the page.
      let rows = try store.rows().filter { $0.gamma == 2.1 && $0.gammaPrime == 0.2 && $0.checks == nil }
      #expect(rows.count == 4)
      func check(_ shown: Any?, _ rows: [SweepRow], layer: Int) throws {
        let shown = try #require(shown as? [Double])
        #expect(shown.count == rows.count)
        for (value, row) in zip(shown, rows) {
          #expect(abs(value / row.result!.final(.layer(layer))! - 1) < 5e-5)
        }
      }
      let (first, second) = (seen["first"] as! [Any], seen["second"] as! [Any])
      try check(first[1], rows, layer: 1)
      try check(second[1], rows, layer: 2)
      let name = (seen["axis"] as! String).dropFirst("RD of ".count)
      #expect((second[0] as! String).hasPrefix("γ = 2.1, γ′ = 0.2: S\(name) = "), "\(second[0])")
      #expect((seen["address"] as! String).hasPrefix("#S=W2&gamma=2.1&gamma-prime=0.2"))
      #expect(
        seen["spokenSeeds"] as? [[String]]
          == [["group", "Seeds"], ["checkbox", "seed 1"], ["checkbox", "seed 2"]])
      try check(seen["oneSeed"], rows.filter { $0.seed == 2 }, layer: 2)
      let told = seen["told"] as! String
      #expect(told.contains("seed 2: from ") && !told.contains("seed 1:"), "\(told)")
      #expect((seen["spokenCell"] as! [String])[0] == "gridcell")
      #expect((seen["heads"] as! [String]).filter { $0.hasPrefix("RD") }.count == 4)
    }
  }

  @Test(
    "that cannot be is refused, and says where",
    arguments: [
      ("mobility-direction: [1, -1]", "3 layers"), ("mobility-direction: [1, 1, 1]", "sum is 0"),
      ("axes: {beta2-exponent: [0, 1]}", "beta2-exponent"),
      ("base: {mobility-exponents: [0.5, -0.5]}", "3 layers"),
      ("base: {width: 30}", "width"), ("base: {width: 4000000000}", "width"),
      ("mobility-direction: []\naxes: {width: [9000000000000000000]}", "more weights"),
    ])
  func refused(yaml: String, word: String) throws {
    let text =
      yaml.hasPrefix("mobility")
      ? yaml + "\nbase: {hidden: [1, 1]}"
      : yaml.replacing("base: {", with: "base: {hidden: [1, 1], ")
        + (yaml.hasPrefix("axes") ? "\nbase: {hidden: [1, 1]}" : "")
    let error = #expect(throws: UsageError.self) { try plan(text) }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
  }
}
