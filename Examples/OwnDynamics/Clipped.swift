import Networks
import PluginKit

/// `theta' = F / (1 + |F| / speed)`: the gradient flow's path at a bounded speed, as gradient clipping has it.
struct Clipped: Dynamics {
  let speed: Double
  var name: String { "clipped:\(speed)" }
  let vectorCount = 1

  func derivative(
    _ t: Double, _ y: Span<Double>, force: Span<Double>, into dy: inout MutableSpan<Double>
  ) {
    var squares = 0.0
    for i in force.indices { squares += force[i] * force[i] }
    let factor = 1 / (1 + squares.squareRoot() / speed)
    for i in force.indices { dy[i] = factor * force[i] }
  }

  /// `R' = -factor |F|^2`.
  func energy(_ t: Double, potential: Double, squaredNorms: [Double]) -> Double? { potential }
}

enum ClippedPlugin: PluginFamily {
  static func register(in catalog: inout PluginCatalog) throws {
    try catalog.dynamics.add(
      "clipped", summary: "theta' = F / (1 + |F|/speed)",
      parameters: [.number("speed", "the largest", default: 1, in: PluginParameter.positive)]
    ) { Clipped(speed: $0.number("speed")) }
  }
}
