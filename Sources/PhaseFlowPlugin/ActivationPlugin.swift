import CPluginABI

/// An activation function `sigma`, elementwise on blocks.
///
/// ```swift
/// struct Softsign: ActivationPlugin {
///   static let name = "softsign"
///   static let summary = "z / (1 + |z|)"
///   init(_ parameters: Parameters) {}
///   func evaluate(_ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>) {
///     for i in z.indices {
///       let q = 1 / (1 + abs(z[i]))
///       value[i] = z[i] * q
///       derivative[i] = q * q
///     }
///   }
///   func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
///     for i in z.indices {
///       let q = 1 / (1 + abs(z[i]))
///       result[i] = z[i] == 0 ? 0 : (z[i] < 0 ? 2 : -2) * q * q * q
///     }
///   }
/// }
/// ```
///
/// Functions run on several threads at once for one value, hence `Sendable`.
public protocol ActivationPlugin: Plugin, Sendable {
  /// `p >= 1` such that `sigma(c z) = c^p sigma(z)` for all `c > 0` and all parameters, or 0.
  static var homogeneity: Int { get }
  /// Where `sigma'` jumps, ascending.
  var kinks: [Double] { get }
  /// `sigma(z)` and `sigma'(z)`; at a kink the left derivative.
  func evaluate(_ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>)
  /// `sigma''(z)`; 0 at a kink.
  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>)
}

extension ActivationPlugin {
  public static var homogeneity: Int { 0 }
  public var kinks: [Double] { [] }
}

/// An activation that is linear on both sides of 0; PhaseFlow then uses its own kernel.
public protocol PiecewiseLinearPlugin: ActivationPlugin {
  /// The slopes for `z <= 0` and for `z > 0`.
  var slopes: (negative: Double, positive: Double) { get }
}

func describe(_ type: any ActivationPlugin.Type) -> phaseflow_activation {
  var table = phaseflow_activation()
  table.struct_size = MemoryLayout<phaseflow_activation>.size
  table.name = forever(type.name)
  table.summary = optionalText(type.summary)
  table.citation = optionalText(type.citation)
  (table.parameter_count, table.parameters) = parameterList(type.parameters)
  table.context = Box(type).retained
  table.homogeneity = Int32(type.homogeneity)
  table.create = { context, values, instance in
    let type = Box<any ActivationPlugin.Type>.of(context)
    return attempt {
      instance.pointee =
        Box(try type.init(Parameters(type.parameters, values)) as any ActivationPlugin).retained
    }
  }
  table.destroy = { release($0) }
  table.evaluate = { instance, count, z, value, derivative in
    var v = mutable(value, count).mutableSpan
    var d = mutable(derivative, count).mutableSpan
    Box<any ActivationPlugin>.of(instance).evaluate(span(z, count).span, value: &v, derivative: &d)
  }
  table.second_derivative = { instance, count, z, result in
    var r = mutable(result, count).mutableSpan
    Box<any ActivationPlugin>.of(instance).secondDerivative(span(z, count).span, into: &r)
  }
  table.kinks = { instance, capacity, points in
    let kinks = Box<any ActivationPlugin>.of(instance).kinks
    for (i, kink) in kinks.prefix(capacity).enumerated() { points[i] = kink }
    return kinks.count
  }
  if type is any PiecewiseLinearPlugin.Type {
    table.slopes = { instance, negative, positive in
      let slopes = (Box<any ActivationPlugin>.of(instance) as! any PiecewiseLinearPlugin).slopes
      (negative.pointee, positive.pointee) = slopes
    }
  }
  return table
}
