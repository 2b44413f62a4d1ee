import Foundation
import Networks
import PluginKit
import Testing

@Suite("A library that is no sound plug-in is refused with a reason")
struct RuntimePluginErrorTests {
  let workshop: RuntimePluginWorkshop

  init() throws { workshop = try RuntimePluginWorkshop() }

  private func problem(_ file: String) throws -> PluginLibraryError.Problem {
    let error = try #require(throws: PluginLibraryError.self) { try PluginLibrary(file) }
    #expect(error.file == file)
    #expect("\(error)".hasPrefix("plug-in library '\(file)': "))
    return error.problem
  }

  private func problem(
    of name: String, activation: String = "", table: String = "", before: String = ""
  ) throws -> PluginLibraryError.Problem {
    try problem(
      workshop.compile(
        name, RuntimePluginSource.identity(activation: activation, table: table, before: before),
        flags: ["-Wno-override-init"]))
  }

  @Test("The plain library that the others are made from is sound")
  func sound() throws {
    let catalog = try workshop.load(workshop.compile("sound", RuntimePluginSource.identity()))
    let at = evaluate(try catalog.activations.make("identity-c"), [-2, 3])
    #expect(at.value == [-2, 3] && at.first == [1, 1] && at.second == [0, 0])
    let empty = evaluate(try catalog.activations.make("identity-c"), [])
    #expect(empty.value == [])
  }

  @Test("A missing file, a folder")
  func files() throws {
    #expect(try problem(workshop.folder.appending(path: "none.so").path) == .missingFile)
    #expect(try problem(workshop.folder.path) == .isFolder)
  }

  @Test("A file that is no library, and one that needs a symbol nobody has, in the loader's words")
  func notLoadable() throws {
    let text = workshop.folder.appending(path: "text.so")
    try Data("not a library, though long enough to hold the header of one, which this is not".utf8)
      .write(to: text)
    guard case .notLoadable(let reason) = try problem(text.path) else { throw Unexpected() }
    #expect(reason.contains("text.so"))
    let unresolved = try workshop.compile(
      "unresolved", "void nobody_has_this(void); void f(void) { nobody_has_this(); }")
    guard case .notLoadable(let reason) = try problem(unresolved) else { throw Unexpected() }
    #expect(reason.contains("nobody_has_this"))
  }

  struct Unexpected: Error {}

