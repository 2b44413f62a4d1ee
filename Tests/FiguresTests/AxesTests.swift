import Figures
import Foundation
import Testing

@Suite("Axes and legends")
struct AxesTests {
  /// The lines of the script of a figure with this panel.
  private func script(_ panel: Panel) throws -> [String] {
    try withTemporaryFolder { folder in
      try FigureWriter(folder: folder).write(Figure(panel), name: "f", formats: [])
      return try String(contentsOf: folder.appendingPathComponent("f.gp"), encoding: .utf8)
        .split(separator: "\n").map(String.init)
    }
  }

  /// The labels of an axis, small ticks left out.
  private func labels(_ axis: Axis) throws -> [String] {
    let lines = try script(Panel(x: axis, y: Axis("y")))
    let line = try #require(lines.first { $0.hasPrefix("set xtics") })
    return line.matches(of: #/'([^']+)' [-0-9.e]+/#).map { String($0.output.1) }
  }

  @Test("logarithmic ticks: powers of ten, at most seven of them, with 2 and 5 on a short axis")
  func logTicks() throws {
    func log(_ range: ClosedRange<Double>) throws -> [String] {
      try labels(Axis("x", scale: .log, range: range))
    }
    #expect(try log(1e-2...1e3) == ["10^{−2}", "10^{−1}", "10^{0}", "10^{1}", "10^{2}", "10^{3}"])
    #expect(
      try log(1e-12...1) == (-12...0).filter { $0 % 2 == 0 }.map { "10^{\($0)}".replacing("-", with: "−") })
    #expect(try log(0.9...60) == ["1", "2", "5", "10", "20", "50"])
    #expect(try log(0.03...0.08) == ["0.03", "0.05", "0.07"])
    #expect(try log(3e-7...9e-7) == ["3", "5", "7"].map { $0 + "×10^{−7}" })
    #expect(try log(1.01...1.04).count > 2)
    #expect(try log(1e-300...1e300).count <= 7)
  }

  @Test("linear ticks are round, and leave a common power of ten to the axis' name")
  func linearTicks() throws {
    func linear(_ range: ClosedRange<Double>) throws -> [String] {
      try labels(Axis("x", range: range))
    }
    #expect(try linear(-0.75...0.75) == ["−0.6", "−0.4", "−0.2", "0", "0.2", "0.4", "0.6"])
    #expect(try linear(0...100) == ["0", "20", "40", "60", "80", "100"])
    #expect(try linear(2.7e6...3.3e6) == ["2.7", "2.8", "2.9", "3.0", "3.1", "3.2", "3.3"])
    #expect(try linear(0...18_000) == ["0", "0.5", "1.0", "1.5"])
    let lines = try script(Panel(x: Axis("t", range: 0...1e8), y: Axis("y")))
    #expect(lines.contains { $0.hasPrefix("set xlabel 't  [10^{8}]'") })
    // Neighbouring doubles: no round numbers between them, and no endless list.
    #expect(try linear(1...(1.0).nextUp).count <= 7)
  }

  @Test("ticks by pi are named so")
  func piTicks() throws {
    let axis = FigureLibrary.orientationScatter(initial: ([], []), final: ([], [])).x
    #expect(try labels(axis) == ["−π", "−π/2", "0", "π/2", "π"])
    #expect(
      try labels(Axis("x", range: 0...10, ticks: .pi)) == ["0", "π/2", "π", "3π/2", "2π", "5π/2", "3π"])
  }

  @Test("the range holds all that can be drawn, and is never empty")
  func ranges() throws {
    func range(_ values: [Double], _ scale: Axis.Scale) throws -> (Double, Double) {
      let lines = try script(
        Panel(
          x: Axis("x", scale: scale), y: Axis("y"),
          series: [Series("s", .points(), x: values, y: values.map { _ in 1 })]))
      let line = try #require(lines.first { $0.hasPrefix("set xrange") })
      let ends = try #require(line.firstMatch(of: #/\[(.+):(.+)\]/#))
      return (try #require(Double(ends.1)), try #require(Double(ends.2)))
    }
    for (values, scale): ([Double], Axis.Scale) in [
      ([1, 2], .linear), ([5], .linear), ([0], .linear), ([-1e300, 1e300], .linear),
      ([1e-9, 1e9], .log), ([3, 3], .log), ([-1, 0, 2], .log), ([.nan, .infinity, 1], .linear),
      ([], .linear), ([], .log), ([Double("1e-320")!, 1], .log), ([-4e307, 4e307], .linear),
    ] {
      let (low, high) = try range(values, scale)
      #expect(low < high && low.isFinite && high.isFinite, "\(values)")
      for value in values where value.isFinite && (scale == .linear || value >= 1e-300) {
        #expect(low <= value && value <= high, "\(values)")
      }
    }
  }

  @Test("the legend takes the corner without data, and leaves the panel if there is none")
  func legend() throws {
    func key(_ points: [(Double, Double)]) throws -> String {
      let lines = try script(
        Panel(
          x: Axis("x", range: 0...1), y: Axis("y", range: 0...1),
          series: [
            Series("first", .points(), x: points.map(\.0), y: points.map(\.1)),
            Series("second", .points(), x: [0.5], y: [0.5]),
          ]))
      return try #require(lines.last { $0.hasPrefix("set key") })
    }
    let corners = [(0.9, 0.9), (0.1, 0.9), (0.1, 0.1), (0.9, 0.1)]
    let names = ["top right", "top left", "bottom left", "bottom right"]
    for free in 0..<4 {
      let others = (0..<4).filter { $0 != free }.map { corners[$0] }
      #expect(try key(others).hasPrefix("set key inside \(names[free])"))
    }
    #expect(try key(corners).hasPrefix("set key at screen"))
    // A line that crosses a corner between its points counts as data there.
    let lines = try script(
      Panel(
        x: Axis("x", range: 0...1), y: Axis("y", range: 0...1),
        series: [
          Series("a", .line(), x: [0.6, 1], y: [1, 0.6]), Series("b", .line(), x: [0, 1], y: [0, 1]),
        ]))
    #expect(lines.contains { $0.hasPrefix("set key inside top left") })
  }

  @Test("one named series needs no legend")
  func noLegend() throws {
    let lines = try script(
      Panel(x: Axis("x"), y: Axis("y"), series: [Series("a", .line(), x: [0, 1], y: [0, 1])]))
    #expect(lines.contains("set key off"))
  }

  @Test("a scatter of many neurons is thinned and says so")
  func thinning() {
    let many = (0..<50_000).map(Double.init)
    let panel = FigureLibrary.orientationScatter(initial: ([0], [1]), final: (many, many))
    #expect(panel.series[1].x.count <= FigureLibrary.maxScatterPoints)
    #expect(panel.series[1].name.markup == "final (1 in 3)")
    #expect(panel.series[0].name.markup == "initial")
  }
}
