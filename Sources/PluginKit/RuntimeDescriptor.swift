import CPluginABI

/// What the C descriptors of all kinds have in common.
protocol RuntimeDescriptor {
  typealias Create =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<Double>, UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> UnsafePointer<CChar>?
  typealias Destroy = @convention(c) (UnsafeMutableRawPointer?) -> Void

  /// As in ``PluginTable/kind``.
  static var kind: String { get }
  var name: UnsafePointer<CChar>! { get }
  var summary: UnsafePointer<CChar>? { get }
  var parameter_count: Int { get }
  var parameters: UnsafePointer<UnsafePointer<phaseflow_parameter>?>? { get }
  var context: UnsafeMutableRawPointer? { get }
  var create: Create? { get }
  var destroy: Destroy? { get }

  /// The required function that is NULL, if there is one.
  var missingFunction: String? { get }
  /// What contradicts the header, if anything does.
  var inconsistency: String? { get }
}

extension phaseflow_activation: RuntimeDescriptor {
  static var kind: String { "activation" }
  var missingFunction: String? {
    evaluate == nil ? "evaluate" : second_derivative == nil ? "second_derivative" : nil
  }
  var inconsistency: String? {
    homogeneity < 0 ? "homogeneity is \(homogeneity); it must be at least 1, or 0 for none" : nil
  }
}

extension phaseflow_loss: RuntimeDescriptor {
  static var kind: String { "loss" }
  var missingFunction: String? {
    evaluate == nil ? "evaluate" : second_derivative == nil ? "second_derivative" : nil
  }
  var inconsistency: String? { nil }
}

extension phaseflow_observer: RuntimeDescriptor {
  static var kind: String { "observer" }
  var missingFunction: String? {
    if column_count == 0 { return nil }
    if record == nil { return "record" }
    guard let columns else { return "columns" }
    return (0..<column_count).first { columns[$0] == nil }.map { "columns[\($0)]" }
  }
  var inconsistency: String? {
    for name in columnNames where name.isEmpty || name.contains(where: { ",\"\n\r".contains($0) }) {
      return "the column '\(name)' must have a name without commas, quotes and line ends"
    }
    let memory = [memory_count == nil, save_memory == nil, restore_memory == nil]
    if Set(memory).count > 1 { return "of memory_count, save_memory and restore_memory give all or none" }
    return nil
  }
  /// Empty while ``missingFunction`` finds anything.
  var columnNames: [String] {
    (0..<column_count).compactMap { i in columns?[i].map { String(cString: $0) } }
  }
}
