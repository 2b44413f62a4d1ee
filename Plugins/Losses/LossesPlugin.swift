import GradientFlow
import PluginKit

/// The losses that come with the program.
public enum LossesPlugin: Plugin {
  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.losses.add("mse", summary: "(f - y)^2 / 2, the paper's") { _ in SquaredLoss() }
    try catalog.losses.add(
      "huber", summary: "squared up to |f - y| = delta, linear beyond", usage: "[:delta=1]"
    ) {
      try HuberLoss(
        delta: $0.number(
          "delta", position: 0, default: 1,
          in: Double.leastNormalMagnitude...Double.greatestFiniteMagnitude))
    }
    try catalog.losses.add("logistic", summary: "log(1 + exp(-y f)), targets -1 and 1") { _ in
      LogisticLoss()
    }
    try catalog.losses.add("exponential-margin", summary: "exp(-y f), targets -1 and 1") { _ in
      ExponentialMarginLoss()
    }
  }
}
