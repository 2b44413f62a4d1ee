import Networks
import ODECore

/// Outputs at the samples, losses and their derivatives by the outputs.
final class OutputLoss {
  let sampleCount: Int
  let outputCount: Int
  let loss: any Loss
  /// `f`, `l'`: `n c` numbers; outputs of one sample side by side.
  let outputs: StateVector
  let residuals: StateVector
  /// The diagonal of `l''`.
  let curvatures: StateVector
  /// Some direction's `df` and `l'' df`.
  let tangents: StateVector
  let residualTangents: StateVector
  private let losses: StateVector
  private let targets: StateVector
  private let offsets: StateVector?

  init(_ data: Samples, _ loss: any Loss, _ offsets: [Double]?) throws {
    try loss.validate(targets: data.targets)
    (sampleCount, outputCount, self.loss) = (data.sampleCount, data.outputCount, loss)
    let count = data.targets.count
    outputs = StateVector(count: count)
    residuals = StateVector(count: count)
    curvatures = StateVector(count: count)
    tangents = StateVector(count: count)
    residualTangents = StateVector(count: count)
    losses = StateVector(count: count)
    targets = StateVector(data.targets)
    self.offsets = offsets.map { StateVector($0) }
  }

  /// `R`, from the network's outputs in ``outputs``, which get centred.
  func evaluate() -> Double {
    if let offsets {
      for i in 0..<outputs.count { outputs.pointer[i] -= offsets.pointer[i] }
    }
    losses.withMutableSpan { value in
      residuals.withMutableSpan { derivative in
        outputs.withSpan { f in
          targets.withSpan { loss.evaluate(f, $0, value: &value, derivative: &derivative) }
        }
      }
    }
    var sum = 0.0
    for i in 0..<losses.count { sum += losses.pointer[i] }
    return sum / Double(sampleCount)
  }

  /// Fills ``curvatures``, after ``evaluate()``.
  func evaluateCurvatures() {
    curvatures.withMutableSpan { result in
      outputs.withSpan { f in targets.withSpan { loss.secondDerivative(f, $0, into: &result) } }
    }
  }

  /// ``residualTangents`` from ``tangents``.
  func applyCurvatures() {
    for i in 0..<tangents.count {
      residualTangents.pointer[i] = curvatures.pointer[i] * tangents.pointer[i]
    }
  }
}
