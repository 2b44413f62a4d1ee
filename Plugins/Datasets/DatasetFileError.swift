/// Why a data file cannot be used. Lines and columns count from 1.
public struct DatasetFileError: Error, Equatable, CustomStringConvertible {
  /// The file, as the user named it.
  public let path: String
  /// What is wrong with it.
  public let problem: Problem

  /// An error from the file and its problem.
  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// What is wrong with a file.
  public enum Problem: Equatable, Sendable {
    /// It cannot be opened or read, for the system's reason.
    case unreadable(reason: String)
    /// Fashion-MNIST's files, which a system package brings.
    case packageMissing
    /// The text is not UTF-8.
    case notUTF8
    /// The file has no bytes.
    case empty
    /// The header's field in this column is empty or a number, so there is no header.
    case headerMissing(column: Int, text: String)
    /// There is a header and nothing below it.
    case noRows
    /// There is one column only, the targets.
    case noInputColumn
    /// A quotation mark stands where none may.
    case quotation(reason: String)
    /// A row has another number of fields than the header.
    case ragged(line: Int, expected: Int, got: Int)
    /// A field is no number.
    case notANumber(line: Int, column: Int, header: String, text: String)
    /// A field is a number that is not finite.
    case notFinite(line: Int, column: Int, header: String, text: String)
    /// An IDX file begins with these bytes, which are not its mark.
    case magic([UInt8])
    /// An IDX file's elements are of this type, not unsigned bytes.
    case elementType(UInt8)
    /// An IDX file's dimensions, of which one is zero or too large.
    case dimensions([Int])
    /// A gzip stream is damaged.
    case compression(reason: String)
    /// In bytes, uncompressed, the header included.
    case truncated(expected: Int, got: Int)
    /// An IDX file goes on behind its last element.
    case trailingBytes
    /// A file of images has this number of dimensions, not three.
    case imageRank(Int)
    /// A file of labels has this number of dimensions, not one.
    case labelRank(Int)
    /// There are not as many labels as images.
    case labelCount(images: Int, labels: Int)
    /// More samples are asked for than the file has.
    case sampleCount(wanted: Int, available: Int)
    /// The name of the images' file does not tell that of the labels.
    case labelsUnknown
  }

  public var description: String { "cannot use '\(path)': \(problem.text)" }
}

extension DatasetFileError.Problem {
  fileprivate var text: String {
    switch self {
    case .unreadable(let reason): reason
    case .packageMissing:
      "there is no such file; Fashion-MNIST comes with Debian's package: sudo apt-get install dataset-fashion-mnist"
    case .notUTF8: "it is not text in UTF-8"
    case .empty: "the file is empty"
    case .headerMissing(let column, let text):
      "line 1 must be a header that names the columns, the last one being y; its column \(column) is \(text.isEmpty ? "empty" : "the number \(text)")"
    case .noRows: "there is no row after the header"
    case .noInputColumn: "there is one column only; at least one input and, last, y are needed"
    case .quotation(let reason): "quotation marks do not match: \(reason)"
    case .ragged(let line, let expected, let got):
      "line \(line) has \(got) field\(got == 1 ? "" : "s"), the header has \(expected)"
    case .notANumber(let line, let column, let header, let text):
      "line \(line), column \(column) (\(header)): '\(text)' is not a number"
    case .notFinite(let line, let column, let header, let text):
      "line \(line), column \(column) (\(header)): '\(text)' is not finite"
    case .magic(let bytes):
      "it is not an IDX file: it begins with the bytes \(bytes), not with two zeros, a type and a rank"
    case .elementType(let code):
      "its element type is \(code); IDX knows 8, 9, 11, 12, 13 and 14 (0x08 to 0x0e)"
    case .dimensions(let lengths): "its header says the dimensions \(lengths), which cannot be"
    case .compression(let reason): "its compressed data are damaged: \(reason)"
    case .truncated(let expected, let got):
      "it is truncated: \(got) bytes instead of \(expected)"
    case .trailingBytes: "it has more bytes than the elements in its header need"
    case .imageRank(let rank): "it has rank \(rank); images need at least 2, samples first"
    case .labelRank(let rank): "it has rank \(rank); labels need rank 1"
    case .labelCount(let images, let labels): "it holds \(labels) labels for \(images) images"
    case .sampleCount(let wanted, let available):
      "it has \(available) samples, and \(wanted) are needed"
    case .labelsUnknown:
      "the name of the labels' file cannot be derived from this one (no 'images-idx'); write idx:IMAGES,LABELS"
    }
  }
}
