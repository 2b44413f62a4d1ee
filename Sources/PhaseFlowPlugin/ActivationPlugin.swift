import CPluginABI
import Networks

/// An activation function `sigma` (``/Networks/Activation``) that can be loaded at run time.
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
/// Whether there are `slopes`, and the `homogeneity`, must not depend on the parameters. Of an activation with `slopes`
/// PhaseFlow uses its own kernel.
public protocol ActivationPlugin: PluginDescription, Activation {
  /// - Parameter parameters: a value for each of ``PluginDescription/parameters``, within its range.
  /// - Throws: whatever says best why these values cannot be.
  init(_ parameters: Parameters) throws
}

extension ActivationPlugin {
  /// The type's; give it the values of the parameters where there are any: `"swish:\(beta)"`.
  public var name: String { Self.name }

  static var table: phaseflow_activation {
    let declared = try? Self(Parameters(parameters))
    var table = phaseflow_activation(Self.self) {
      let activation = try Self($0)
      if let declared {
        guard activation.homogeneity == declared.homogeneity else {
          throw DependsOnParameters(what: "homogeneity")
        }
        guard (activation.slopes == nil) == (declared.slopes == nil) else {
          throw DependsOnParameters(what: "use of slopes")
        }
      }
      return Box(activation as any Activation)
    }
    table.homogeneity = Int32(declared?.homogeneity ?? 0)
    table.setFunctions(slopes: declared?.slopes != nil)
    return table
  }
}
