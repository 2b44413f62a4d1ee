import Files
import Foundation

/// A network's state as an `.npy` file: shape `[m, d + 1]`, one row for each neuron, columns
/// `a, w_1, ..., w_d` with the bias weight last.
public enum StateFile {
  /// Reads a state of any width and dimension, laid out as ``NetworkShape`` says.
  ///
  /// - Throws: ``/Files/NumPyFileError``, also for a value that is not finite.
  public static func read(_ url: URL) throws -> (shape: NetworkShape, state: [Double]) {
    let array = try NumPyFile(contentsOf: url)
    guard array.shape.count == 2, array.shape[0] > 0, array.shape[1] > 1 else {
      throw NumPyFileError(
        path: url.path, problem: .header("the shape is \(array.shape) instead of [m, d + 1]"))
    }
    let shape = NetworkShape(width: array.shape[0], inputDimension: array.shape[1] - 1)
    let (m, columns) = (shape.width, shape.inputDimension + 1)
    if let i = array.values.firstIndex(where: { !$0.isFinite }) {
      throw NumPyFileError(
        path: url.path,
        problem: .nonFinite(row: i / columns, column: i % columns, value: array.values[i]))
    }
    var state = [Double](repeating: 0, count: shape.stateLength)
    for k in 0..<m {
      for j in 0..<columns { state[j * m + k] = array.values[k * columns + j] }
    }
    return (shape, state)
  }

  /// Reads a state of the given shape.
  ///
  /// - Throws: ``/Files/NumPyFileError``, also if the file has another shape.
  public static func read(_ url: URL, shape: NetworkShape) throws -> [Double] {
    let (found, state) = try read(url)
    guard found == shape else {
      throw NumPyFileError(
        path: url.path,
        problem: .shape(
          expected: [shape.width, shape.inputDimension + 1],
          got: [found.width, found.inputDimension + 1]))
    }
    return state
  }

  /// Writes `state` wholly or not at all.
  ///
  /// - Throws: ``/Files/AtomicFileError``.
  public static func write(_ state: Span<Double>, shape: NetworkShape, to url: URL) throws {
    try array(state, shape: shape).write(to: url)
  }

  /// The contents of such a file.
  public static func array(_ state: Span<Double>, shape: NetworkShape) -> NumPyFile {
    precondition(state.count == shape.stateLength)
    let (m, columns) = (shape.width, shape.inputDimension + 1)
    var values = [Double](repeating: 0, count: state.count)
    for k in 0..<m {
      for j in 0..<columns { values[k * columns + j] = state[j * m + k] }
    }
    return NumPyFile(shape: [m, columns], values: values)
  }
}
