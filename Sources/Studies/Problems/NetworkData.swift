import Foundation
import GradientFlow
import PluginKit

/// The data of a network's run, as its loss needs them, and the loss.
package struct NetworkData {
  /// As it appears in records.
  let name: String
  package let training: Samples
  /// `nil` unless test data were given.
  let test: Samples?
  let loss: any Loss
  /// The loss at which the data's own authors stop training, if that is known and the targets are theirs.
  let customaryStopLoss: Double?

  /// - Throws: ``UsageError``, or an error of the data or the plug-ins.
  init(_ configuration: RunConfiguration, _ catalog: PluginCatalog) throws {
    try self.init(configuration, catalog, catalog.datasets.make)
  }

  /// - Parameter read: makes a data set of its name.
  package init(
    _ configuration: RunConfiguration, _ catalog: PluginCatalog, _ read: (String) throws -> Dataset
  ) throws {
    let data = try read(configuration.data)
    loss = try catalog.losses.make(configuration.loss)
    var (training, test) = (data.samples, try configuration.testData.map { try read($0).samples })
    if let test, test.inputDimension != training.inputDimension || test.outputCount != training.outputCount {
      throw UsageError(
        "test-data has \(test.inputDimension - 1) inputs and \(test.outputCount) outputs, data \(training.inputDimension - 1) and \(training.outputCount)"
      )
    }
    let isSplit = configuration.oneHot || loss is any CoupledLoss && training.outputCount == 1
    if isSplit {
      guard let classes = training.classCount, let others = test.map(\.classCount) ?? classes else {
        throw UsageError(
          "\(configuration.oneHot ? "one-hot" : "loss '\(loss.name)'") needs one target for each input, a label 0, 1, 2, ..."
        )
      }
      let count = max(classes, others)
      training = training.oneHot(classes: count)
      test = test?.oneHot(classes: count)
    }
    (name, self.training, self.test) = (data.name, training, test)
    customaryStopLoss = isSplit ? nil : data.customaryStopLoss
  }

  var inputDimension: Int { training.inputDimension }
}
