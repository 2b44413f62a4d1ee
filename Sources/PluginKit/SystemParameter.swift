/// A number that a system depends on, and the same system with another one: what sensitivities are taken with respect to.
public struct SystemParameter {
  /// As in `name=value`.
  public let name: String
  /// As the model was made.
  public let value: Double
  /// What it may be.
  public let range: ClosedRange<Double>
  /// The model with another value and everything else the same.
  public let make: (Double) throws -> SystemModel
}

extension PluginArguments {
  /// The numbers among the declared parameters.
  ///
  /// - Parameter make: makes the system from arguments.
  public func systemParameters(_ make: @escaping (PluginArguments) throws -> SystemModel) -> [SystemParameter]
  {
    parameters.compactMap { parameter in
      guard case .number(let range) = parameter.kind, let value = optionalNumber(parameter.name) else {
        return nil
      }
      return SystemParameter(name: parameter.name, value: value, range: range) {
        try make(self.replacing(parameter.name, by: "\($0)"))
      }
    }
  }

  /// The same arguments with another value for a declared parameter.
  private func replacing(_ name: String, by text: String) throws -> PluginArguments {
    let given = parameters.compactMap { parameter -> String? in
      let value = parameter.name == name ? text : value(of: parameter.name)
      return value.map { "\(parameter.name)=\($0)" }
    }
    return try PluginArguments(plugin: plugin, text: given.joined(separator: ","), parameters: parameters)
  }
}
