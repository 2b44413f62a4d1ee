import BuiltinPlugins
import Foundation
import Studies
import Testing

/// The rules of docs/choosing-an-integrator.md, each at a place of its table where another pick would lose.
@Suite("The automatic choice")
struct AutomaticTests {
  @Test(
    "is the method that was measured to be fast there, with a reason",
    arguments: [
      ("relu", 10, 50, 0.5, "exponential"), ("relu", 10, 50, 1.75, "exponential"),
      ("relu", 2, 50, 0.5, "kink-aware"), ("relu", 2, 500, 1, "dormand-prince"),
      ("relu", 200, 50, 1, "exponential"),
      ("tanh", 2, 50, 1, "cvode-bdf"), ("tanh", 10, 4, 0.5, "dormand-prince"),
      ("tanh", 10, 4, 1, "exponential"),
      ("tanh", 200, 50, 1, "exponential"),
    ])
  func choice(activation: String, d: Int, n: Int, gamma: Double, expected: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "choice-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    // d - 1 numbers of variance 1/(d - 1), and a target.
    let rows = (0..<n).map { i in
      let x = (1..<d).map { sin(Double(i * d + $0) * 1.7) * (2 / Double(d - 1)).squareRoot() }
      return (x + [sin(3 * x[0])]).map { "\($0)" }.joined(separator: ",")
    }
    let header = ((1..<d).map { "x\($0)" } + ["y"]).joined(separator: ",")
    try ([header] + rows).joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)

    var c = RunConfiguration()
    (c.data, c.width, c.gamma, c.activation) = (file.path, 500, gamma, activation)
    // The table is by the dimension that is integrated.
    (c.observe, c.record, c.maxSteps, c.reduceDimension) = ([], "endpoints", 1, false)
    let choice = try Run(c, BuiltinPlugins.catalog(), out: nil).run().summary.integratorChoice ?? ""
    #expect(choice.hasPrefix(expected + ": "), "\(choice)")
    #expect(choice.count > expected.count + 20)
  }
}
