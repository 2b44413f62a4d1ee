import Foundation

/// Chromium without a window.
enum Browser {
  /// If it is on the search path.
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/chromium" }.first(where: FileManager.default.isExecutableFile)

  /// What `driver`, a script that runs when the page has loaded and its charts have come to rest, put into the object `report`; `report.complaints` has
  /// the page's errors and warnings. `nil` if the browser or the script failed.
  static func report(_ page: String, in folder: URL, driver: String) throws -> [String: Any]? {
    let witness = """
      <script>
      const report = { complaints: [] };
      // Frames do not pass in the browser's virtual time.
      requestAnimationFrame = (call) => setTimeout(() => call(performance.now()), 16);
      addEventListener("error", (event) => report.complaints.push(String(event.message)));
      for (const kind of ["error", "warn"]) console[kind] = (...words) => report.complaints.push(words.join(" "));
      </script>
      """
    let script = """
      <script>
      addEventListener("load", () => setTimeout(async () => {
        try { \(driver) } catch (error) { report.complaints.push(String(error)); }
        document.body.dataset.report = encodeURIComponent(JSON.stringify(report));
      }, 2000));
      </script>
      """
    let driven = page.replacing("</head>", with: witness + "</head>").replacing(
      "</body>", with: script + "</body>")
    let file = folder.appending(path: "driven.html")
    try Data(driven.utf8).write(to: file)
    let dom = try run(["--dump-dom", "--virtual-time-budget=8000", file.absoluteString], folder)
    guard let found = dom.firstMatch(of: /data-report="([^"]*)"/),
      let json = String(found.output.1).removingPercentEncoding
    else { return nil }
    return try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
  }

  /// A picture of the page as it opens.
  static func screenshot(_ page: URL, to picture: String) throws {
    _ = try run(["--screenshot=\(picture)", page.absoluteString], page.deletingLastPathComponent())
  }

  private static func run(_ arguments: [String], _ folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path!)
    process.arguments =
      [
        "--headless", "--no-sandbox", "--enable-blink-features=ComputedAccessibilityInfo", "--disable-gpu",
        "--disable-dev-shm-usage", "--window-size=1500,1050",
        "--user-data-dir=\(folder.appending(path: "profile").path)",
      ] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }
}
