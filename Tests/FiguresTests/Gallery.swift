import Figures
import Foundation

/// Inputs that look like real ones: normal starts from a fixed generator, states as the four-point
/// problem leaves them, log-spaced records.
enum Gallery {
  static var figures: [(name: String, figure: Figure)] {
    [
      ("figure2", figure2),
      (
        "loss",
        Figure(
          FigureLibrary.lossCurve(
            [1.0, 0.1, 0.01].enumerated().map { i, rate in
              .init(
                FigureText(markup: "γ = \(["0.5", "1", "1.75"][i])"), x: times,
                y: times.map { 0.02 * exp(-rate * $0) + 1e-9 })
            }, title: "Loss"))
      ),
      (
        "loss-fit",
        Figure(
          FigureLibrary.lossCurve(
            [.init("run", x: even, y: even.map { 0.02 * exp(-0.3 * $0) + 0.2 * exp(-3 * $0) })],
            fit: .init(
              "fit, rate 0.30", x: [5, 40], y: [5, 40].map { 0.02 * exp(-0.3 * $0) }),
            timeScale: .linear))
      ),
      (
        "relative-distance",
        Figure(
          FigureLibrary.relativeDistanceCurve(
            (0..<3).map { i in
              .init(
                FigureText(markup: ["{/:Italic w}", "{/:Italic a}", "θ"][i]), x: times,
                y: times.map { 15 * $0 / (100 * Double(i + 1) + $0) })
            }))
      ),
      (
        "condensation",
        Figure(
          FigureLibrary.condensationHistogram(
            centres: centres, initialShares: centres.map { _ in 1.0 / 72 },
            finalShares: centres.indices.map { [12: 0.31, 13: 0.05, 30: 0.22, 48: 0.42][$0] ?? 0 }))
      ),
      ("work-precision", workPrecision),
      (
        "many-runs",
        Figure(
          panels: (0..<2).map { _ in
            FigureLibrary.lossCurve(
              (0..<10).map { i in
                .init(
                  .plain("γ = \(1 + 0.1 * Double(i)), γ′ = 0.3"), x: times,
                  y: times.map { 0.02 * exp(-$0 / pow(2, Double(i))) + 1e-3 })
              })
          }, columns: 2)
      ),
      (
        "projection",
        Figure(
          FigureLibrary.orientationScatter(
            initial: cloud(400, 1, 1, []), final: cloud(400, 1, 40, [0.6, -0.2]),
            orientation: .projection, amplitudeScale: .log))
      ),
      (
        "edge-cases",
        Figure(
          panels: [
            Panel(
              title: "empty", x: Axis("x"), y: Axis("y", scale: .log),
              series: [
                Series("none", .line(), x: [], y: []),
                Series(.plain("a_b^c{d}@e's"), .points(), x: [1], y: [-1]),
              ]),
            Panel(
              title: "one point, large numbers", x: Axis("x"), y: Axis("y"),
              series: [Series("p", .points(size: 1), x: [3e6], y: [2e-9])]),
            Panel(
              title: "gaps", x: Axis("x", scale: .log), y: Axis("y", scale: .log),
              series: [
                Series(
                  "gaps", .linePoints(marker: .circle), x: [0, 1, 2, 3, 4, 5, 6, 7],
                  y: [1, 1, 0, 3, .nan, 2, -5, 4]),
                Series("whole", .line(dash: .dashed), x: [1, 7], y: [2, 4]),
              ], guides: [.horizontal(2.5), .vertical(2)]),
          ], columns: 3, panelSize: .init(width: 220, height: 170))
      ),
    ]
  }

  static let times = (-20...50).map { pow(10, Double($0) / 10) }
  static let even = (0...80).map { Double($0) / 2 }
  static let centres = (0..<72).map { -Double.pi + (Double($0) + 0.5) * Double.pi / 36 }

  private static var figure2: Figure {
    let x = [-0.5, -1.0 / 6, 1.0 / 6, 0.5]
    let y = x.map { $0 * $0 }
    let grid = (0...200).map { -0.75 + Double($0) * 1.5 / 200 }
    return FigureLibrary.figure2(
      ["0.5", "1", "1.75"].enumerated().map { i, gamma in
        .init(
          title: FigureText(markup: "{/:Italic γ} = \(gamma)"), data: (x, y),
          curve: (
            grid,
            grid.map { [$0 * $0 + 0.02 * sin(25 * $0), $0 * $0, abs($0) * 0.55 - 0.03][i] }
          ),
          initial: cloud(1000, UInt64(1), 1, []),
          final: cloud(1000, UInt64(1), [1.02, 2.5, 90][i], [[], [], [-2.8, 0.3, 2.6]][i]))
      })
  }

  private static var workPrecision: Figure {
    FigureLibrary.workPrecision(
      [("cvode-adams", 30.0, 1.6), ("dormand_prince", 3, 3), ("rk4", 8, 2), ("flow-sliding", 0.4, 6)]
        .map { name, cost, order in
          .init(
            .plain(name),
            runs: (2...8).map { k in
              let error = pow(10, -Double(k))
              return (
                seconds: 1e-3 * cost * pow(error, -1 / order),
                evaluations: (60 * cost * pow(error, -1 / order)).rounded(), error: error * 0.6
              )
            })
        }, errorLabel: "relative error of RD")
  }

  /// Standard normal `a`, `w` in the plane; `growth` times the amplitude after training, which sits at
  /// `directions` if there are any.
  private static func cloud(
    _ count: Int, _ seed: UInt64, _ growth: Double, _ directions: [Double]
  ) -> (orientation: [Double], amplitude: [Double]) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func uniform() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
    }
    func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
    var angles: [Double] = []
    var amplitudes: [Double] = []
    for k in 0..<count {
      let (a, u, v) = (normal(), normal(), normal())
      var angle = atan2(v, u)
      var amplitude = abs(a) * (u * u + v * v).squareRoot()
      if let nearest = directions.min(by: { abs($0 - angle) < abs($1 - angle) }) {
        if abs(nearest - angle) < 1.2 {
          angle = nearest
          amplitude *= growth
        }
      } else {
        amplitude *= 1 + (growth - 1) * Double(k % 3) / 2
      }
      angles.append(
        directions.isEmpty || growth < 50 && abs(angle) > 1 ? angle / (growth == 40 ? 4 : 1) : angle)
      amplitudes.append(amplitude)
    }
    return (angles, amplitudes)
  }
}
