import CPluginABI

/// A checked descriptor from a plug-in library.
struct RuntimePlugin<Descriptor: RuntimeDescriptor> {
  let descriptor: Descriptor
  let file: String
  let name: String
  let summary: String
  let parameters: [RuntimeParameter]

  /// - Throws: ``PluginLibraryError``.
  init(_ pointer: UnsafePointer<Descriptor>, file: String) throws {
    var item = Descriptor.kind
    func failure(_ problem: PluginLibraryError.Problem) -> PluginLibraryError {
      PluginLibraryError(file: file, problem: problem)
    }
    // The size first: nothing else may be read before it is known to be there.
    let size = UnsafeRawPointer(pointer).load(as: Int.self)
    let expected = MemoryLayout<Descriptor>.size
    if size < expected { throw failure(.structSize(item: item, size: size, expected: expected)) }
    descriptor = pointer.pointee
    guard let text = descriptor.name else { throw failure(.missing(item: item, field: "name")) }
    name = String(cString: text)
    guard isPluginName(name) else { throw failure(.badName(item: item, name: name)) }
    item += " '\(name)'"
    summary = descriptor.summary.map { String(cString: $0) } ?? ""
    self.file = file
    if let field = descriptor.missingFunction { throw failure(.missing(item: item, field: field)) }
    if let reason = descriptor.inconsistency {
      throw failure(.inconsistent(item: item, reason: reason))
    }
    var parameters: [RuntimeParameter] = []
    for i in 0..<descriptor.parameter_count {
      guard let pointer = descriptor.parameters?[i] else {
        throw failure(.missing(item: item, field: "parameters[\(i)]"))
      }
      let parameter = try RuntimeParameter(pointer, item: item, file: file)
      if parameters.contains(where: { $0.name == parameter.name }) {
        throw failure(.inconsistent(item: item, reason: "two parameters are named '\(parameter.name)'"))
      }
      parameters.append(parameter)
    }
    self.parameters = parameters
  }

  /// For messages: `activation 'swish'`.
  var item: String { "\(Descriptor.kind) '\(name)'" }

  /// `[:p=1,q=2]` with the default values, or nothing.
  var usage: String {
    if parameters.isEmpty { return "" }
    return "[:" + parameters.map { "\($0.name)=\(shortText($0.defaultValue))" }.joined(separator: ",") + "]"
  }
}

/// One number that may follow a plug-in's name.
struct RuntimeParameter {
  let name: String
  let defaultValue: Double
  let range: ClosedRange<Double>

  init(_ pointer: UnsafePointer<phaseflow_parameter>, item: String, file: String) throws {
    func failure(_ problem: PluginLibraryError.Problem) -> PluginLibraryError {
      PluginLibraryError(file: file, problem: problem)
    }
    let size = UnsafeRawPointer(pointer).load(as: Int.self)
    let expected = MemoryLayout<phaseflow_parameter>.size
    if size < expected {
      throw failure(.structSize(item: "\(item), a parameter", size: size, expected: expected))
    }
    let parameter = pointer.pointee
    guard let text = parameter.name else {
      throw failure(.missing(item: "\(item), a parameter", field: "name"))
    }
    name = String(cString: text)
    guard isPluginName(name) else { throw failure(.badName(item: "\(item), a parameter", name: name)) }
    defaultValue = parameter.default_value
    let (low, high) = (parameter.minimum, parameter.maximum)
    guard low <= defaultValue, defaultValue <= high, defaultValue.isFinite else {
      throw failure(
        .inconsistent(
          item: "\(item), parameter '\(name)'",
          reason: "minimum \(low) <= default_value \(defaultValue) <= maximum \(high) must hold"))
    }
    let largest = Double.greatestFiniteMagnitude
    range = max(low, -largest)...min(high, largest)
  }
}

/// `value` without the `.0` of a whole number.
func shortText(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
}

/// Whether `name` is lower-case letters, digits and `-`, first a letter: `[a-z][a-z0-9-]*`.
public func isPluginName(_ name: String) -> Bool {
  guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
    return false
  }
  return name.utf8.allSatisfy {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
  }
}
