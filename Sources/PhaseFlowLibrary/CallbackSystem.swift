import CPhaseFlow
import ODECore

/// A right-hand side that is a C function.
class CallbackSystem: BandStructured {
  let dimension: Int
  let bandwidths: (lower: Int, upper: Int)?
  fileprivate let memory: CallMemory
  private let function: phaseflow_right_hand_side
  private let user: UnsafeMutableRawPointer?

  init(
    _ function: @escaping phaseflow_right_hand_side, _ user: UnsafeMutableRawPointer?, dimension: Int,
    bandwidths: (lower: Int, upper: Int)?, _ memory: CallMemory
  ) {
    (self.function, self.user, self.dimension) = (function, user, dimension)
    (self.bandwidths, self.memory) = (bandwidths, memory)
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    let code = y.withUnsafeBufferPointer { y in
      dy.withUnsafeMutableBufferPointer { dy in
        let status = function(t, memory.input(y), memory.output ?? dy.baseAddress!, user)
        if let written = memory.output { dy.baseAddress!.update(from: written, count: dimension) }
        return status
      }
    }
    if code != 0 { throw CallbackError(function: "the right-hand side", code: code, time: t) }
  }
}

/// One whose Jacobian is a C function as well.
final class CallbackSystemWithJacobian: CallbackSystem, DenseJacobianProviding {
  private let jacobianFunction: phaseflow_jacobian
  private let jacobianUser: UnsafeMutableRawPointer?

  init(
    _ function: @escaping phaseflow_right_hand_side, jacobian: @escaping phaseflow_jacobian,
    _ user: UnsafeMutableRawPointer?, dimension: Int, bandwidths: (lower: Int, upper: Int)?,
    _ memory: CallMemory
  ) {
    (jacobianFunction, jacobianUser) = (jacobian, user)
    super.init(function, user, dimension: dimension, bandwidths: bandwidths, memory)
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) throws {
    let code = y.withUnsafeBufferPointer { y in
      jacobian.withUnsafeMutableBufferPointer {
        jacobianFunction(t, memory.input(y), $0.baseAddress!, jacobianUser)
      }
    }
    if code != 0 { throw CallbackError(function: "the Jacobian", code: code, time: t) }
  }
}

/// Where the caller's functions find `y` and leave `f`, if always in the same place.
struct CallMemory {
  let y: UnsafeMutablePointer<Double>?
  let output: UnsafeMutablePointer<Double>?

  func input(_ state: UnsafeBufferPointer<Double>) -> UnsafePointer<Double> {
    guard let y else { return state.baseAddress! }
    y.update(from: state.baseAddress!, count: state.count)
    return UnsafePointer(y)
  }
}

/// A function of the caller's that asked to end the integration.
struct CallbackError: Error, CustomStringConvertible {
  let function: String
  let code: Int32
  let time: Double
  var description: String { "\(function) returned \(code) at t = \(time)" }
}
