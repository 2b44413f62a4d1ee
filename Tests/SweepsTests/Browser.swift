import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A headless Chromium, driven by the W3C's WebDriver protocol through Debian's chromedriver.
final class Browser {
  private let driver: Process
  private let session: URL

  /// Chromium's command-line driver, if it is on the search path together with Chromium.
  static let driverPath: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    func find(_ name: String) -> String? {
      folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
    }
    return find("chromium") == nil ? nil : find("chromedriver")
  }()

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init() throws {
    driver = Process()
    driver.executableURL = URL(filePath: Self.driverPath!)
    driver.arguments = ["--port=0"]
    let output = Pipe()
    driver.standardOutput = output
    driver.standardError = FileHandle.nullDevice
    try driver.run()
    var text = ""
    var port: Substring?
    while port == nil {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure(description: "chromedriver said: \(text)") }
      text += String(decoding: more, as: UTF8.self)
      port = text.firstMatch(of: #/successfully on port (\d+)/#)?.1
    }
    let root = URL(string: "http://127.0.0.1:\(port!)")!
    let options: [String: Any] = [
      "browserName": "chrome", "goog:loggingPrefs": ["browser": "ALL"],
      "goog:chromeOptions": [
        "args": [
          "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
          "--window-size=1500,1050",
        ]
      ],
    ]
    do {
      let answer = try Self.send(
        "POST", root.appending(path: "session"), ["capabilities": ["alwaysMatch": options]])
      session = root.appending(path: "session/\((answer as! [String: Any])["sessionId"]!)")
    } catch {
      driver.terminate()
      throw error
    }
  }

  /// Ends Chromium and its driver.
  func close() {
    _ = try? Self.send("DELETE", session, nil)
    driver.terminate()
    driver.waitUntilExit()
  }

  func open(_ file: URL) throws { try post("url", ["url": file.absoluteString]) }

  /// What a function with this body returns in the page.
  @discardableResult
  func evaluate(_ body: String) throws -> Any { try post("execute/sync", ["script": body, "args": [Any]()]) }

  /// Moves the mouse to a place of the window and clicks.
  func click(x: Double, y: Double) throws {
    let steps: [[String: Any]] = [
      ["type": "pointerMove", "x": Int(x), "y": Int(y), "duration": 0], ["type": "pointerDown", "button": 0],
      ["type": "pointerUp", "button": 0],
    ]
    try post("actions", ["actions": [["type": "pointer", "id": "mouse", "actions": steps]]])
  }

  /// Messages on the console since the last call, warnings and errors only.
  func complaints() throws -> [String] {
    (try post("se/log", ["type": "browser"]) as! [[String: Any]])
      .filter { ["WARNING", "SEVERE"].contains($0["level"] as? String) }.map { "\($0["message"]!)" }
  }

  func screenshot() throws -> Data {
    Data(base64Encoded: try Self.send("GET", session.appending(path: "screenshot"), nil) as! String)!
  }

  @discardableResult
  private func post(_ command: String, _ body: [String: Any]) throws -> Any {
    try Self.send("POST", session.appending(path: command), body)
  }

  private static func send(_ method: String, _ url: URL, _ body: [String: Any]?) throws -> Any {
    var request = URLRequest(url: url, timeoutInterval: 60)
    request.httpMethod = method
    if let body {
      request.httpBody = try JSONSerialization.data(withJSONObject: body)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    nonisolated(unsafe) var result: Result<Data, any Error>!
    let done = DispatchSemaphore(value: 0)
    URLSession.shared.dataTask(with: request) { data, _, error in
      result = error.map { .failure($0) } ?? .success(data ?? Data())
      done.signal()
    }.resume()
    done.wait()
    let answer = try JSONSerialization.jsonObject(with: result.get()) as? [String: Any]
    let value = answer?["value"] ?? NSNull()
    if let failure = value as? [String: Any], let message = failure["message"], failure["error"] != nil {
      throw Failure(description: "\(method) \(url.lastPathComponent): \(message)")
    }
    return value
  }
}
