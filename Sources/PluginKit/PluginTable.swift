/// The plug-ins of one kind, by name.
public struct PluginTable<Product> {
  /// One plug-in: how to make it and what to say of it.
  public struct Entry {
    public let name: String
    /// One line for `phaseflow plugins`.
    public let summary: String
    /// What may follow the name, e.g. `:slope` or `:n,test`; empty if nothing.
    public let usage: String
    let make: (PluginArguments) throws -> Product
  }

  /// What this table holds, for messages: `activation`, `loss`, ...
  public let kind: String
  private var byName: [String: Entry] = [:]

  /// What a specification that names no entry may mean instead, a file for example; `nil` if nothing.
  public var fallback: ((String) throws -> Product?)?

  package init(kind: String) { self.kind = kind }

  /// Every entry by name.
  public var entries: [Entry] { byName.values.sorted { $0.name < $1.name } }

  /// Adds a plug-in.
  ///
  /// - Throws: ``PluginError/duplicate(kind:name:)`` if the name is taken,
  ///   ``PluginError/badName(kind:name:)`` if no user could ask for it.
  public mutating func add(
    _ name: String, summary: String, usage: String = "",
    make: @escaping (PluginArguments) throws -> Product
  ) throws {
    guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || ":,=/".contains($0) }) else {
      throw PluginError.badName(kind: kind, name: name)
    }
    guard byName[name] == nil else { throw PluginError.duplicate(kind: kind, name: name) }
    byName[name] = Entry(name: name, summary: summary, usage: usage, make: make)
  }

  /// Makes the plug-in that `specification`, `name` or `name:arguments`, asks for.
  ///
  /// - Throws: ``PluginError``, or what the plug-in's factory throws.
  public func make(_ specification: String) throws -> Product {
    let parts = specification.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let entry = byName[name] else {
      if let product = try fallback?(specification) { return product }
      throw PluginError.unknown(
        kind: kind, name: name, nearMisses: nearMisses(of: name, among: Array(byName.keys)),
        known: byName.keys.sorted())
    }
    let arguments = try PluginArguments(
      plugin: name, text: parts.count == 2 ? String(parts[1]) : "")
    let product = try entry.make(arguments)
    try arguments.requireAllRead()
    return product
  }
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
