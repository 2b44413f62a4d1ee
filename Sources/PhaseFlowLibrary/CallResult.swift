import CPhaseFlow
import Figures
import ODECore
import PluginKit
import Studies

/// What one call of the C interface gave: the object behind `phaseflow_result`.
final class CallResult {
  /// One array, in memory that stays where it is.
  struct NamedArray {
    let name: UnsafeMutablePointer<CChar>
    let values: UnsafeMutableBufferPointer<Double>
    let shape: [Int]
  }

  let status: Int32
  private(set) var arrays: [NamedArray] = []
  private var texts: [String: UnsafeMutablePointer<CChar>] = [:]
  /// Of an integration that was to be evaluated later.
  var dense: DenseSolution?
  /// Of a run, for its pictures.
  var outcome: Run.Outcome?

  init(status: Int32, returnCode: String, message: String) {
    self.status = status
    set("returnCode", returnCode)
    set("message", message)
  }

  deinit {
    for text in texts.values { text.deallocate() }
    for array in arrays {
      array.name.deallocate()
      array.values.deallocate()
    }
  }

  /// Gives the text `name`, once.
  func set(_ name: String, _ text: String) {
    texts[name]?.deallocate()
    texts[name] = Self.copy(text)
  }

  func text(_ name: String) -> UnsafeMutablePointer<CChar>? { texts[name] }

  /// Adds an array of the given shape, which `fill` writes.
  func add(_ name: String, shape: [Int], _ fill: (UnsafeMutableBufferPointer<Double>) throws -> Void) rethrows
  {
    let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: shape.reduce(1, *))
    values.initialize(repeating: 0)
    arrays.append(NamedArray(name: Self.copy(name), values: values, shape: shape))
    try fill(values)
  }

  func add(_ name: String, shape: [Int]? = nil, _ numbers: [Double]) {
    add(name, shape: shape ?? [numbers.count]) { _ = $0.update(fromContentsOf: numbers) }
  }

  /// Rows of equal length, one after the other.
  func add(_ name: String, rows: [[Double]], columns: Int) {
    add(name, shape: [rows.count, columns]) { values in
      for (i, row) in rows.enumerated() {
        _ = UnsafeMutableBufferPointer(rebasing: values[i * columns..<(i + 1) * columns]).update(
          fromContentsOf: row)
      }
    }
  }

  /// The pointer that the caller gets, and gives back to `phaseflow_result_free`.
  func retained() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  static func at(_ pointer: OpaquePointer) -> CallResult {
    Unmanaged<CallResult>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
    let utf8 = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
    utf8.withUnsafeBufferPointer { copy.initialize(from: $0.baseAddress!, count: $0.count) }
    return copy
  }

  /// Calls `body`; an error is a result too, with the exit code that the program would have.
  static func of(_ body: () throws -> CallResult) -> OpaquePointer {
    do {
      return try body().retained()
    } catch let error as UnfinishedRun {
      let result = CallResult(status: PHASEFLOW_FAILED, returnCode: "failed", message: "\(error)")
      if let summary = error.summary, let json = try? summary.json { result.set("summary", json) }
      return result.retained()
    } catch FigureError.cancelled {
      return CallResult(
        status: PHASEFLOW_INTERRUPTED, returnCode: "interrupted", message: "\(FigureError.cancelled)"
      ).retained()
    } catch {
      let isUsage = error is UsageError || error is PluginLibraryError || error is ArgumentError
      return CallResult(
        status: isUsage ? PHASEFLOW_WRONG_USAGE : PHASEFLOW_FAILED, returnCode: isUsage ? "usage" : "failed",
        message: "\(error)"
      ).retained()
    }
  }
}

/// An argument of a C function that cannot be.
struct ArgumentError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A copy of a structure of the caller's that starts with its size; what an older header does not have is zero.
///
/// - Throws: ``ArgumentError`` for a size that no header has.
func readOptions<T>(_ pointer: UnsafePointer<T>?, _ empty: T, _ name: String) throws -> T {
  var copy = empty
  guard let pointer else { return copy }
  let size = UnsafeRawPointer(pointer).load(as: Int.self)
  guard size >= MemoryLayout<Int>.size, size <= 1 << 16 else {
    throw ArgumentError("struct_size of \(name) is \(size); set it to sizeof(\(name))")
  }
  withUnsafeMutableBytes(of: &copy) {
    $0.baseAddress!.copyMemory(from: pointer, byteCount: min(size, MemoryLayout<T>.size))
  }
  return copy
}
