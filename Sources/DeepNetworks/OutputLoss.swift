import GradientFlow
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
  /// The diagonal of `l''` or, for a loss that couples outputs, a block of `c x c` for each sample.
  let curvatures: StateVector
  /// Some direction's `df` and `l'' df`.
  let tangents: StateVector
  let residualTangents: StateVector
  private let losses: StateVector
  private let targets: StateVector
  private let offsets: StateVector?
  private let coupled: (any CoupledLoss)?
  /// The order of the blocks of ``curvatures``.
  let order: Int

  init(_ data: Samples, _ loss: any Loss, _ offsets: [Double]?) throws {
    coupled = loss as? any CoupledLoss
    order = coupled == nil ? 1 : data.outputCount
    if let coupled {
      try coupled.validate(targets: data.targets, outputs: data.outputCount)
    } else {
      try loss.validate(targets: data.targets)
    }
    (sampleCount, outputCount, self.loss) = (data.sampleCount, data.outputCount, loss)
    let count = data.targets.count
    outputs = StateVector(count: count)
    residuals = StateVector(count: count)
    curvatures = StateVector(count: CurvatureRoots.length(count: count, order: order))
    tangents = StateVector(count: count)
    residualTangents = StateVector(count: count)
    losses = StateVector(count: coupled == nil ? count : data.sampleCount)
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
          targets.withSpan { y in
            if let coupled {
              coupled.evaluate(f, y, outputs: outputCount, value: &value, derivative: &derivative)
            } else {
              loss.evaluate(f, y, value: &value, derivative: &derivative)
            }
          }
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
      outputs.withSpan { f in
        targets.withSpan { y in
          if let coupled {
            coupled.secondDerivative(f, y, outputs: outputCount, into: &result)
          } else {
            loss.secondDerivative(f, y, into: &result)
          }
        }
      }
    }
  }

  /// ``residualTangents`` from ``tangents``.
  func applyCurvatures() { apply(curvatures, to: tangents, into: residualTangents) }

  /// `H v` for curvatures `H` laid out like ``curvatures``.
  func apply(_ h: StateVector, to v: StateVector, into result: StateVector) {
    for i in 0..<v.count {
      let first = i / order * order
      var sum = 0.0
      for j in 0..<order { sum += h.pointer[i * order + j] * v.pointer[first + j] }
      result.pointer[i] = sum
    }
  }
}
