import ODECore
import PhaseFlowPlugin
import UntrustedNumbers

extension PluginCatalog {
  /// Adds a type that could be loaded at run time as well: what `PluginExports` lists there is registered here.
  ///
  /// ```swift
  /// try catalog.add(Swish.self)
  /// let swish = try catalog.activations.make("swish:1.5")
  /// ```
  ///
  /// A type that conforms to none of the five protocols is a programmer's mistake and traps.
  ///
  /// - Throws: ``PluginError`` if the name is taken, or is none.
  public mutating func add(_ plugin: any PluginDescription.Type) throws {
    switch plugin {
    case let type as any ActivationPlugin.Type:
      try activations.add(type) { try type.init($0.values(of: type)) }
    case let type as any LossPlugin.Type: try losses.add(type) { try type.init($0.values(of: type)) }
    case let type as any ObserverPlugin.Type: try observers.add(type) { try type.init($0.values(of: type)) }
    case let type as any SystemPlugin.Type: try systems.add(type) { try SystemModel(type, $0) }
    case let type as any IntegratorPlugin.Type:
      try integrators.add(type) { arguments in
        let values = arguments.values(of: type)
        return { settings in
          let step = type.takesFixedSteps ? try settings.givenStep(of: type.name) : nil
          try settings.requireOneTolerance(of: type.name)
          return try type.init(values, rtol: settings.rtol, atol: settings.atol, fixedStep: step)
        }
      }
    default: preconditionFailure("\(plugin) conforms to none of the protocols of a plug-in")
    }
  }
}

extension PluginTable {
  fileprivate mutating func add(
    _ type: any PluginDescription.Type, make: @escaping (PluginArguments) throws -> Product
  ) throws {
    try add(
      type.name, summary: type.summary, parameters: type.parameters.map(PluginParameter.init),
      citation: type.citation, make: make)
  }
}

extension SystemModel {
  fileprivate init(_ type: any SystemPlugin.Type, _ arguments: PluginArguments) throws {
    let system = try type.init(arguments.values(of: type))
    try self.init(
      name: arguments.specification(type.parameters.map(\.name)), system, initialState: system.initialState,
      from: type.initialTime, finalTime: type.finalTime == type.initialTime ? nil : type.finalTime,
      componentNames: system.componentNames, events: system.events, invariants: system.invariants,
      discontinuities: system.discontinuities)
  }
}

extension IntegratorSettings {
  /// - Throws: ``PluginError`` where there are tolerances by component, which methods of plug-ins are not told.
  package func requireOneTolerance(of plugin: String) throws {
    guard atols != nil else { return }
    throw PluginError.badArgument(
      plugin: plugin, argument: "component-atol", expected: "--atol, one tolerance for all components")
  }

  /// The size of all steps of a method that cannot choose them.
  ///
  /// - Throws: ``PluginError`` if there is none.
  func givenStep(of plugin: String) throws -> Double {
    guard let fixedStep else {
      throw PluginError.badArgument(
        plugin: plugin, argument: "step auto", expected: "--step H, since all its steps have one size")
    }
    return fixedStep * stepScale
  }
}

extension PluginArguments {
  /// The values of a type's parameters.
  fileprivate func values(of type: any PluginDescription.Type) -> Parameters {
    Parameters(
      type.parameters,
      Dictionary(uniqueKeysWithValues: type.parameters.map { ($0.name, number($0.name)) }))
  }

  /// The plug-in's name with the values of its numbers, if it has any: `swish:1.5`.
  func specification(_ names: [String]) -> String {
    names.isEmpty ? plugin : plugin + ":" + names.map { shortText(number($0)) }.joined(separator: ",")
  }
}

extension PluginParameter {
  /// A number of a type, or of a library. A whole one is at most 2^53, beyond which not all are doubles.
  init(_ parameter: Parameter) {
    let (low, high) = (parameter.range.lowerBound, parameter.range.upperBound)
    if parameter.isInteger {
      let bounds =
        Int(saturating: max(low, -0x1p53).rounded(.up))...Int(saturating: min(high, 0x1p53).rounded(.down))
      self = .integer(
        parameter.name, parameter.summary, default: Int(saturating: parameter.defaultValue), in: bounds)
    } else {
      let largest = Double.greatestFiniteMagnitude
      self = .number(
        parameter.name, parameter.summary, default: parameter.defaultValue,
        in: max(low, -largest)...min(high, largest))
    }
  }
}
