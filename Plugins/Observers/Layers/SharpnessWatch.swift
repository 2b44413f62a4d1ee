import DeepNetworks
import ODECore

/// `sharpness`: the largest eigenvalues of the Hessian of `R` in the mobility's metric, ``/DeepNetworks/Sharpness``.
///
/// Gradient descent with step `h` is stable while the largest is below `2 / h`: of methods with a fixed step the last step's bound stands beside
/// it.
///
/// - Columns: `sharpness1`, ..., and `twoOverStep`, 2 over the length of the last step (NaN at the start).
/// - Summary: `eigenvalues` at the end, descending; `largest`, over the recorded times; `products`, in all.
final class SharpnessWatch: Observer {
  let name = "sharpness"
  let columns: [String]
  let watchesSteps = true
  private let method: Sharpness
  private let count: Int
  private var (largest, products) = (-Double.infinity, 0)
  private var step = Double.nan

  init(count: Int, tolerance: Double) {
    self.count = count
    method = Sharpness(count: count, tolerance: tolerance)
    columns = (1...count).map { "sharpness\($0)" } + ["twoOverStep"]
  }

  var memory: [Double] {
    get { [largest, Double(products), step] }
    set {
      guard newValue.count == 3 else { return }
      (largest, products, step) = (newValue[0], Int(newValue[1]), newValue[2])
    }
  }

  func refusal(of problem: ODEProblem) -> String? {
    problem.system is ArchitectureFlow
      ? nil : "it watches networks with hidden layers (--hidden) or several outputs, and this is none"
  }

  func step(_ moment: Moment) { step = moment.time - moment.previousTime }

  func record(_ moment: Moment) throws -> [Double] { try measure(moment) + [2 / step] }

  func finish(_ moment: Moment) throws -> [String: ObservedValue] {
    [
      "eigenvalues": .numbers(try measure(moment)), "largest": .number(largest),
      "products": .integer(products),
    ]
  }

  private func measure(_ moment: Moment) throws -> [Double] {
    let flow = moment.architecture!.flow
    let values = try moment.withState { try method(flow, $0) }
    products += method.products
    largest = max(largest, values[0])
    // A network of fewer parameters has fewer.
    return values + [Double](repeating: .nan, count: count - values.count)
  }
}
