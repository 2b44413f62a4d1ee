import Networks
import Synchronization

/// A start that runs of one process share while any of them holds it: the cells of a sweep begin with few starts, and one of 400,000 neurons in
/// 785 dimensions takes 2.5 GB and seconds to draw.
final class SharedStart: Sendable {
  let state: [Double]

  init(_ state: [Double]) { self.state = state }

  private struct Drawn: Sendable {
    let distribution: GaussianStart
    let shape: NetworkShape
    weak var start: SharedStart?
  }

  private static let last = Mutex<Drawn?>(nil)

  /// The last one that was drawn if it is the same and still held, else drawn now; who asks meanwhile waits.
  ///
  /// - Throws: `GaussianStartError`.
  static func of(_ distribution: GaussianStart, _ shape: NetworkShape) throws -> SharedStart {
    try last.withLock { last in
      if let last, last.distribution == distribution, last.shape == shape, let start = last.start {
        return start
      }
      let start = SharedStart(try distribution.state(for: shape))
      last = Drawn(distribution: distribution, shape: shape, start: start)
      return start
    }
  }
}
