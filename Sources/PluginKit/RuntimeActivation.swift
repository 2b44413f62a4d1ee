import ODECore
import CPluginABI
import Networks

/// An activation from a plug-in library: blocks go straight to its C functions.
struct RuntimeActivation: Activation, FaultReporting, @unchecked Sendable {  // C functions are not marked Sendable
  let name: String
  let homogeneity: Int?
  let kinks: [Double]
  let slopes: Slopes?
  private let instance: RuntimeInstance
  private let faults = FaultBox()
  private let item: String
  var fault: String? { faults.text }
  private let evaluateBlock:
    @convention(c) (
      UnsafeRawPointer?, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>,
      UnsafeMutablePointer<Double>
    ) -> Void
  private let secondDerivativeBlock:
    @convention(c) (UnsafeRawPointer?, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void

  /// - Throws: see ``RuntimeInstance``; ``PluginLibraryError`` for kinks out of order and slopes that
  ///   are not finite.
  init(_ plugin: RuntimePlugin<phaseflow_activation>, _ arguments: PluginArguments) throws {
    let descriptor = plugin.descriptor
    instance = try RuntimeInstance(plugin, arguments)
    name = instance.specification
    item = plugin.item
    evaluateBlock = descriptor.evaluate
    secondDerivativeBlock = descriptor.second_derivative
    func inconsistent(_ reason: String) -> PluginLibraryError {
      PluginLibraryError(file: plugin.file, problem: .inconsistent(item: plugin.item, reason: reason))
    }
    if let read = descriptor.slopes {
      var (negative, positive) = (Double.nan, Double.nan)
      read(instance.pointer, &negative, &positive)
      guard negative.isFinite, positive.isFinite else {
        throw inconsistent("slopes are \(negative) and \(positive); they must be finite")
      }
      slopes = Slopes(negative: negative, positive: positive)
      kinks = negative == positive ? [] : [0]
      homogeneity = 1
      return
    }
    slopes = nil
    homogeneity = descriptor.homogeneity == 0 ? nil : Int(descriptor.homogeneity)
    var points: [Double] = []
    if let read = descriptor.kinks {
      var capacity = 8
      repeat {
        points = [Double](repeating: .nan, count: capacity)
        let count = read(instance.pointer, capacity, &points)
        if let reason = implausible("kinks", count) { throw inconsistent(reason) }
        if count <= capacity { points.removeLast(capacity - count) }
        capacity = count
      } while points.count < capacity
    }
    guard points.allSatisfy(\.isFinite), zip(points, points.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw inconsistent("kinks are \(points); they must be finite and ascending")
    }
    kinks = points
  }

  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    let count = z.count
    precondition(value.count == count && derivative.count == count)
    if count == 0 { return }
    z.withUnsafeBufferPointer { z in
      value.withUnsafeMutableBufferPointer { value in
        derivative.withUnsafeMutableBufferPointer { derivative in
          evaluateBlock(
            instance.pointer, count, z.baseAddress!, value.baseAddress!, derivative.baseAddress!)
        }
      }
    }
    faults.check(item, z, value: value.span, derivative: derivative.span)
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    let count = z.count
    precondition(result.count == count)
    if count == 0 { return }
    z.withUnsafeBufferPointer { z in
      result.withUnsafeMutableBufferPointer { result in
        secondDerivativeBlock(instance.pointer, count, z.baseAddress!, result.baseAddress!)
      }
    }
    faults.check(item, "second derivative", z, result.span)
  }
}
