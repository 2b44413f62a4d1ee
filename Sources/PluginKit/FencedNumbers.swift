import CPluginABI

/// What `save_memory` writes.
///
/// - Throws: ``RuntimeCallError`` for a `count` that cannot be, and numbers written outside the block.
func savedMemory(
  _ item: String, _ count: Int, _ save: (UnsafeMutablePointer<Double>) throws -> Void
) throws -> [Double] {
  let most = 1 << 28
  guard (0...most).contains(count) else {
    throw RuntimeCallError(
      item: item, call: "memory_count", reason: "it returned \(UInt(bitPattern: count)); the most is \(most)")
  }
  if count == 0 { return [] }
  return try FencedNumbers(count: count, item, "save_memory").filled {
    try save($0)
    return nil
  }
}

/// Room for the numbers that a plug-in's function writes, with a margin on both sides that shows whether it wrote
/// beyond them.
struct FencedNumbers {
  private static let margin = 8
  /// A NaN that no computation gives.
  private static let untouched = Double(bitPattern: 0x7ff4_dead_beef_0002)
  private let count: Int
  private let item: String
  private let call: String

  /// - Parameters:
  ///   - item: the plug-in, `observer 'mine'`.
  ///   - call: the function's name in `phaseflow_plugin.h`.
  init(count: Int, _ item: String, _ call: String) {
    (self.count, self.item, self.call) = (count, item, call)
  }

  /// The numbers that `body` wrote, NaN where it wrote none.
  ///
  /// - Throws: ``RuntimeCallError`` with the reason that `body` returns, or if it wrote before or beyond them.
  func filled(
    _ body: (UnsafeMutablePointer<Double>) throws -> UnsafePointer<CChar>?
  ) throws -> [Double] {
    let margin = Self.margin
    var block = [Double](repeating: Self.untouched, count: count + 2 * margin)
    for i in 0..<count { block[margin + i] = .nan }
    let problem = try block.withUnsafeMutableBufferPointer { try body($0.baseAddress! + margin) }
    if let problem { throw RuntimeCallError(item: item, call: call, reason: String(cString: problem)) }
    let isIntact = (block.prefix(margin) + block.suffix(margin)).allSatisfy {
      $0.bitPattern == Self.untouched.bitPattern
    }
    guard isIntact else {
      throw RuntimeCallError(
        item: item, call: call, reason: "it wrote outside the \(count) numbers that it was asked for")
    }
    return Array(block[margin..<margin + count])
  }
}
