/// The network's outputs at the samples.
public struct ForwardPass: Sendable {
  /// `f(x_i)`.
  public let predictions: [Double]
  /// `l'(f_i, y_i)`.
  public let residuals: [Double]
  /// `R`.
  public let loss: Double

  package init(predictions: [Double], residuals: [Double], loss: Double) {
    (self.predictions, self.residuals, self.loss) = (predictions, residuals, loss)
  }
}
