import BuiltinPlugins
import Foundation
import GradientFlow
import ODECore
import Studies
import Testing

/// Runs that no loss and no time ends, on the paper's four points.
@Suite("A flow that comes to rest ends its run")
struct RestTests {
  /// But for verlet and arkode-imex, which refuse flows.
  private static let names = try! BuiltinPlugins.catalog().integrators.entries.map(\.name).filter {
    !["verlet", "arkode-imex"].contains($0)
  }

  private func run(
    _ integrator: String, gamma: Double, start: [Double],
    _ change: (inout RunConfiguration) -> Void = { _ in }
  ) throws -> Run.Outcome {
    let file = FileManager.default.temporaryDirectory.appending(path: "rest-\(UUID().uuidString).npy")
    defer { try? FileManager.default.removeItem(at: file) }
    let width = start.count / 3
    try StateFile.write(start.span, shape: NetworkShape(width: width, inputDimension: 2), to: file)
    var c = RunConfiguration()
    (c.width, c.gamma, c.integrator, c.initialState) = (width, gamma, integrator, file.path)
    (c.observe, c.record, c.maxSteps) = ([], "endpoints", 20_000)
    change(&c)
    return try Run(c, BuiltinPlugins.catalog(), out: nil).run()
  }

  /// Weights that vary smoothly with the neuron; biases `sign * (1 ... 2)` put all kinks outside the data.
  private func neurons(_ width: Int, bias sign: Double) -> [Double] {
    let k = (0..<width).map(Double.init)
    return k.map { 1.3 * sin(1 + 2.1 * $0) } + k.map { 0.5 * cos(1.3 * $0) }
      + k.map { sign * (1.5 + 0.5 * sin(0.7 * $0)) }
  }

  @Test("at once, where all neurons are dead", arguments: names)
  func dead(_ integrator: String) throws {
    let outcome = try run(integrator, gamma: 1, start: neurons(30, bias: -1))
    #expect(outcome.summary.returnCode == .stationary)
    #expect(outcome.summary.time == 0 && outcome.summary.exitCode == 0)
    // R = (1/8) sum x^4.
    #expect(abs(outcome.summary.network!.loss - (2.0 / 16 + 2.0 / 1296) / 8) < 1e-17)
  }

  /// The steps of arkode-erk ride on the edge of stability, where the forces never cancel.
  @Test(
    "on the plateau of the best affine function, R = 1/162",
    arguments: names.filter { $0 != "arkode-erk" })
  func plateau(_ integrator: String) throws {
    let outcome = try run(integrator, gamma: 0.5, start: neurons(30, bias: 1))
    #expect(outcome.summary.returnCode == .stationary, "\(outcome.summary.message)")
    // R - 1/162 is of second order in the forces, which are below 1e-6 of their terms.
    #expect(abs(outcome.summary.network!.loss * 162 - 1) < 1e-9)
    #expect(outcome.summary.statistics.accepted < 20_000)
  }

  @Test(
    "but not at the saddle that a tiny start leaves after t = 1e8",
    arguments: ["auto", "dormand-prince", "bogacki-shampine", "rk4", "rkc", "kink-aware"])
  func saddle(_ integrator: String) throws {
    // gamma = 1.75, m = 1000: neurons of size 1e-40, a_k = |w_k|, grow at a rate kappa |D| of about 7e-7 at most.
    let m = 1000
    let angles = (0..<m).map { 2 * Double.pi * (Double($0) + 0.3) / Double(m) }
    let start =
      angles.map { 1e-40 * (cos(50 * $0) < 0 ? -1 : 1) } + angles.map { 1e-40 * cos($0) }
      + angles.map { 1e-40 * sin($0) }
    let until = try run(integrator, gamma: 1.75, start: start) { $0.tEnd = 1e8 }
    #expect(until.summary.returnCode == .success)
    #expect(
      abs(until.summary.network!.loss / until.summary.network!.initialLoss - 1) < 1e-12, "still at the saddle"
    )
    let outcome = try run(integrator, gamma: 1.75, start: start)
    #expect(outcome.summary.time > 1e8)
    #expect(abs(outcome.summary.network!.loss * 162 - 1) < 1e-9, "\(outcome.summary.message)")
    #expect(outcome.summary.returnCode == .stationary)
  }

  @Test(
    "with a neuron that slides, at a width where the rounding of long steps keeps all forces above rounding")
  func sliding() throws {
    var c = RunConfiguration()
    // A corner of the paper's phase diagram: kappa = m^-2.3, kappa' = m^1.3, m = 40,000 in each mirrored copy.
    (c.data, c.width, c.scalingWidth, c.gamma, c.gammaPrime) = ("four-points", 80_000, 40_000, 2.3, -1.3)
    (c.asi, c.integrator, c.rtol, c.seed) = (true, "kink-aware", 1e-2, 1)
    (c.observe, c.record, c.maxSteps) = ([], "endpoints", 2000)
    let outcome = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    #expect(outcome.summary.returnCode == .stationary, "\(outcome.summary.message)")
    #expect(outcome.summary.statistics.accepted <= 100)
    // The best affine function again.
    #expect(abs(outcome.summary.network!.loss * 162 - 1) < 1e-9)
    (c.stopAtRest, c.maxSteps) = (false, 200)
    #expect(try Run(c, BuiltinPlugins.catalog(), out: nil).run().summary.returnCode == .maxSteps)
  }

  @Test("unless it is told to go on") func optOut() throws {
    let outcome = try run("dormand-prince", gamma: 0.5, start: neurons(30, bias: 1)) {
      ($0.stopAtRest, $0.maxSteps) = (false, 1000)
    }
    #expect(outcome.summary.returnCode == .maxSteps)
  }
}
