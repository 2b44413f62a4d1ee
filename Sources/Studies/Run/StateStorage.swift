import Files
import Foundation
import GradientFlow

/// How the state of a run is kept in `.npy` files.
public enum StateStorage {
  /// Rows of neurons, `neurons-*.npy`, see ``/Networks/StateFile``.
  case neurons(NetworkShape)
  /// The bare vector of `N` numbers, `state-*.npy`.
  case vector(Int)

  /// `neurons` or `state`.
  public var prefix: String {
    switch self {
    case .neurons: "neurons"
    case .vector: "state"
    }
  }

  /// Writes a state in this layout to a `.npy` file.
  public func write(_ state: Span<Double>, to url: URL) throws {
    switch self {
    case .neurons(let shape): try StateFile.write(state, shape: shape, to: url)
    case .vector: try array(state).write(to: url)
    }
  }

  /// The file's contents.
  package func array(_ state: Span<Double>) -> NumPyFile {
    switch self {
    case .neurons(let shape): StateFile.array(state, shape: shape)
    case .vector(let count):
      NumPyFile(shape: [count], values: state.withUnsafeBufferPointer(Array.init))
    }
  }

  /// - Throws: `NumPyFileError`, also for another shape and for a value that is not finite.
  public func read(_ url: URL) throws -> [Double] {
    switch self {
    case .neurons(let shape): return try StateFile.read(url, shape: shape)
    case .vector(let count):
      let array = try NumPyFile(contentsOf: url)
      guard array.shape == [count] else {
        throw NumPyFileError(path: url.path, problem: .shape(expected: [count], got: array.shape))
      }
      if let i = array.values.firstIndex(where: { !$0.isFinite }) {
        throw NumPyFileError(
          path: url.path, problem: .nonFinite(row: i, column: 0, value: array.values[i]))
      }
      return array.values
    }
  }
}
