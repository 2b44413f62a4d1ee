import CPluginABI
import Networks

/// An activation as C sees it: a table of functions, and what they get first. Both are valid as long as this object.
package final class ActivationTable {
  /// The functions; nothing is made or destroyed by them.
  package let pointer: UnsafePointer<phaseflow_activation>
  /// What they get first.
  package let instance: UnsafeRawPointer
  private let name: UnsafePointer<CChar>

  package init(_ activation: any Activation) {
    instance = UnsafeRawPointer(retained(Box(activation)))
    name = forever(activation.name)
    var table = phaseflow_activation()
    table.struct_size = MemoryLayout<phaseflow_activation>.size
    table.name = name
    table.homogeneity = Int32(activation.homogeneity ?? 0)
    table.setFunctions(slopes: activation.slopes != nil)
    pointer = forever(table)
  }

  deinit {
    pointer.deallocate()
    forget(name)
    release(UnsafeMutableRawPointer(mutating: instance))
  }
}

extension phaseflow_activation {
  /// The functions, for instances that are boxes of `any Activation`.
  mutating func setFunctions(slopes hasSlopes: Bool) {
    evaluate = { instance, count, z, value, derivative in
      var v = mutable(value, count).mutableSpan
      var d = mutable(derivative, count).mutableSpan
      Box<any Activation>.of(instance).evaluate(span(z, count).span, value: &v, derivative: &d)
    }
    second_derivative = { instance, count, z, result in
      var r = mutable(result, count).mutableSpan
      Box<any Activation>.of(instance).secondDerivative(span(z, count).span, into: &r)
    }
    kinks = { instance, capacity, points in
      let kinks = Box<any Activation>.of(instance).kinks
      for (i, kink) in kinks.prefix(capacity).enumerated() { points[i] = kink }
      return kinks.count
    }
    guard hasSlopes else { return }
    slopes = { instance, negative, positive in
      let slopes = Box<any Activation>.of(instance).slopes
      (negative.pointee, positive.pointee) = (slopes?.negative ?? .nan, slopes?.positive ?? .nan)
    }
  }
}
