import Foundation

extension RunConfiguration {
  /// The same run, to be replayed from any folder: paths of files made absolute.
  package var withAbsolutePaths: RunConfiguration {
    var copy = self
    copy.data = Self.absoluteData(data)
    copy.plugin = plugin.map(absolutePath)
    copy.initialState = initialState.map(Self.absolute)
    return copy
  }

  private static func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }

  /// A data file's path, or those after `idx:`, made absolute; names of data sets stay.
  private static func absoluteData(_ data: String) -> String {
    let prefix = data.hasPrefix("idx:") ? "idx:" : ""
    let parts = prefix.isEmpty ? [data] : data.dropFirst(4).split(separator: ",").map(String.init)
    return prefix
      + parts.map { FileManager.default.fileExists(atPath: $0) ? absolute($0) : $0 }.joined(separator: ",")
  }
}