  @Test("A library without the entry, and one whose entry returns NULL")
  func entry() throws {
    #expect(try problem(workshop.compile("other", "int other(void) { return 1; }")) == .noEntry)
    #expect(
      try problem(workshop.compile("null", "void *phaseflow_plugin_entry(void) { return 0; }")) == .noPlugin)
  }

  @Test("Another ABI version, whatever else it holds")
  func version() throws {
    let found = try problem(of: "version", table: ".abi_version = 2")
    #expect(found == .abiVersion(built: 2, spoken: 1))
    #expect("\(found)".contains("built for ABI 2, this program speaks 1"))
    #expect(
      try problem(of: "short", table: ".abi_version = 7, .struct_size = 16")
        == .abiVersion(built: 7, spoken: 1))
  }

  @Test("Sizes that are not those of the header")
  func sizes() throws {
    // Sizes of the first header on a 64-bit machine: 8 + 4 (+ 4) + 3 (8 + 8), and the activation's 13 words.
    #expect(
      try problem(of: "size-0", table: ".struct_size = 0")
        == .structSize(item: "the library's table", size: 0, expected: 12))
    #expect(
      try problem(of: "size-16", table: ".struct_size = 16")
        == .structSize(item: "the library's table", size: 16, expected: 64))
    #expect(
      try problem(of: "size-activation", activation: ".struct_size = 8")
        == .structSize(item: "activation", size: 8, expected: 104))
  }

  @Test(
    "Lengths that cannot be, as from a wrong cast",
    arguments: [
      ("", ".activation_count = (size_t)-1", "18446744073709551615 activations"),
      ("", ".loss_count = 1000000000", "1000000000 losses"),
      (".parameter_count = (size_t)-1", "", "18446744073709551615 parameters"),
    ])
  func lengths(activation: String, table: String, expected: String) throws {
    let found = try problem(of: "lengths", activation: activation, table: table)
    #expect("\(found)".contains("\(expected) are declared; the most are 10000"))
  }

  @Test(
    "Kinks without end, or with an error code for their number", arguments: ["(size_t)-1", "capacity + 1"])
  func kinks(count: String) throws {
    let library = try workshop.compile(
      "kinks",
      RuntimePluginSource.identity(
        activation: ".kinks = kinks",
        before: "static size_t kinks(const void *i, size_t capacity, double *p) { return \(count); }"))
    let error = try #require(throws: PluginLibraryError.self) {
      try workshop.load(library).activations.make("identity-c")
    }
    #expect("\(error)".contains("activation 'identity-c': ") && "\(error)".contains("kinks are declared"))
  }

  @Test("A library with an older header of this version loads; so does one with a newer header")
  func otherHeaders() throws {
    // An older activation ends before `citation`, whatever lies there; an older table before `version`.
    let older = try workshop.compile(
      "older",
      RuntimePluginSource.identity(
        activation: ".citation = (const char *)8, .struct_size = offsetof(phaseflow_activation, citation)",
        table:
          ".version = (const char *)8, .system_count = 9, .struct_size = offsetof(phaseflow_plugin, version)"),
      flags: ["-Wno-override-init"])
    let entries = try workshop.load(older).activations.entries
    #expect(entries.map(\.name) == ["identity-c"] && entries[0].citation.isEmpty)
    #expect(entries[0].origin == "older.so")
    let newer = try workshop.compile(
      "newer",
      RuntimePluginSource.identity(
        activation: ".citation = \"somebody (1999)\", .struct_size = sizeof(phaseflow_activation) + 64",
        table: ".version = \"2.1\", .struct_size = sizeof plugin + 64"), flags: ["-Wno-override-init"])
    let entry = try #require(workshop.load(newer).activations.entries.first)
    #expect(entry.citation == "somebody (1999)" && entry.origin == "newer.so 2.1")
  }

  @Test("Two versions of one plug-in side by side, one of them under an alias")
  func versions() throws {
    var catalog = PluginCatalog()
    for (version, slope) in [("1.0", 1), ("2.0", 2)] {
      let file = try workshop.compile(
        "v\(slope)",
        RuntimePluginSource.identity(
          activation: ".evaluate = scaled", table: ".version = \"\(version)\"",
          before: """
            static void scaled(const void *i, size_t n, const double *z, double *v, double *d) {
              (void)i;
              for (size_t k = 0; k < n; k++) { v[k] = \(slope) * z[k]; d[k] = \(slope); }
            }
            """), flags: ["-Wno-override-init"])
      try PluginLibrary(slope == 1 ? file : "new=\(file)").register(in: &catalog)
    }
    #expect(catalog.activations.entries.map(\.name) == ["identity-c", "new.identity-c"])
    #expect(catalog.activations.entries.map(\.origin) == ["v1.so 1.0", "v2.so 2.0"])
    #expect(evaluate(try catalog.activations.make("identity-c"), [3]).value == [3])
    let newer = try catalog.activations.make("new.identity-c")
    #expect(evaluate(newer, [3]).value == [6] && newer.name == "new.identity-c")
    let error = #expect(throws: PluginLibraryError.self) { try PluginLibrary("No=x.so") }
    #expect(error?.problem == .badAlias("No"))
  }

  @Test("A required function or name that is NULL")
  func missing() throws {
    let item = "activation 'identity-c'"
    #expect(
      try problem(of: "evaluate", activation: ".evaluate = 0") == .missing(item: item, field: "evaluate"))
    #expect(
      try problem(of: "second", activation: ".second_derivative = 0")
        == .missing(item: item, field: "second_derivative"))
    #expect(try problem(of: "name", activation: ".name = 0") == .missing(item: "activation", field: "name"))
    #expect(
      try problem(of: "list", table: ".loss_count = 1")
        == .missing(item: "the library's table", field: "losses"))
    #expect(
      try problem(of: "parameters", activation: ".parameter_count = 2")
        == .missing(item: item, field: "parameters[0]"))
    let noRecord = RuntimePluginSource.observer(
      ".column_count = 1, .columns = columns", before: "static const char *columns[] = {\"a\"};")
    #expect(
      try problem(workshop.compile("record", noRecord))
        == .missing(item: "observer 'watcher'", field: "record"))
  }

  @Test("Names that cannot be typed, come twice or are taken; then nothing is added")
  func names() throws {
    #expect(
      try problem(of: "capital", activation: ".name = \"Identity\"")
        == .badName(item: "activation", name: "Identity"))
    #expect(
      try problem(of: "twice", table: ".activation_count = 2")
        == .inconsistent(item: "the library's table", reason: "two activations are named 'identity-c'"))

    let library = try PluginLibrary(workshop.compile("taken", RuntimePluginSource.identity()))
    var catalog = PluginCatalog()
    try library.register(in: &catalog)
    let error = #expect(throws: PluginLibraryError.self) { try library.register(in: &catalog) }
    #expect(error?.problem == .duplicateName(kind: "activation", name: "identity-c", origin: "taken.so"))
    #expect(error.map { "\($0)" }?.contains("--plugin NAME=FILE") == true)
    #expect(catalog.activations.entries.count == 1)
  }

  @Test("A library that brings nothing")
  func empty() throws {
    #expect(try problem(of: "empty", table: ".activation_count = 0") == .empty)
  }

  @Test("Declarations that contradict the header")
  func inconsistent() throws {
    func reason(_ found: PluginLibraryError.Problem) -> String {
      if case .inconsistent(_, let reason) = found { reason } else { "other: \(found)" }
    }
    #expect(
      try reason(problem(of: "degree", activation: ".homogeneity = -1")).hasPrefix("homogeneity is -1"))
    let memory = RuntimePluginSource.observer(
      ".memory_count = count", before: "static size_t count(const void *i) { (void)i; return 1; }")
    #expect(try reason(problem(workshop.compile("memory", memory))).contains("all or none"))
    let range = """
      static const phaseflow_parameter p = {sizeof p, "beta", 3, 0, 1};
      static const phaseflow_parameter *const parameters[] = {&p, &p};
      """
    #expect(
      try reason(
        problem(
          of: "range", activation: ".parameter_count = 1, .parameters = parameters", before: range)
      ).contains("minimum 0.0 <= default_value 3.0"))
    #expect(
      try reason(
        problem(
          of: "parameter-twice", activation: ".parameter_count = 2, .parameters = parameters",
          before: range.replacing("3, 0, 1", with: "1, 0, 1"))
      ) == "two parameters are named 'beta'")
  }
}
