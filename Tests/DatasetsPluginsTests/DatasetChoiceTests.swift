import Foundation
import Networks
import PluginKit
import Testing

import DatasetsPlugins

func catalog() throws -> PluginCatalog {
  var catalog = PluginCatalog()
  try catalog.register(DatasetsPlugin.self)
  return catalog
}

/// Calls `body` with a folder that is gone afterwards.
func withFolder(_ body: (URL) throws -> Void) throws {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("phaseflow-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  try body(url)
}

@Suite struct DatasetChoiceTests {
  @Test("The paper's four points lie on the parabola, with the bias appended")
  func fourPoints() throws {
    let data = try DatasetsPlugin.dataset(for: "four-points", in: catalog())
    #expect(data.sampleCount == 4)
    #expect(data.inputDimension == 2)
    #expect(data.customaryStopLoss == 5e-7)
    #expect(data.inputs.values == [-0.5, 1, -1.0 / 6, 1, 1.0 / 6, 1, 0.5, 1])
    for i in 0..<4 {
      let x = data.input(i).first!
      #expect(abs(data.targets[i] - x * x) < 1e-17)
    }
  }

  @Test("The bench points are those of the published timings")
  func benchPoints() throws {
    let data = try DatasetsPlugin.dataset(for: "bench-points", in: catalog())
    #expect(data.inputs.values == [-1, 1, -0.33, 1, 0.33, 1, 1, 1])
    #expect(data.targets == [0.8, 0.2, 0.6, 0.3])
    #expect(data.customaryStopLoss == nil)
  }

  @Test("The sine points have targets of both signs and lie on the sine")
  func sinePoints() throws {
    let data = try DatasetsPlugin.dataset(for: "sine-points", in: catalog())
    #expect(data.sampleCount == 16 && data.input(0).first == -1 && data.input(15).first == 1)
    for i in 0..<16 { #expect(data.targets[i] == sin(3 * data.input(i).first! + 0.5)) }
  }

  @Test("A path is read as CSV, a name is looked up, and a misspelt name gets the nearest ones")
  func resolution() throws {
    let catalog = try catalog()
    try withFolder { folder in
      let csv = folder.appendingPathComponent("data.csv")
      let other = folder.appendingPathComponent("no-extension")
      for url in [csv, other] { try Data("x,y\n1,2\n".utf8).write(to: url) }
      #expect(try DatasetsPlugin.dataset(for: csv.path, in: catalog).targets == [2])
      #expect(try DatasetsPlugin.dataset(for: other.path, in: catalog).inputs.values == [1, 1])
    }
    #expect {
      _ = try DatasetsPlugin.dataset(for: "absent.csv", in: catalog)
    } throws: { error in
      guard case .unreadable = (error as? DatasetFileError)?.problem else { return false }
      return "\(error)".hasPrefix("cannot use 'absent.csv': ")
    }
    #expect {
      _ = try DatasetsPlugin.dataset(for: "four-point", in: catalog)
    } throws: {
      guard case .unknown(_, _, let near, _) = $0 as? PluginError else { return false }
      return near == ["four-points"]
    }
    #expect(throws: PluginError.self) { _ = try DatasetsPlugin.dataset(for: "four-points:3", in: catalog) }
  }

  @Test("A folder is no data file")
  func folder() throws {
    try withFolder { folder in
      for specification in [folder.path, "idx:\(folder.path),\(folder.path)"] {
        #expect(throws: DatasetFileError.self) {
          _ = try DatasetsPlugin.dataset(for: specification, in: catalog())
        }
      }
    }
  }
}
