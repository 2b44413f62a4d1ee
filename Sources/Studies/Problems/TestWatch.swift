import DeepNetworks
import GradientFlow
import ODECore

/// `test`: loss and accuracy on the test data, and accuracy on the training data, at the recorded times. Accuracy as
/// `Samples.accuracy(of:)` says; `null` for targets that are no classes.
///
/// - Columns: `testLoss`, `testAccuracy`, `trainAccuracy`.
/// - Summary: `loss`, `accuracy`, `trainAccuracy` at the end; `samples`.
final class TestWatch: Observer {
  let name = "test"
  let columns = ["testLoss", "testAccuracy", "trainAccuracy"]
  private let test: Samples
  private let training: Samples
  private let forward: (Span<Double>) -> ForwardPass

  /// - Parameter forward: outputs and loss on the test data.
  init(_ test: Samples, training: Samples, forward: @escaping (Span<Double>) -> ForwardPass) {
    (self.test, self.training, self.forward) = (test, training, forward)
  }

  func record(_ moment: Moment) -> [Double] {
    let pass = moment.withState { forward($0) }
    let own = moment.flow?.predictions ?? moment.architecture!.predictions
    return [
      pass.loss, test.accuracy(of: pass.predictions) ?? .nan, training.accuracy(of: own) ?? .nan,
    ]
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    let now = record(moment)
    return [
      "loss": .number(now[0]), "accuracy": .number(now[1]), "trainAccuracy": .number(now[2]),
      "samples": .integer(test.sampleCount),
    ]
  }
}
