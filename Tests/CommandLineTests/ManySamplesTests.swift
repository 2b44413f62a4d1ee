import Foundation
import Testing

@Suite("Many samples") struct ManySamplesTests {
  /// A matrix of 60,000 x 60,000 numbers has 28.8 GB; the samples have 8 MB, their features for 100 neurons 48 MB each.
  @Test("60,000 samples in 17 dimensions run within 2 GB of address space, with the customary observers")
  func withoutSquareMatrices() throws {
    try withTemporaryFolder { folder in
      var text = (1...16).map { "x\($0)" }.joined(separator: ",") + ",y\n"
      for i in 0..<60_000 {
        // Weyl sequences: no two samples are alike.
        let x = (1...16).map { j in
          (Double(i) * Double(j * j + 1).squareRoot()).truncatingRemainder(dividingBy: 1)
        }
        text += x.map { String(Int(1e4 * $0)) + "e-4" }.joined(separator: ",") + ",\(x[0] * x[1])\n"
      }
      try text.write(toFile: folder + "/many.csv", atomically: true, encoding: .utf8)
      for integrator in ["auto", "rkc"] {
        let result = try Program(name: "phaseflow")(
          "run", "--data", "many.csv", "--width", "100", "--gamma", "0.5", "--gamma-prime", "0", "--t-end",
          "1e-3", "--integrator", integrator, "--threads", "2", "--json", in: folder,
          limits: "ulimit -v 2000000")
        #expect(result.exitCode == 0, "\(integrator): \(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(object?["returnCode"] as? String == "success", "\(integrator)")
      }
      // An integrator that needs such matrices says so.
      let refused = try Program(name: "phaseflow")(
        "run", "--data", "many.csv", "--width", "100", "--gamma", "0.5", "--gamma-prime", "0", "--t-end",
        "1e-3",
        "--integrator", "kink-aware", in: folder, limits: "ulimit -v 2000000")
      #expect(refused.exitCode == 2 && refused.errors.contains("60000 inputs"))
      let statements = try Program(name: "phaseflow")(
        "validate", "--data", "many.csv", "--out", "v", in: folder, limits: "ulimit -v 2000000")
      #expect(statements.exitCode == 2 && statements.errors.contains("60000 samples"))
    }
  }
}
