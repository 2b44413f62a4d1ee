import Networks
import PluginKit

/// The losses that come with the program.
public enum LossesPlugin: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.losses.add("mse", summary: "(f - y)^2 / 2, the paper's") { _ in SquaredLoss() }
    try catalog.losses.add(
      "huber", summary: "squared up to |f - y| = delta, linear beyond",
      parameters: [.number("delta", "where it becomes linear", default: 1, in: PluginParameter.positive)],
      citation: "Huber, Ann. Math. Statist. 35 (1964) 73-101, doi:10.1214/aoms/1177703732"
    ) { HuberLoss(delta: $0.number("delta")) }
    try catalog.losses.add("logistic", summary: "log(1 + exp(-y f)), targets -1 and 1") { _ in
      LogisticLoss()
    }
    try catalog.losses.add(
      "cross-entropy", summary: "-log softmax(f) of the label's class, one output for each class"
    ) { _ in
      CrossEntropyLoss()
    }
    try catalog.losses.add("exponential-margin", summary: "exp(-y f), targets -1 and 1") { _ in
      ExponentialMarginLoss()
    }
  }
}
