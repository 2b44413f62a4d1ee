import Foundation
import Networks
import PluginKit
import Testing

import DatasetsPlugins

/// Against what Python reads from the same files (Tests/Oracles/fashion_mnist_facts.py).
@Suite(
  .enabled(if: FileManager.default.fileExists(atPath: FashionMNIST.folder), "Debian's dataset-fashion-mnist"))
struct FashionMNISTTests {
  private func load(_ specification: String) throws -> Dataset {
    try DatasetsPlugin.dataset(for: specification, in: catalog())
  }

  /// Sum of the pixels as bytes, and with weights 1...784 along each image.
  private func sums(_ data: Dataset) -> [Int] {
    var (plain, weighted) = (0, 0)
    for i in 0..<data.sampleCount {
      for (j, pixel) in data.input(i).dropLast().enumerated() {
        let byte = Int((pixel * 255).rounded())
        plain += byte
        weighted += (j + 1) * byte
      }
    }
    return [plain, weighted]
  }

  @Test("By default the first 45 training images, 28 x 28 pixels and the bias")
  func first45() throws {
    let data = try load("fashion-mnist")
    #expect(data.sampleCount == 45 && data.inputDimension == 785 && data.customaryStopLoss == 5e-5)
    #expect(data.targets[..<8] == [9, 0, 0, 3, 0, 2, 7, 2])
    #expect(data.targets.reduce(0, +) == 190)
    #expect(sums(data) == [2_639_790, 1_083_909_697])
    #expect(Array(Array(data.input(0))[400...404]) == [0, 0, 0, 0, 237.0 / 255])
    #expect(data.name == "fashion-mnist:45")
    #expect(try load(data.name) == data)
  }

  @Test("All 60000 training images are read whole")
  func all() throws {
    let data = try load("fashion-mnist:60000")
    #expect(data.targets.reduce(0, +) == 270_000)
    #expect(sums(data) == [3_431_114_169, 1_413_923_198_216])
  }

  @Test("The test split is another set of images")
  func testSplit() throws {
    let data = try load("fashion-mnist:10000,test")
    #expect(data.targets[..<8] == [9, 2, 1, 1, 6, 1, 4, 6])
    #expect(data.targets.reduce(0, +) == 45_000)
    #expect(sums(data) == [573_469_082, 236_710_503_601])
    #expect(data.name == "fashion-mnist:10000,test")
    #expect(try load("fashion-mnist:n=10000,split=test") == data)
  }

  @Test("Numbers of images that do not exist are rejected")
  func badArguments() {
    for text in ["fashion-mnist:0", "fashion-mnist:60001", "fashion-mnist:45,all", "fashion-mnist:x"] {
      #expect(throws: PluginError.self) { _ = try load(text) }
    }
    #expect {
      _ = try load("fashion-mnist:10001,test")
    } throws: {
      ($0 as? DatasetFileError)?.problem == .sampleCount(wanted: 10001, available: 10000)
    }
  }
}

@Suite struct FashionMNISTMissingTests {
  @Test("Without the package the message says how to get it")
  func missing() throws {
    let arguments = try PluginArguments(
      plugin: "fashion-mnist", text: "", parameters: FashionMNIST.parameters)
    #expect {
      _ = try FashionMNIST(arguments: arguments).load(from: "/nonexistent")
    } throws: { "\($0)".contains("sudo apt-get install dataset-fashion-mnist") }
  }
}
