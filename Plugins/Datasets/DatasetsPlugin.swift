import Foundation
import Networks
import PluginKit

/// The data sets that come with the program, and the readers of data files.
public enum DatasetsPlugin: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.datasets.add("four-points", summary: "the paper's 1-d data, y = x^2") { _ in
      try fourPoints()
    }
    try catalog.datasets.add("bench-points", summary: "four 1-d points used in benchmarks") { _ in
      try benchPoints()
    }
    try catalog.datasets.add("sine-points", summary: "sixteen 1-d points of y = sin(3x + 1/2)") { _ in
      try sinePoints()
    }
    try catalog.datasets.add(
      "fashion-mnist", summary: "the first n images of Fashion-MNIST, y = label 0-9",
      parameters: FashionMNIST.parameters, citation: "Xiao, Rasul, Vollgraf, arXiv:1708.07747 (2017)"
    ) { try FashionMNIST(arguments: $0).load() }
    try catalog.datasets.add(
      "idx", summary: "images and labels in MNIST's format, gzip or not",
      usage: ":IMAGES[,LABELS][,n=N]"
    ) { try IDXDataset(arguments: $0).load() }
    catalog.datasets.fallback = { looksLikeFile($0) ? try CSVDataset.load(path: $0) : nil }
  }

  /// Makes what `--data` asks for: a CSV file, or an entry of the catalog.
  ///
  /// `name` and `name:arguments` with a name of the catalog mean that entry. Otherwise whatever ends in `.csv`,
  /// contains a slash, or is the path of an existing file is read as CSV (so `./name` reads a file that is
  /// called like an entry). The rest is looked up in the catalog, whose error names near misses.
  ///
  /// - Throws: ``DatasetFileError``, ``DatasetError``, `PluginError`.
  public static func dataset(for specification: String, in catalog: PluginCatalog) throws -> Dataset {
    try catalog.datasets.make(specification)
  }

  private static func looksLikeFile(_ specification: String) -> Bool {
    specification.lowercased().hasSuffix(".csv") || specification.contains("/")
      || FileManager.default.fileExists(atPath: specification)
  }
}
