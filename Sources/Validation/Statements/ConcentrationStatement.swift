import DeepNetworks
import Figures
import GradientFlow
import StatisticalInference
import Studies
import UntrustedNumbers

/// The Gram matrix of a standard normal start approaches the infinite-width kernels (36): a mean of `m` independent terms,
/// so that its distance falls like `m^(-1/2)`, as Bernstein's inequality says in the proofs of Propositions 17 and 20.
struct ConcentrationStatement: Statement {
  let identifier = "gram-concentration"
  let title = "|κ′/κ² G^a(θ⁰) − K^a|_F and |G^w(θ⁰)/(κ²κ′) − K^w|_F fall like m^(−1/2)"
  let reference = "(36), proofs of Propositions 17 and 20"
  let conditions =
    "two widths or more; −1/2 within the 99.9 % interval of the fitted exponent over all starts. The fraction of starts "
    + "with (53) is shown: Proposition 17 promises it for widths with an unknown constant. With several hidden layers each layer's part of the kernel beside "
    + "that of infinite width"

  let isOfAnyDepth = true

  /// What it is compared with: -1/2, but for tests of what a wrong theory comes to.
  var exponent = -0.5

  /// Normal numbers drawn for all starts; beyond, fewer than the settings' draws are made.
  private static let mostNumbers = 2e8

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    let widths = context.widths
    guard widths.count >= 2 else { return StatementResult(.notApplicable, "needs two widths or more") }
    if context.isDeep { return try layers(context) }
    let kernel = try InfiniteWidthKernel(context.activation).gramMatrix(context.data.inputs)
    let numbers = Double(widths.reduce(0, +)) * Double(context.data.inputDimension + 1)
    let starts = max(4, min(context.settings.draws, Int(saturating: Self.mostNumbers / numbers)))
    let measured = try widths.map { width in
      let network = try context.unscaledNetwork(width: width)
      return try (0..<UInt64(starts)).map {
        let start = try GaussianStart(seed: $0 + 1).state(for: network.shape)
        return try Distance(
          network.gramMatrix(start.span, at: context.data.inputs), kernel.kernels)
      }
    }
    var result = try judge(
      [
        ("K^a", "G^{a} and K^{a}", measured.map { $0.map(\.a) }),
        ("K^w", "G^{w} and K^{w}", measured.map { $0.map(\.w) }),
      ], widths)
    result.numbers = zip(widths, measured).map { width, all in
      Quantity("share of starts with (53) at m = \(width)", mean(all.map { $0.isAboveThreeQuarters ? 1 : 0 }))
    }
    if kernel.error > 1e-6 { result.notes = [Self.inexact(context, kernel.error)] }
    return result
  }

  private static func inexact(_ context: ValidationContext, _ error: Double) -> String {
    "The kernels of '\(context.activation.name)' are known to \(short(error)) only."
  }

  /// Several hidden layers: standard normal weights, `kappa` and mobilities 1.
  private func layers(_ context: ValidationContext) throws -> StatementResult {
    let widths = context.widths
    let networks = widths.map { context.deepNetwork($0, kappa: 1) }
    let numbers = networks.reduce(0.0) { $0 + Double($1.parameterCount) }
    let starts = max(4, min(context.settings.draws, Int(saturating: Self.mostNumbers / numbers)))
    let ones = [Double](repeating: 1, count: networks[0].layerCount)
    var error = 0.0
    // Of each width, by layer, one number for each start.
    let measured = try networks.map { network -> [[Double]] in
      let limit = try InfiniteWidthKernels(of: network, at: context.data.inputs, mobilities: ones)
      error = max(error, limit.error)
      let flow = try ArchitectureFlow(
        architecture: network, mobilities: ones, data: context.data.samples,
        loss: context.catalog.losses.make("mse"))
      var distances = [[Double]](repeating: [], count: ones.count)
      for seed in 1...UInt64(starts) {
        let state = try DeepStart(seed: seed).state(for: network)
        for l in ones.indices {
          distances[l].append(Distance.relative(flow.kernel(state.span, layer: l + 1), limit.layers[l]))
        }
      }
      return distances
    }
    var result = try judge(
      ones.indices.map { l in ("K_\(l + 1)", .plain("layer \(l + 1)"), measured.map { $0[l] }) }, widths)
    if error > 1e-6 { result.notes = [Self.inexact(context, error)] }
    return result
  }

  /// The power laws of distances, by width one for each start.
  private func judge(
    _ kernels: [(name: String, label: FigureText, distances: [[Double]])], _ widths: [Int]
  ) throws -> StatementResult {
    var table = ResultTable(columns: ["kernel", "starts", "exponent", "± 99.9 %"])
    var panel = Panel(
      x: FigureLibrary.widthAxis(widths.map(Double.init)),
      y: Axis("relative distance of the Gram matrix, rms", scale: .log))
    let markers: [Series.Marker] = [.circle, .square, .triangle, .diamond]
    for (i, kernel) in kernels.enumerated() {
      let x = zip(widths, kernel.distances).flatMap { width, all in all.map { _ in Double(width) } }
      let fit = try PowerLawFit(x: x, y: kernel.distances.flatMap { $0 })
      let interval = fit.confidenceInterval(0.999)!
      table.add(
        interval.contains(exponent) ? .holds : .fails,
        [
          .text(kernel.name), .integer(x.count), .number(fit.exponent),
          .number(interval.upperBound - fit.exponent),
        ])
      let rms = kernel.distances.map { all in
        (all.reduce(0) { $0 + $1 * $1 } / Double(all.count)).squareRoot()
      }
      panel.series.append(
        Series(
          kernel.label, .linePoints(marker: markers[i % markers.count]), x: widths.map(Double.init), y: rms))
    }
    let first = panel.series[0].y[0]
    panel.series.append(
      Series(
        "slope −1/2", .line(width: 1.2, dash: .dashed), colour: .black, x: widths.map(Double.init),
        y: widths.map { 0.7 * first * (Double(widths[0]) / Double($0)).squareRoot() }))
    var result = StatementResult(
      table,
      "exponents "
        + table.rows.map { "\(short($0[2])) ± \(short($0[3]))" }.joined(separator: " and "))
    result.figures = [("distance", Figure(panel))]
    return result
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// Of one start, for `kappa = kappa' = 1`.
  private struct Distance {
    let a: Double
    let w: Double
    /// (53): `lambda_min(G) >= 3/4 (lambda_a + lambda_w)`.
    let isAboveThreeQuarters: Bool

    static func relative(_ x: [Double], _ limit: [Double]) -> Double {
      let squares = zip(x, limit).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return (squares / limit.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    init(_ gram: GramMatrix, _ kernel: GramMatrix) throws {
      a = Self.relative(gram.a, kernel.a)
      w = Self.relative(gram.w, kernel.w)
      let limits = try [kernel.a, kernel.w].map { try symmetricEigenvalues($0, count: kernel.count)[0] }
      isAboveThreeQuarters = try gram.eigenvalues()[0] >= 0.75 * (limits[0] + limits[1])
    }
  }
}
