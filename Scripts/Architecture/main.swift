// Draws the modules of the package and who uses whom: reads what `swift package dump-package` prints from standard
// input and writes an SVG to standard output. Scripts/architecture.sh calls it.
import Foundation

struct Module {
  let name: String
  var uses: Set<String>
  /// 0 for a module that uses no other; else one more than the highest of those it uses.
  var level = 0
  var x = 0.0

  enum Kind: String {
    case c = "C", plugin = "plug-ins", program = "program", library = "library"
    var colour: String {
      switch self {
      case .c: "#e8e8e8"
      case .plugin: "#fde9d0"
      case .program: "#d5e8d4"
      case .library: "#dae8fc"
      }
    }
  }

  var kind: Kind {
    if name == "phaseflow" { return .program }
    if name.hasSuffix("Plugins") { return .plugin }
    return name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true ? .c : .library
  }
}

/// The modules of the package itself: no tests, examples, benchmarks, nor what only these use.
func modules(_ manifest: Data) throws -> [String: Module] {
  let object = try JSONSerialization.jsonObject(with: manifest) as? [String: Any]
  var modules: [String: Module] = [:]
  for target in object?["targets"] as? [[String: Any]] ?? [] {
    guard let name = target["name"] as? String, let type = target["type"] as? String, type != "test",
      !["Tests/", "Examples/", "Benchmarks/", "Scripts/"].contains(where: {
        (target["path"] as? String)?.hasPrefix($0) == true
      })
    else { continue }
    let uses = (target["dependencies"] as? [[String: Any]] ?? []).compactMap { dependency in
      ((dependency["byName"] ?? dependency["target"]) as? [Any])?.first as? String
    }
    modules[name] = Module(name: name, uses: Set(uses))
  }
  for name in modules.keys { modules[name]!.uses.formIntersection(modules.keys) }
  return modules
}

/// Leaves out arrows that others imply.
func reduce(_ modules: inout [String: Module]) {
  var reach: [String: Set<String>] = [:]
  func reachable(_ name: String) -> Set<String> {
    if let known = reach[name] { return known }
    let found = modules[name]!.uses.reduce(into: modules[name]!.uses) { $0.formUnion(reachable($1)) }
    reach[name] = found
    return found
  }
  for name in modules.keys {
    modules[name]!.uses = modules[name]!.uses.filter { used in
      !modules[name]!.uses.contains { $0 != used && reachable($0).contains(used) }
    }
  }
}

func place(_ modules: inout [String: Module]) -> [[String]] {
  func level(_ name: String) -> Int { (modules[name]!.uses.map(level).max() ?? -1) + 1 }
  for name in modules.keys { modules[name]!.level = level(name) }
  var rows = (0...(modules.values.map(\.level).max() ?? 0)).map { row in
    modules.values.filter { $0.level == row }.map(\.name).sorted()
  }
  func spread(_ row: Int) {
    let total = rows[row].reduce(0) { $0 + width($1) + gap }
    var x = (pageWidth - total) / 2
    for name in rows[row] {
      modules[name]!.x = x + gap / 2
      x += width(name) + gap
    }
  }
  func centre(_ name: String) -> Double { modules[name]!.x + width(name) / 2 }
  for row in rows.indices { spread(row) }
  // Each module over the middle of what it uses, then under the middle of what uses it.
  for pass in 0..<8 {
    for row in pass.isMultiple(of: 2) ? Array(rows.indices) : rows.indices.reversed() {
      let middle = Dictionary(uniqueKeysWithValues: rows[row].map { name -> (String, Double) in
        let near =
          pass.isMultiple(of: 2)
          ? Array(modules[name]!.uses)
          : modules.values.filter { $0.uses.contains(name) }.map(\.name)
        return (name, near.isEmpty ? centre(name) : near.sorted().map(centre).reduce(0, +) / Double(near.count))
      })
      rows[row].sort { (middle[$0]!, $0) < (middle[$1]!, $1) }
      spread(row)
    }
  }
  return rows
}

let gap = 14.0
let (rowHeight, boxHeight) = (74.0, 26.0)
let pageWidth = 1180.0
func width(_ name: String) -> Double { 7.1 * Double(name.count) + 16 }

func draw(_ modules: [String: Module], _ rows: [[String]]) -> String {
  let height = rowHeight * Double(rows.count) + 30
  func top(_ module: Module) -> Double { height - rowHeight * Double(module.level + 1) }
  func number(_ value: Double) -> String { String(format: "%.1f", value) }
  var svg = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(pageWidth)) \(Int(height))" font-family="sans-serif" font-size="12">
    <rect width="100%" height="100%" fill="white"/>
    <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#888"/></marker></defs>

    """
  for module in modules.values.sorted(by: { $0.name < $1.name }) {
    for used in module.uses.sorted() {
      let other = modules[used]!
      let (x1, y1) = (module.x + width(module.name) / 2, top(module) + boxHeight)
      let (x2, y2) = (other.x + width(used) / 2, top(other))
      svg += """
        <path d="M\(number(x1)) \(number(y1))C\(number(x1)) \(number(y1 + 25)) \(number(x2)) \(number(y2 - 25)) \(number(x2)) \(number(y2))" fill="none" stroke="#aaa" marker-end="url(#tip)"/>

        """
    }
  }
  for name in rows.flatMap({ $0 }) {
    let module = modules[name]!
    svg += """
      <rect x="\(number(module.x))" y="\(number(top(module)))" width="\(number(width(name)))" height="\(Int(boxHeight))" rx="4" fill="\(module.kind.colour)" stroke="#666"/>
      <text x="\(number(module.x + width(name) / 2))" y="\(number(top(module) + 17))" text-anchor="middle">\(name)</text>

      """
  }
  for (i, kind) in [Module.Kind.program, .library, .plugin, .c].enumerated() {
    let x = 12 + 95 * Double(i)
    svg += """
      <rect x="\(number(x))" y="8" width="14" height="14" fill="\(kind.colour)" stroke="#666"/><text x="\(number(x + 20))" y="19">\(kind.rawValue)</text>

      """
  }
  return svg + "</svg>\n"
}

var package = try modules(FileHandle.standardInput.readDataToEndOfFile())
reduce(&package)
let rows = place(&package)
print(draw(package, rows), terminator: "")
