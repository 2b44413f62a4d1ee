import CPluginABI
import Networks

/// The loss `l(f, y)` of one sample with prediction `f` and target `y` (``/Networks/Loss``) that can be loaded at run
/// time.
public protocol LossPlugin: PluginDescription, Loss {
  /// For the message when ``accepts(target:)`` says no: `-1 or 1`.
  static var targetRequirement: String { get }

  /// - Parameter parameters: a value for each of ``PluginDescription/parameters``, within its range.
  /// - Throws: whatever says best why these values cannot be.
  init(_ parameters: Parameters) throws
  /// Whether the loss makes sense for the target `y`.
  func accepts(target y: Double) -> Bool
}

extension LossPlugin {
  /// The type's; give it the values of the parameters where there are any: `"huber:\(delta)"`.
  public var name: String { Self.name }
  public static var targetRequirement: String { "one that the loss is defined for" }
  public func accepts(target y: Double) -> Bool { true }

  public func validate(targets: [Double]) throws {
    if let i = targets.firstIndex(where: { !accepts(target: $0) }) {
      throw LossTargetError(loss: name, index: i, target: targets[i], expected: Self.targetRequirement)
    }
  }

  static var table: phaseflow_loss {
    var table = phaseflow_loss(Self.self) { Box(try Self($0) as any LossPlugin) }
    table.evaluate = { instance, count, f, y, value, derivative in
      var v = mutable(value, count).mutableSpan
      var d = mutable(derivative, count).mutableSpan
      Box<any LossPlugin>.of(instance).evaluate(
        span(f, count).span, span(y, count).span, value: &v, derivative: &d)
    }
    table.second_derivative = { instance, count, f, y, result in
      var r = mutable(result, count).mutableSpan
      Box<any LossPlugin>.of(instance).secondDerivative(span(f, count).span, span(y, count).span, into: &r)
    }
    table.accepts_target = { instance, y in Box<any LossPlugin>.of(instance).accepts(target: y) ? 1 : 0 }
    table.target_requirement = optionalText(targetRequirement)
    return table
  }
}
