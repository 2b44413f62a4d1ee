/// Why an `.npy` file cannot be used.
public struct NumPyFileError: Error, Equatable, CustomStringConvertible {
  /// The file's, as it was given.
  public let path: String
  /// What is wrong with it.
  public let problem: Problem

  /// The file, as the user named it, and its problem.
  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// What can be wrong with an `.npy` file.
  public enum Problem: Error, Equatable {
    /// It cannot be opened or read, for this reason.
    case unreadable(String)
    /// It does not begin with NumPy's mark.
    case magic
    /// A version of the format, major and minor, that is not known.
    case version(Int, Int)
    /// The header cannot be read: its text.
    case header(String)
    /// The elements are of this type, not little-endian doubles.
    case elementType(String)
    /// In bytes.
    case truncated(expected: Int, got: Int)
    /// In bytes.
    case trailing(expected: Int, got: Int)
    /// Another shape than the one that is needed.
    case shape(expected: [Int], got: [Int])
    /// Row and column count from 0.
    case nonFinite(row: Int, column: Int, value: Double)
  }

  public var description: String {
    let what =
      switch problem {
      case .unreadable(let reason): reason
      case .magic: "it is not a .npy file: it does not begin with \\x93NUMPY"
      case .version(let major, let minor):
        "its format version is \(major).\(minor); 1.0, 2.0 and 3.0 are known"
      case .header(let reason): "its header is damaged: \(reason)"
      case .elementType(let type):
        "its elements are '\(type)'; they must be '<f8' or '<f4' (little-endian float64 or float32)"
      case .truncated(let expected, let got):
        "it is truncated: \(got) bytes instead of \(expected)"
      case .trailing(let expected, let got):
        "it is too long: \(got) bytes instead of \(expected)"
      case .shape(let expected, let got):
        "its shape is \(got), but \(expected) is needed: [neurons, 1 + inputs], columns a, w_1, ..., w_d "
          + "with the bias weight last"
      case .nonFinite(let row, let column, let value):
        "row \(row), column \(column) is \(value); every value must be finite"
      }
    return "cannot use '\(path)': \(what)"
  }
}
