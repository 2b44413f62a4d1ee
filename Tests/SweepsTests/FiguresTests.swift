import BuiltinPlugins
import Foundation
import Testing

@testable import Sweeps

@Suite("The pictures of a sweep")
struct SweepFiguresTests {
  private let axes = """
    base: {data: four-points, asi: true, rtol: 0.01, observe: [relative-distance], record: steps}
    axes: {gamma: [0.5, 1.25, 1.75], gamma-prime: [-0.3, 0], width: [20, 60]}
    asi-width: copy
    keep: {neurons: 30, fit: true}
    accuracy: {sample: 1}
    """

  /// The pictures of `yaml`, by name, and the text of their data.
  private func draw(_ yaml: String) throws -> [String: String] {
    try withFolder { folder in
      let plan = try plan(yaml)
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      let pictures = try SweepFigures(store, BuiltinPlugins.catalog()).draw()
      return try Dictionary(
        uniqueKeysWithValues: pictures.map { picture in
          #expect(try Data(contentsOf: picture).count > 5000)
          let data = picture.deletingPathExtension().appendingPathExtension("dat")
          return (picture.lastPathComponent, try String(contentsOf: data, encoding: .utf8))
        })
    }
  }

  @Test(
    "each preset's figure gets its name, and the phase diagram is beside it",
    arguments: [
      ("figure-2", ["learned", "initial"]), ("figure-3", ["slope"]), ("figure-4", ["S_{w}"]),
      ("figure-6", ["{/:Italic m} = 20", "{/:Italic m} = 60"]), ("figure-10", ["S_{θ}", "S_{a}"]),
    ])
  func presets(name: String, words: [String]) throws {
    let pictures = try draw("figure: \(name)\n" + axes)
    #expect(pictures.keys.sorted() == ["\(name).png", "phase-diagram.png"])
    for word in words { #expect(pictures["\(name).png"]!.contains(word), "\(word)") }
  }

  @Test("your own sweep shows its exponents, its growth and its neurons")
  func own() throws {
    let pictures = try draw(axes)
    #expect(
      pictures.keys.sorted() == ["condensation.png", "exponents.png", "growth.png", "phase-diagram.png"])
  }

  @Test("several seeds become means in bands, and the caption says so; of one seed it says nothing")
  func seeds() throws {
    let told = "geometric mean over the seeds"
    for (seeds, isOfSeveral) in [("[1, 2, 3]", true), ("[1]", false)] {
      try withFolder { folder in
        let yaml =
          "figure: figure-3\n" + axes.replacing("width: [20, 60]}", with: "width: [20, 60], seed: \(seeds)}")
        let plan = try plan(yaml)
        let store = try SweepStore(folder, plan)
        try run(store, plan)
        try SweepFigures(store, BuiltinPlugins.catalog()).draw()
        let script = try String(contentsOf: store.folder.appending(path: "figure-3.gp"), encoding: .utf8)
        #expect(script.contains(told) == isOfSeveral)
        #expect(script.contains("filledcurves closed") == isOfSeveral)
        #expect(script.contains("standard error of the slope"))
      }
    }
  }

  @Test("the cells of the map are the slopes of the store")
  func cells() throws {
    try withFolder { folder in
      let plan = try plan("figure: figure-4\n" + axes)
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      try SweepFigures(store, BuiltinPlugins.catalog()).draw()
      let text = try String(contentsOf: store.folder.appending(path: "figure-4.dat"), encoding: .utf8)
      let cells = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
        .filter { $0.count == 7 }.map { $0.map { Double($0)! } }
      let slopes = try SweepSlopes(store.rows()).slopes(.w)
      #expect(cells.count == 6)
      for cell in cells {
        let slope = slopes.first { $0.gamma == cell[0] && $0.gammaPrime == cell[1] }
        #expect(cell[6] == slope?.fit.exponent)
      }
    }
  }
}
