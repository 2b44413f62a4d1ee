import Foundation
import Networks
import PluginKit

/// `idx:IMAGES[,LABELS][,n=N]`: images and labels in MNIST's format.
///
/// Bytes are divided by 255, so that pixels lie in `[0, 1]`; other element types are taken as they are. The label
/// is the target. Without `LABELS` the labels' file is the one that MNIST's naming suggests
/// (`train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz`).
struct IDXDataset {
  var name: String
  let images: String
  let labels: String
  /// `nil`: all.
  let count: Int?
  var customaryStopLoss: Double?

  init(arguments: PluginArguments) throws {
    guard let images = arguments.text("images", position: 0) else {
      throw PluginError.badArgument(
        plugin: "idx", argument: "", expected: "a file of images, as in 'idx:IMAGES,LABELS'")
    }
    count = try arguments.integer("n", in: 1...Int(Int32.max))
    self.images = images
    let labels = arguments.text("labels", position: 1)
    try arguments.requireAllRead()
    self.labels = try labels ?? Self.labels(for: images)
    name = "idx:\(images)" + (count.map { ",n=\($0)" } ?? "")
  }

  init(name: String, images: String, labels: String, count: Int?, customaryStopLoss: Double?) {
    self.name = name
    self.images = images
    self.labels = labels
    self.count = count
    self.customaryStopLoss = customaryStopLoss
  }

  private static func labels(for images: String) throws -> String {
    let url = URL(fileURLWithPath: images)
    let file = url.lastPathComponent
    guard let range = file.range(of: #"images-idx\d"#, options: .regularExpression) else {
      throw DatasetFileError(path: images, problem: .labelsUnknown)
    }
    return url.deletingLastPathComponent()
      .appendingPathComponent(file.replacingCharacters(in: range, with: "labels-idx1")).path
  }

  /// - Throws: ``DatasetFileError``.
  func load() throws -> Dataset {
    let imageFile = try IDXFile(path: images)
    guard imageFile.dimensions.count > 1 else {
      throw DatasetFileError(path: images, problem: .imageRank(imageFile.dimensions.count))
    }
    let labelFile = try IDXFile(path: labels)
    guard labelFile.dimensions.count == 1 else {
      throw DatasetFileError(path: labels, problem: .labelRank(labelFile.dimensions.count))
    }
    guard labelFile.itemCount == imageFile.itemCount else {
      throw DatasetFileError(
        path: labels,
        problem: .labelCount(images: imageFile.itemCount, labels: labelFile.itemCount))
    }
    let n = count ?? imageFile.itemCount
    if n == 0 { throw DatasetFileError(path: images, problem: .empty) }
    let divisor = imageFile.elementType == .unsignedByte ? 255.0 : 1
    return try Dataset(
      name: name, inputs: imageFile.items(n, divisor: divisor, suffix: [1]),
      inputDimension: imageFile.itemLength + 1, targets: labelFile.items(n),
      customaryStopLoss: customaryStopLoss)
  }
}
