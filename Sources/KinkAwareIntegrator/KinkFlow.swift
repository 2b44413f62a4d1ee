import CKinkFlow
import Dispatch
import GradientFlow
import ODECore

/// The one owner of a `ckink_flow`.
final class KinkFlow {
  private let handle: OpaquePointer

  /// - Throws: ``ODECore/IntegrationFailure``; `BLASError`.
  init(
    _ settings: KinkAware, _ system: TwoLayerFlow, _ time: Double, _ start: StateVector, _ restart: Restart?
  ) throws {
    let (data, slopes) = (system.data, system.activation.slopes!)
    // Eigenvalues of larger matrices come from LAPACK, on one thread.
    if data.sampleCount > 16 { try BLAS.check() }
    var options = ckink_options(
      tolerance: settings.rtol, stages: Int32(settings.stages), stay: settings.repelling == .stay,
      threads: Int32(system.threads),
      parallel: { _, count, threads, body, argument in
        KinkFlow.share(count, Int(threads), body, argument)
      })
    var status = CKINK_OK
    let memory = restart?.errorHistory ?? []
    let step = restart.map(\.stepSize) ?? 0
    guard step >= 0, step.isFinite, restart == nil || step > 0 else {
      throw IntegrationFailure(
        .initialFailure, "kink-aware: the step to resume with is \(step); it must be positive")
    }
    let made = data.inputs.withUnsafeBufferPointer { inputs in
      data.targets.withUnsafeBufferPointer { targets in
        var problem = ckink_problem(
          width: system.shape.width, dimension: Int32(data.inputDimension), samples: Int32(data.sampleCount),
          inputs: inputs.baseAddress!, targets: targets.baseAddress!, kappa: system.scaling.kappa,
          kappa_prime: system.scaling.kappaPrime, negative: slopes.negative, positive: slopes.positive)
        return memory.withUnsafeBufferPointer {
          ckink_create(
            &problem, &options, time, start.pointer, step, memory.isEmpty ? nil : $0.baseAddress, $0.count,
            &status)
        }
      }
    }
    guard let made else { throw Self.failure(status, "kink-aware: at the start, t = \(time),") }
    handle = made
  }

  deinit { ckink_destroy(handle) }

  var time: Double { ckink_time(handle) }
  var nextStep: Double { ckink_next_step(handle) }
  var lastStep: Double { ckink_last_step(handle) }
  var loss: Double { ckink_loss(handle) }
  var counters: ckink_counters { ckink_count(handle) }

  var memory: [Double] {
    let length = ckink_memory_length(handle)
    return [Double](unsafeUninitializedCapacity: length) { buffer, count in
      ckink_memory(handle, buffer.baseAddress!)
      count = length
    }
  }

  func advance(to limit: Double, _ y: StateVector) -> ckink_status { ckink_advance(handle, limit, y.pointer) }

  func interpolate(at u: Double, _ y: UnsafeMutablePointer<Double>) -> ckink_status {
    ckink_interpolate(handle, u, y)
  }

  /// What any call may end with.
  static func failure(_ status: ckink_status, _ place: String) -> IntegrationFailure {
    switch status {
    case CKINK_NO_MEMORY:
      IntegrationFailure(.initialFailure, "\(place) memory ran out")
    case CKINK_BAD_MEMORY:
      IntegrationFailure(
        .initialFailure,
        "\(place) the restart does not belong to this network, these data or this number of stages")
    default:
      IntegrationFailure(
        .convergenceFailure,
        "\(place) kinks that hold one neuron are linearly dependent to rounding: two inputs are nearly parallel; merge them or use 'dormand-prince'"
      )
    }
  }

  /// Runs `body(argument, i)` for all `i` on `threads` threads; which one takes which `i` is left to chance,
  /// and of no consequence.
  private static func share(
    _ count: Int, _ threads: Int, _ body: @convention(c) (UnsafeMutableRawPointer, Int) -> Void,
    _ argument: UnsafeMutableRawPointer
  ) {
    nonisolated(unsafe) let argument = argument
    let next = Counter()
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
      while let i = next.take(below: count) { body(argument, i) }
    }
  }
}
