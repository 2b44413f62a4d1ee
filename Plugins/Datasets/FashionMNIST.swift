import Foundation
import Networks
import PluginKit

/// `fashion-mnist(n: 45, split: train)`: the first `n` images of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017,
/// arXiv:1708.07747) from Debian's package `dataset-fashion-mnist`; pixels in `[0, 1]`, the label 0-9 is the
/// target. The paper trains on the first 45 images (of MNIST) to a mean squared error of 1e-4, `R < 5e-5`.
package struct FashionMNIST {
  package static let folder = "/usr/share/datasets/fashion-mnist"

  package static let parameters: [PluginParameter] = [
    .integer("n", "how many images", default: 45, in: 1...60_000),
    .choice("split", "which part", ["train", "test"]),
  ]

  let count: Int
  let split: String

  /// - Parameter arguments: checked against the declared parameters `n` and `split`.
  package init(arguments: PluginArguments) {
    count = arguments.integer("n")
    split = arguments.value(of: "split")!
  }

  /// - Throws: ``DatasetFileError``.
  package func load(from folder: String = FashionMNIST.folder) throws -> Dataset {
    let prefix = "\(folder)/\(split == "train" ? "train" : "t10k")"
    let images = "\(prefix)-images-idx3-ubyte.gz"
    let labels = "\(prefix)-labels-idx1-ubyte.gz"
    for path in [images, labels] where !FileManager.default.fileExists(atPath: path) {
      throw DatasetFileError(path: path, problem: .packageMissing)
    }
    return try IDXDataset(
      name: "fashion-mnist:\(count)" + (split == "train" ? "" : ",\(split)"), images: images,
      labels: labels, count: count, customaryStopLoss: 5e-5
    ).load()
  }
}
