/// The plug-ins of one kind, by name.
public struct PluginTable<Product> {
  /// One plug-in: how to make it and what to say of it.
  public struct Entry {
    /// The plug-in's name.
    public let name: String
    /// One line for `phaseflow plugins`.
    public let summary: String
    /// What may follow the name, e.g. `(slope: 0.01)`; empty if nothing.
    public let usage: String
    /// In the order in which they may be given without names.
    public let parameters: [PluginParameter]
    /// Authors, year, doi; empty if there is nothing to cite.
    public let citation: String
    /// Who brings it: `built-in`, or a library's file and version.
    public let origin: String
    let make: (PluginArguments) throws -> Product
  }

  /// What this table holds, for messages: `activation`, `loss`, ...
  public let kind: String
  private var byName: [String: Entry] = [:]
  /// The origin of what is added from now on.
  var origin = ""

  /// What a specification that names no entry may mean instead, a file for example; `nil` if nothing.
  public var fallback: ((String) throws -> Product?)?

  package init(kind: String) { self.kind = kind }

  /// Every entry by name.
  public var entries: [Entry] { byName.values.sorted { $0.name < $1.name } }

  /// Adds a plug-in.
  ///
  /// - Parameters:
  ///   - summary: one line.
  ///   - parameters: what a user may give; checked before `make` is called.
  ///   - usage: for a plug-in that declares no parameters, but reads arguments all the same.
  /// - Throws: ``PluginError/duplicate(kind:name:origin:)`` if the name is taken,
  ///   ``PluginError/badName(kind:name:)`` if no user could ask for it.
  public mutating func add(
    _ name: String, summary: String, parameters: [PluginParameter] = [], usage: String = "",
    citation: String = "", make: @escaping (PluginArguments) throws -> Product
  ) throws {
    guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || ":,=/()".contains($0) }) else {
      throw PluginError.badName(kind: kind, name: name)
    }
    if let other = byName[name] {
      throw PluginError.duplicate(kind: kind, name: name, origin: other.origin)
    }
    byName[name] = Entry(
      name: name, summary: summary, usage: parameters.isEmpty ? usage : usageText(parameters),
      parameters: parameters, citation: citation, origin: origin, make: make)
  }

  /// Makes the plug-in that `specification` asks for, see ``PluginSpecification``.
  ///
  /// - Throws: ``PluginError``, or what the plug-in's factory throws.
  public func make(_ specification: String) throws -> Product {
    // A file's name may hold anything.
    let parts = try? PluginSpecification(specification)
    guard let parts, let entry = byName[parts.name] else {
      if let product = try fallback?(specification) { return product }
      let name = try PluginSpecification(specification).name
      throw PluginError.unknown(
        kind: kind, name: name, nearMisses: nearMisses(of: name, among: Array(byName.keys)),
        known: byName.keys.sorted())
    }
    let arguments = try PluginArguments(
      plugin: parts.name, text: parts.arguments, parameters: entry.parameters)
    let product = try entry.make(arguments)
    try arguments.requireAllRead()
    return product
  }

  /// The entry that `specification` asks for, if there is one.
  public func entry(for specification: String) -> Entry? {
    (try? PluginSpecification(specification)).flatMap { byName[$0.name] }
  }
}

/// `(slope: 0.01, kind: a|b)`: names with defaults, choices, or what is expected.
private func usageText(_ parameters: [PluginParameter]) -> String {
  let texts = parameters.map { parameter in
    switch (parameter.kind, parameter.defaultValue) {
    case (.choice(let words), _): "\(parameter.name): \(words.joined(separator: "|"))"
    case (_, let fallback?): "\(parameter.name): \(fallback)"
    case (_, nil): parameter.isRequired ? parameter.name : "\(parameter.name): -"
    }
  }
  return "(" + texts.joined(separator: ", ") + ")"
}

/// For messages: the names within a third of `name`'s length in edits (at least one), nearest first, or that it begins.
public func nearMisses(of name: String, among candidates: [String]) -> [String] {
  let limit = max(1, name.count / 3)
  return candidates.map { ($0, editDistance(name.lowercased(), $0)) }
    .filter { $0.1 <= limit || (name.count > 2 && $0.0.hasPrefix(name.lowercased())) }
    .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    .prefix(3).map(\.0)
}

/// Insertions, deletions, substitutions and swaps of neighbours that make `b` of `a`, no place edited twice (the
/// "optimal string alignment" of Damerau's and Levenshtein's distances).
private func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var distance = [[Int]](repeating: Array(0...b.count), count: a.count + 1)
  for i in a.indices {
    distance[i + 1][0] = i + 1
    for j in b.indices {
      var least = min(distance[i][j + 1], distance[i + 1][j]) + 1
      least = min(least, distance[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, distance[i - 1][j - 1] + 1) }
      distance[i + 1][j + 1] = least
    }
  }
  return distance[a.count][b.count]
}
