import CPluginABI
import PhaseFlowPlugin

/// What a library says of a plug-in, with what must hold of it.
protocol RuntimeDescriptor: DescriptionTable {
  /// As in ``PluginTable/kind``.
  static var kind: String { get }

  /// The size in the first header that had this structure: all that a library must fill in.
  static var smallestSize: Int { get }

  /// The required function that is NULL, if there is one.
  var missingFunction: String? { get }
  /// What contradicts the header, if anything does.
  var inconsistency: String? { get }
  /// The lengths of its arrays, by what is in them.
  var counts: [(name: String, count: Int)] { get }
}

extension RuntimeDescriptor {
  var counts: [(name: String, count: Int)] { [("parameters", parameter_count)] }
}

extension phaseflow_activation: RuntimeDescriptor {
  static var kind: String { "activation" }
  static var smallestSize: Int { MemoryLayout<Self>.offset(of: \.citation)! }
  var missingFunction: String? {
    evaluate == nil ? "evaluate" : second_derivative == nil ? "second_derivative" : nil
  }
  var inconsistency: String? {
    homogeneity < 0 ? "homogeneity is \(homogeneity); it must be at least 1, or 0 for none" : nil
  }
}

extension phaseflow_loss: RuntimeDescriptor {
  static var kind: String { "loss" }
  static var smallestSize: Int { MemoryLayout<Self>.offset(of: \.citation)! }
  var missingFunction: String? {
    evaluate == nil ? "evaluate" : second_derivative == nil ? "second_derivative" : nil
  }
  var inconsistency: String? { nil }
}

extension phaseflow_observer: RuntimeDescriptor {
  static var kind: String { "observer" }
  static var smallestSize: Int { MemoryLayout<Self>.offset(of: \.citation)! }
  var missingFunction: String? {
    if column_count == 0 { return nil }
    if record == nil { return "record" }
    return firstMissing("columns", columns, column_count)
  }
  var counts: [(name: String, count: Int)] { [("parameters", parameter_count), ("columns", column_count)] }
  var inconsistency: String? {
    if let problem = unusableColumn(columnNames) { return problem }
    let memory = [memory_count == nil, save_memory == nil, restore_memory == nil]
    if Set(memory).count > 1 { return "of memory_count, save_memory and restore_memory give all or none" }
    return nil
  }

  /// Empty while ``missingFunction`` finds anything.
  var columnNames: [String] { strings(columns, column_count) }
}

/// `name[i]` for the first of `count` pointers that is NULL, or `name` if there is no array.
func firstMissing<T>(
  _ name: String, _ pointers: UnsafePointer<UnsafePointer<T>?>?, _ count: Int
) -> String? {
  guard count > 0 else { return nil }
  guard let pointers else { return name }
  return (0..<count).first { pointers[$0] == nil }.map { "\(name)[\($0)]" }
}

/// Those of `count` texts that are there.
func strings(_ texts: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int) -> [String] {
  (0..<count).compactMap { i in texts?[i].map { String(cString: $0) } }
}

/// What makes one of `names` unfit for a header of a CSV file.
func unusableColumn(_ names: [String]) -> String? {
  names.first { $0.isEmpty || $0.contains(where: { ",\"\n\r".contains($0) }) }
    .map { "the column '\($0)' must have a name without commas, quotes and line ends" }
}
