import CPluginABI
import ODECore
import PhaseFlowPlugin

/// A checked descriptor from a plug-in library.
struct RuntimePlugin<Descriptor: RuntimeDescriptor> {
  let descriptor: Descriptor
  let file: String
  let name: String
  let summary: String
  let parameters: [PluginParameter]
  let citation: String

  /// - Throws: ``PluginLibraryError``.
  init(_ pointer: UnsafePointer<Descriptor>, file: String) throws {
    var item = Descriptor.kind
    func failure(_ problem: PluginLibraryError.Problem) -> PluginLibraryError {
      PluginLibraryError(file: file, problem: problem)
    }
    descriptor = try readStructure(pointer, atLeast: Descriptor.smallestSize, item: item, file: file)
    guard let text = descriptor.name else { throw failure(.missing(item: item, field: "name")) }
    name = String(cString: text)
    guard isPluginName(name) else { throw failure(.badName(item: item, name: name)) }
    item += " '\(name)'"
    summary = descriptor.summary.map { String(cString: $0) } ?? ""
    citation = descriptor.citation.map { String(cString: $0) } ?? ""
    self.file = file
    if let reason = descriptor.counts.lazy.compactMap({ implausible($0.name, $0.count) }).first {
      throw failure(.inconsistent(item: item, reason: reason))
    }
    if let field = descriptor.missingFunction { throw failure(.missing(item: item, field: field)) }
    if let reason = descriptor.inconsistency {
      throw failure(.inconsistent(item: item, reason: reason))
    }
    var parameters: [PluginParameter] = []
    for i in 0..<descriptor.parameter_count {
      guard let pointer = descriptor.parameters?[i] else {
        throw failure(.missing(item: item, field: "parameters[\(i)]"))
      }
      let parameter = try readParameter(pointer, item: item, file: file)
      if parameters.contains(where: { $0.name == parameter.name }) {
        throw failure(.inconsistent(item: item, reason: "two parameters are named '\(parameter.name)'"))
      }
      parameters.append(parameter)
    }
    self.parameters = parameters
  }

  /// For messages: `activation 'swish'`.
  var item: String { "\(Descriptor.kind) '\(name)'" }
}

/// One number that may follow a plug-in's name.
private func readParameter(
  _ pointer: UnsafePointer<phaseflow_parameter>, item: String, file: String
) throws -> PluginParameter {
  func failure(_ problem: PluginLibraryError.Problem) -> PluginLibraryError {
    PluginLibraryError(file: file, problem: problem)
  }
  let parameter = try readStructure(
    pointer, atLeast: MemoryLayout<phaseflow_parameter>.offset(of: \.summary)!,
    item: "\(item), a parameter", file: file)
  guard let text = parameter.name else {
    throw failure(.missing(item: "\(item), a parameter", field: "name"))
  }
  let name = String(cString: text)
  guard isPluginName(name) else { throw failure(.badName(item: "\(item), a parameter", name: name)) }
  let fallback = parameter.default_value
  let (low, high) = (parameter.minimum, parameter.maximum)
  guard low <= fallback, fallback <= high, fallback.isFinite else {
    throw failure(
      .inconsistent(
        item: "\(item), parameter '\(name)'",
        reason: "minimum \(low) <= default_value \(fallback) <= maximum \(high) must hold"))
  }
  // Whole numbers beyond 2^53 are not all doubles.
  guard parameter.is_integer == 0 || (fallback == fallback.rounded() && abs(fallback) <= 0x1p53) else {
    throw failure(
      .inconsistent(
        item: "\(item), parameter '\(name)'", reason: "default_value \(fallback) is no whole number"))
  }
  return PluginParameter(
    Parameter(
      name, parameter.summary.map { String(cString: $0) } ?? "", default: fallback, in: low...high,
      integer: parameter.is_integer != 0))
}

/// A copy of a structure that starts with its size. What a library built with an older header does not have
/// is zero; what one with a newer header has besides is left out.
func readStructure<T>(
  _ pointer: UnsafePointer<T>, atLeast smallest: Int, item: String, file: String
) throws -> T {
  // The size first: nothing else may be read before it is known to be there.
  let size = UnsafeRawPointer(pointer).load(as: Int.self)
  guard size >= smallest else {
    throw PluginLibraryError(
      file: file, problem: .structSize(item: item, size: size, expected: smallest))
  }
  let copy = UnsafeMutablePointer<T>.allocate(capacity: 1)
  defer { copy.deallocate() }
  let raw = UnsafeMutableRawPointer(copy)
  raw.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<T>.size)
  raw.copyMemory(from: pointer, byteCount: min(size, MemoryLayout<T>.size))
  return copy.pointee
}

/// `value` without the `.0` of a whole number.
func shortText(_ value: Double) -> String {
  abs(value) < 1e15 ? Int(exactly: value).map { "\($0)" } ?? "\(value)" : "\(value)"
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
