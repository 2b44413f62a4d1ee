import CPluginABI

/// The loss `l(f, y)` of one sample with prediction `f` and target `y`, elementwise on blocks.
///
/// Functions run on several threads at once for one value, hence `Sendable`.
public protocol LossPlugin: Plugin, Sendable {
  /// For the message when ``accepts(target:)`` says no: `-1 or 1`.
  static var targetRequirement: String { get }
  /// Whether the loss makes sense for the target `y`.
  func accepts(target y: Double) -> Bool
  /// `l(f, y)` and its derivative by `f`.
  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>)
  /// The second derivative by `f`.
  func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>)
}

extension LossPlugin {
  public static var targetRequirement: String { "" }
  public func accepts(target y: Double) -> Bool { true }
}

func describe(_ type: any LossPlugin.Type) -> phaseflow_loss {
  var table = phaseflow_loss()
  table.struct_size = MemoryLayout<phaseflow_loss>.size
  table.name = forever(type.name)
  table.summary = optionalText(type.summary)
  table.citation = optionalText(type.citation)
  (table.parameter_count, table.parameters) = parameterList(type.parameters)
  table.context = Box(type).retained
  table.create = { context, values, instance in
    let type = Box<any LossPlugin.Type>.of(context)
    return attempt {
      instance.pointee = Box(try type.init(Parameters(type.parameters, values)) as any LossPlugin).retained
    }
  }
  table.destroy = { release($0) }
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
  table.target_requirement = optionalText(type.targetRequirement)
  return table
}
