import GradientFlow
import ODECore
import PluginKit

/// Counts the neurons that are active on at least one sample: `w_k . x_i > 0` for some `i`.
final class ActiveNeurons: FlowObserver {
  let name = "active-neurons"
  let columns = ["active"]

  func record(_ s: FlowSnapshot) -> [Double] {
    let data = s.flow.data
    let active = (0..<s.width).filter { k in
      (0..<data.sampleCount).contains { i in
        zip(data.input(i), 0..<s.inputDimension).reduce(0) { $0 + $1.0 * s.w(k, $1.1) } > 0
      }
    }
    return [Double(active.count)]
  }

  func finish(_ s: FlowSnapshot) -> [String: ObservedValue] { ["final": .number(record(s)[0])] }
}

enum ActiveNeuronsPlugin: PluginFamily {
  static func register(in catalog: inout PluginCatalog) throws {
    try catalog.observers.add("active-neurons", summary: "neurons active on some sample") { _ in
      ActiveNeurons()
    }
  }
}
