import Foundation
import Testing

@Suite("Networks with hidden layers on the command line") struct DeepNetworkTests {
  let phaseflow = Program(name: "phaseflow")

  private func summary(_ arguments: [String], in folder: String? = nil) throws -> [String: Any] {
    let result = try phaseflow.run(["run", "--json", "--quiet"] + arguments, in: folder)
    #expect(result.exitCode == 0, "\(result.errors)")
    return try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  private func observer(_ name: String, _ summary: [String: Any]) throws -> [String: Any] {
    try #require((summary["observers"] as? [String: [String: Any]])?[name])
  }

  @Test("a run tells relative distances by layer and where the weights are")
  func layers() throws {
    let object = try summary([
      "--hidden", "30,20", "--gamma", "1", "--centred", "--bias", "--mobility-exponents=-0.2,0.1,0.1",
      "--observe",
      "relative-distance,conservation,energy,sharpness,spectrum",
    ])
    #expect(object["returnCode"] as? String == "stopped")
    let distances = try observer("relative-distance", object)
    #expect((distances["layers"] as? [Double])?.count == 3)
    #expect((distances["supLayers"] as? [Double])?.count == 3)
    #expect((object["mobilities"] as? [Double])?.count == 3)
    let parameters = try #require(object["parameters"] as? [[String: Any]])
    #expect(parameters.map { $0["name"] as? String } == ["W1", "W2", "b2", "W3"])
    #expect(parameters.map { $0["offset"] as? Int } == [0, 60, 660, 680])
    // The law holds to the method's tolerance of the change.
    #expect(try #require(observer("conservation", object)["maxDefect"] as? Double) < 1e-2)
    #expect(try #require(observer("sharpness", object)["largest"] as? Double) > 0)
    // No change has a rank above the number of points times the steps; of the last layer it is one.
    let ranks = try #require(observer("spectrum", object)["layers"] as? [Double])
    #expect(abs(ranks[2] - 1) < 1e-9 && ranks[1] > 1)
  }

  @Test("one hidden layer is the network of that width, to the bit; -g,g is gamma-prime g")
  func twoLayers() throws {
    let plain = try summary(["--width", "40", "--gamma", "1.2", "--gamma-prime", "0.2", "--t-end", "20"])
    let hidden = try summary([
      "--hidden", "40", "--gamma", "1.2", "--mobility-exponents=-0.2,0.2", "--t-end", "20",
    ])
    #expect(plain["loss"] as? Double == hidden["loss"] as? Double)
    #expect(hidden["kappaPrime"] as? Double == plain["kappaPrime"] as? Double)
  }

  @Test("labels become classes, and test data are told beside training's")
  func classes() throws {
    try withTemporaryFolder { folder in
      func table(_ shift: Double) -> String {
        "x1,x2,y\n"
          + (0..<12).map { i in
            let angle = 2.1 * Double(i % 3) + shift * Double(i)
            return "\(cos(angle)),\(sin(angle)),\(i % 3)\n"
          }.joined()
      }
      try table(0.02).write(toFile: folder + "/train.csv", atomically: true, encoding: .utf8)
      try table(0.03).write(toFile: folder + "/test.csv", atomically: true, encoding: .utf8)
      for network in [["--width", "30"], ["--hidden", "12,10"]] {
        let arguments =
          ["--data", "train.csv", "--test-data", "test.csv", "--loss", "cross-entropy"] + network
          + ["--gamma", "0.5", "--stop-loss", "0.05", "--out", "r" + network[0]]
        let object = try summary(arguments, in: folder)
        #expect(object["outputs"] as? Int == 3)
        let test = try observer("test", object)
        #expect(test["trainAccuracy"] as? Double == 1)
        // The test angles are within 0.11 of the training ones, the classes 2 apart.
        #expect(test["accuracy"] as? Double == 1)
        let again = try phaseflow.run(["plot", "r" + network[0]], in: folder)
        #expect(again.exitCode == 0, "\(again.errors)")
      }
    }
  }

  @Test("wide layers are kept as factors, and give what all weights give")
  func lowRank() throws {
    let arguments = [
      "--hidden", "420,420", "--gamma", "1", "--centred", "--stop-loss", "1e-3", "--observe",
      "relative-distance",
    ]
    let (factors, all) = try (summary(arguments), summary(arguments + ["--no-low-rank"]))
    #expect(factors["lowRank"] != nil && all["lowRank"] == nil)
    let a = try #require(observer("relative-distance", factors)["layers"] as? [Double])
    let b = try #require(observer("relative-distance", all)["layers"] as? [Double])
    for (x, y) in zip(a, b) { #expect(abs(x / y - 1) < 1e-4) }
  }

  @Test(
    "what cannot be is refused with a sentence",
    arguments: [
      (["--hidden", "8,8", "--gamma-prime", "0.3"], "mobility-exponents"),
      (["--hidden", "8,8", "--mobility-exponents", "1,1,1"], "sum is 0"),
      (["--hidden", "8,8", "--mobility-exponents=-1,1"], "3 layers"), (["--hidden", "8,0"], "at least 1"),
      (["--hidden", "8,8", "--width", "9"], "width"), (["--hidden", "8,8", "--betas", "1,1"], "alpha"),
      (["--hidden", "8,8", "--observe", "neuron-bound"], "neuron-bound"),
      (["--hidden", "8,8", "--integrator", "kink-aware"], "kink-aware"),
      (["--observe", "test"], "test-data"), (["--loss", "cross-entropy", "--data", "four-points"], "label"),
    ])
  func refused(_ arguments: [String], _ word: String) throws {
    let result = try phaseflow.run(["run"] + arguments)
    #expect(result.exitCode == 2)
    #expect(result.errors.contains(word), "\(result.errors)")
  }
}
