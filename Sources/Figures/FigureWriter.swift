import Files
import Foundation

/// Writes figures into a folder: `NAME.dat` (the numbers), `NAME.gp` (a gnuplot script that can be
/// edited and run there again), and the pictures it makes.
///
/// The same figure, name and note give the same bytes (no date, no path inside; pictures: with the same gnuplot
/// and fonts). Each file appears complete, by renaming: a reader never sees half of one, and after an
/// error the folder is as before.
public struct FigureWriter: Sendable {
  /// Where the files go.
  public let folder: URL
  /// Where to look for gnuplot, as in `PATH`.
  public var searchPath: String
  /// A comment in one line at the head of the data: where they come from.
  public var note: String

  /// A writer into a folder.
  public init(
    folder: URL, searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? "", note: String = ""
  ) {
    self.folder = folder
    self.note = note.split(whereSeparator: \.isNewline).joined(separator: " ")
    self.searchPath = searchPath
  }

  /// Writes the files of `figure`; `name` is a file name without an extension.
  ///
  /// - Parameter formats: which pictures; none: data and script only, and gnuplot is not needed.
  /// - Throws: ``FigureError``.
  @discardableResult
  public func write(
    _ figure: Figure, name: String, formats: [FigureFormat] = FigureFormat.allCases
  ) throws -> WrittenFigure {
    guard Self.isUsable(name) else { throw FigureError.badName(name) }
    let formats = Drawing.isSkipped ? [] : formats
    let gnuplot = formats.isEmpty ? nil : try Gnuplot(path: searchPath)
    let drawn = formats.isEmpty ? FigureFormat.allCases : formats
    let script = try GnuplotScript(FigureStyle.current.fitted(figure), name: name, formats: drawn)

    let manager = FileManager.default
    let workshop = folder.appendingPathComponent(".\(name).\(UUID().uuidString)")
    try Self.attempt("make the folder", folder) {
      try FileCall.makeFolder(workshop)
    }
    defer { try? manager.removeItem(at: workshop) }

    var files = ["\(name).dat", "\(name).gp"]
    for (file, text) in zip(
      files, [(note.isEmpty ? "" : "# \(note)\n") + DataFile.text(figure), script.text])
    {
      let place = workshop.appendingPathComponent(file)
      try Self.attempt("write", place) { try Data(text.utf8).write(to: place) }
    }
    var message = ""
    if let gnuplot {
      message = try gnuplot.run("\(name).gp", in: workshop)
      for format in formats {
        let file = "\(name).\(format.rawValue)"
        let size = try? manager.attributesOfItem(
          atPath: workshop.appendingPathComponent(file).path)[.size]
        guard let size = size as? Int, size > 0 else {
          throw FigureError.noOutput(file: file, message: message)
        }
        if format == .pdf { try Self.removeDate(workshop.appendingPathComponent(file)) }
        files.append(file)
      }
    }
    for file in files {
      let target = folder.appendingPathComponent(file)
      if rename(workshop.appendingPathComponent(file).path, target.path) != 0 {
        throw FigureError.fileSystem(
          action: "write", path: target.path, reason: String(cString: strerror(errno)))
      }
    }
    return WrittenFigure(
      files: files.map { folder.appendingPathComponent($0) },
      omittedPoints: script.views.flatMap(\.omitted).reduce(0, +), warnings: message)
  }

  /// Blanks a PDF's date of creation, so that the same figure gives the same bytes. Nothing moves.
  private static func removeDate(_ file: URL) throws {
    try attempt("write", file) {
      var bytes = try Data(contentsOf: file)
      guard let key = bytes.range(of: Data("/CreationDate (".utf8)),
        let end = bytes[key.upperBound...].firstIndex(of: UInt8(ascii: ")"))
      else { return }
      bytes.replaceSubrange(
        key.lowerBound...end, with: repeatElement(UInt8(ascii: " "), count: end + 1 - key.lowerBound))
      try bytes.write(to: file)
    }
  }

  /// The name also stands inside the script, in quotes.
  private static func isUsable(_ name: String) -> Bool {
    guard let first = name.first, first != ".", first != "-" else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }

  private static func attempt(_ action: String, _ place: URL, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as AtomicFileError {
      throw FigureError.fileSystem(action: action, path: place.path, reason: error.reason)
    } catch {
      // Foundation's own texts are vague; the system's reason lies below.
      let reason = ((error as? CocoaError)?.underlying as? POSIXError).map {
        String(cString: strerror($0.code.rawValue))
      }
      throw FigureError.fileSystem(
        action: action, path: place.path, reason: reason ?? error.localizedDescription)
    }
  }
}

/// What ``FigureWriter/write(_:name:formats:)`` made.
public struct WrittenFigure: Equatable, Sendable {
  /// Data, script, then the pictures.
  public let files: [URL]
  /// Points that have no place on the axes: NaN, infinite, or not positive on a logarithmic axis.
  public let omittedPoints: Int
  /// What gnuplot wrote to standard error; normally empty.
  public let warnings: String
}
