import Foundation
import ODECore
import PluginKit

extension SystemModel {
  /// The model with its sensitivities `dy/dp` beside it, for parameters, or components at the start, by name. Columns are called
  /// `dy0/drate`, and `dy0/dy1(0)` for a component at the start.
  ///
  /// - Throws: ``UsageError``, errors of the plug-in.
  func withSensitivities(to names: [String]) throws -> SystemModel {
    if let twice = names.firstRepeated { throw UsageError("sensitivity names '\(twice)' twice") }
    if events.contains(where: { $0.change != nil }) {
      throw UsageError(
        "'\(name)' has events that change the state; sensitivities jump there and cannot be computed"
      )
    }
    let directions = try names.map(direction)
    let sensitivities = SensitivitySystem(system, directions.map(\.variation))
    let n = system.dimension
    let columns = directions.flatMap { direction in
      componentNames.map { "d\($0)/d\(direction.variation.name)" }
    }
    return try SystemModel(
      name: name, sensitivities, initialState: initialState + directions.flatMap(\.start), from: initialTime,
      finalTime: finalTime, componentNames: componentNames + columns,
      events: events.map { event in
        Event(
          event.name, direction: event.direction, isTerminal: event.isTerminal,
          searchesInside: event.searchesInside
        ) { try event.function($0, $1.extracting(0..<n)) }
      },
      invariants: invariants.map { kept in
        Invariants(names: kept.names) { kept.values($0, $1.extracting(0..<n)) }
      }, discontinuities: discontinuities)
  }

  /// What to vary, and how the start depends on it.
  private func direction(_ name: String) throws -> (variation: SensitivitySystem.Variation, start: [Double]) {
    // Differences are central: their error is least near the cube root of the rounding unit.
    let relative = cbrt(Double.ulpOfOne)
    func scale(_ value: Double) -> Double { value == 0 ? 1 : abs(value) }
    if let parameter = parameters.first(where: { $0.name == name }) {
      let (scale, step) = (scale(parameter.value), relative * scale(parameter.value))
      let (low, high) = (parameter.value - step, parameter.value + step)
      guard parameter.range.contains(low), parameter.range.contains(high) else {
        throw UsageError(
          "sensitivity: '\(name)' is \(parameter.value), at the end of its range; there is no derivative on both sides"
        )
      }
      let (below, above) = (try parameter.make(low), try parameter.make(high))
      guard above.initialState.count == initialState.count, below.initialState.count == initialState.count
      else { throw UsageError("sensitivity: the number of unknowns depends on '\(name)'") }
      let start = initialState.indices.map {
        (above.initialState[$0] - below.initialState[$0]) / (2 * step)
      }
      return (
        .init(name: name, scale: scale, step: step, above: above.system, below: below.system), start
      )
    }
    guard let place = componentNames.firstIndex(of: name) else {
      let known = parameters.map(\.name) + componentNames
      let near = nearMisses(of: name, among: known)
      throw UsageError(
        "sensitivity: '\(self.name)' has no parameter and no component '\(name)'; it has "
          + (near.isEmpty ? known.prefix(8) : near[...]).joined(separator: ", "))
    }
    let scale = scale(initialState[place])
    let start = initialState.indices.map { $0 == place ? 1.0 : 0 }
    return (
      .init(name: "\(name)(0)", scale: scale, step: relative * scale, above: system, below: system), start
    )
  }
}
