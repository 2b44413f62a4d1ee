import BuiltinPlugins
import Foundation
import Studies
import Testing

/// The names of files may hold whatever the file system allows.
@Suite("A file's name") struct FileNameTests {
  private let names = ["gamma=0.5", "a(b:c),d=e", "n=3", "ü \u{301}", " #&*'\" "]

  @Test("is a file's name: runs replay and resume wherever their data lie")
  func data() throws {
    try withTemporaryFolder { folder in
      for name in names {
        let place = folder + "/" + name
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let csv = place + "/" + name + ".csv"
        try "x,y\n-1,0.2\n0,0.5\n1,0.3\n".write(toFile: csv, atomically: true, encoding: .utf8)
        try image(to: place + "/im" + name, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4])
        try image(to: place + "/lab" + name, [0, 0, 8, 1, 0, 0, 0, 2, 0, 1])
        for data in [csv, "idx:\(place)/im\(name),\(place)/lab\(name),n=2"] {
          var c = RunConfiguration()
          (c.data, c.width, c.tEnd) = (data, 10, 0.5)
          let out = place + "/run"
          let run = try Run(c, BuiltinPlugins.catalog(), out: out).run()
          let replayed = try RunConfiguration(yamlFile: out + "/config.yaml")
          #expect(replayed.data == data, "\(name)")
          #expect(try Run(replayed, BuiltinPlugins.catalog(), out: nil).run().state == run.state, "\(name)")
          #expect(
            try name != "n=3"
              || !FinishedRun(URL(filePath: out), BuiltinPlugins.catalog()).draw(in: URL(filePath: out))
                .isEmpty
          )
          try FileManager.default.removeItem(atPath: out)
        }
      }
    }
  }

  private func image(to path: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }
}
