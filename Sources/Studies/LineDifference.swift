/// The lines that are in one text only, in order, `-` before those of the first, `+` before those of the second.
package func lineDifference(_ old: String, _ new: String) -> String {
  let (a, b) = (old.split(separator: "\n"), new.split(separator: "\n"))
  return b.difference(from: a).map { change in
    switch change {
    case .remove(let offset, let line, _): (offset, 0, "- \(line)")
    case .insert(let offset, let line, _): (offset, 1, "+ \(line)")
    }
  }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2).joined(separator: "\n")
}
