import PluginKit
import ReferenceProblems

extension SystemsPlugin {
  /// The well-known problems that have no parameters: those of `ReferenceProblem.testSet` but for the ones that have an entry of their own.
  static func registerReferenceProblems(in catalog: inout PluginCatalog) throws {
    let taken = Set(catalog.systems.entries.map(\.name))
    for reference in ReferenceProblem.testSet where !taken.contains(reference.name) {
      let name = reference.name
      try catalog.systems.add(name, summary: reference.summary, citation: reference.source) { _ in
        // Made anew for each run: some keep scratch.
        try SystemModel(ReferenceProblem.named(name)!)
      }
    }
  }
}

extension SystemModel {
  init(_ reference: ReferenceProblem) throws {
    let problem = reference.problem
    try self.init(
      name: reference.name, problem.system, initialState: problem.initialState, from: problem.initialTime,
      finalTime: problem.finalTime, componentNames: problem.componentNames, events: problem.events,
      invariants: problem.invariants, discontinuities: problem.discontinuities, known: reference.known)
  }
}
