import Foundation
import Testing

@Suite("The Python package") struct PythonTests {
  /// Where there is no Python with NumPy the script says so, and that is all.
  @Test("passes its own tests, and SciPy's as far as they apply, on the library of this build")
  func package() throws {
    let program = Program(name: "phaseflow").url
    let process = Process()
    process.executableURL =
      URL(filePath: #filePath).appending(path: "../../../Scripts/python-tests.sh")
      .standardizedFileURL
    process.arguments = [
      program.deletingLastPathComponent().appending(path: "libPhaseFlowC.so").path, program.path,
    ]
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(said)")
    print(said.split(separator: "\n").suffix(3).joined(separator: "\n"))
  }
}
