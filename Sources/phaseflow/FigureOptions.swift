import ArgumentParser
import Figures

/// A command that draws, in the style of its options.
protocol DrawingCommand: ParsableCommand {
  var figures: FigureOptions { get }
}

struct FigureOptions: ParsableArguments {
  @Option(
    help: .init(
      "Size of each picture in centimetres, as for a journal's column: 8.5 or 8.5x6.",
      valueName: "width[xheight]"))
  var figureSize: FigureSize?

  var style: FigureStyle {
    func points(_ centimetres: Double?) -> Double? { centimetres.map { $0 / 2.54 * 72 } }
    return FigureStyle(width: points(figureSize?.width), height: points(figureSize?.height))
  }
}

/// In centimetres.
struct FigureSize: ExpressibleByArgument {
  let width: Double
  let height: Double?

  init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...2).contains(parts.count), parts.allSatisfy({ $0.map { (1...200).contains($0) } ?? false })
    else { return nil }
    width = parts[0]!
    height = parts.count == 2 ? parts[1] : nil
  }
}
