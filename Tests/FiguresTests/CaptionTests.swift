import Testing

@testable import Figures

@Suite("A caption") struct CaptionTests {
  @Test("longer than the figure is wide is broken between words, none lost, symbols whole")
  func wraps() {
    let words = Array(repeating: FigureText("word ") + .symbol("m") + " = 10^{4},", count: 20)
    let text = words.dropFirst().reduce(words[0]) { $0 + " " + $1 }
    var figure = Figure(Panel(x: Axis("x"), y: Axis("y")), size: .init(width: 200, height: 100))
    figure.caption = [text, "short"]
    let lines = FigureLayout.captionLines(figure)
    let most = Int(FigureLayout.width(figure) / FigureLayout.captionLetterWidth)
    #expect(lines.count > 3)
    #expect(lines.allSatisfy { $0.visibleLength <= most })
    #expect(lines.dropLast().map(\.markup).joined(separator: " ") == text.markup)
    #expect(lines.last == "short")
    #expect(!lines.contains { $0.markup.hasSuffix("{/:Italic") })
  }

  @Test("takes a row of the figure's height for each line")
  func height() {
    var figure = Figure(Panel(x: Axis("x"), y: Axis("y")), size: .init(width: 200, height: 100))
    figure.caption = ["short"]
    let one = FigureLayout(figure, legendRows: [0]).height
    figure.caption = [FigureText(markup: Array(repeating: "word", count: 40).joined(separator: " "))]
    let rows = FigureLayout.captionLines(figure).count
    #expect(
      FigureLayout(figure, legendRows: [0]).height - one == Double(rows - 1) * FigureLayout.captionRowHeight)
  }

  @Test(
    "writes small numbers as powers of ten", arguments: [(1.4e-3, "1.4×10^{−3}"), (0, "0.0"), (2.5, "2.5")])
  func scientific(value: Double, markup: String) {
    #expect(FigureText.scientific(value).markup == markup)
  }
}
