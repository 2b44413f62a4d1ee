import Foundation
import GradientFlow
import ODECore
import ODETestKit
import PluginKit
import Testing

@Suite("Observers from libraries")
struct RuntimePluginObserverTests {
  let workshop: RuntimePluginWorkshop

  init() throws { workshop = try RuntimePluginWorkshop() }

  @Test("The moment holds the state, the network, the data and the outputs, in the layout of the header")
  func snapshot() throws {
    let names = [
      "time", "m", "d", "n", "kappa", "kappaPrime", "a2", "w1bias", "w2x", "x", "bias", "y", "f", "e",
      "R", "size",
    ]
    let source = RuntimePluginSource.observer(
      """
      .column_count = \(names.count), .columns = columns, .record = record, .step = step, .finish = finish
      """,
      before: """
        static const char *const columns[] = {\(names.map { "\"\($0)\"" }.joined(separator: ", "))};
        static const char *record(void *i, const phaseflow_moment *s, double *v) {
          (void)i;
          const phaseflow_network *n = s->network;
          const double all[] = {
            s->time, n->width, n->input_dimension, n->sample_count, n->kappa, n->kappa_prime,
            s->y[1], s->y[2 * n->width], s->y[n->width + 1], n->inputs[0], n->inputs[1],
            n->targets[0], n->predictions[0], n->residuals[0], n->loss,
            s->struct_size == sizeof *s && n->struct_size == sizeof *n && s->dimension == 6};
          memcpy(v, all, sizeof all);
          return NULL;
        }
        static int lean = 0;
        static const char *step(void *i, const phaseflow_moment *s) {
          (void)i;
          lean = !s->network->predictions && !s->network->residuals && isnan(s->network->loss) && s->y[0] == 3;
          return NULL;
        }
        static const char *finish(void *i, const phaseflow_moment *s, phaseflow_emit emit, void *sink) {
          (void)i, (void)s;
          emit(sink, "lean", 0);
          emit(sink, "lean", lean);
          emit(sink, "nothing", NAN);
          return NULL;
        }
        """)
    let catalog = try workshop.load(workshop.compile("snapshot", source))
    let observer = try catalog.observers.make("watcher")
    #expect(observer.memory == [])
    // sigma(z) = z / 2: f = kappa (3 * 7 - 2 * -7) / 2 = 0.25 * 35 / 2 = 4.375, e = f - 0.5, R = e^2 / 2.
    let e = 4.375 - 0.5
    let expected = [8.5, 2, 2, 1, 0.25, 2, -2, 4, 5, 1, 1, 0.5, 4.375, e, e * e / 2, 1]
    let results = try smallFlow().withMoment(at: 8.5, of: [3, -2, 3, 5, 4, -12]) {
      try observer.begin($0)
      try observer.step($0)
      #expect(try observer.record($0) == expected)
      return try observer.finish($0)
    }
    #expect(results["lean"] == .number(1))
    guard case .number(let nothing)? = results["nothing"] else { throw RuntimePluginErrorTests.Unexpected() }
    #expect(nothing.isNaN && results.count == 2)
  }

  @Test("Outputs come to step if they are asked for")
  func stepWithOutputs() throws {
    let source = RuntimePluginSource.observer(
      ".step = step, .step_wants_outputs = 1",
      before: """
        static const char *step(void *i, const phaseflow_moment *s) {
          (void)i;
          return s->network->predictions[0] == 4.375 && s->network->loss > 7 ? "as it should be" : "wrong";
        }
        """)
    let observer = try workshop.load(workshop.compile("outputs", source)).observers.make("watcher")
    let error = try smallFlow().withMoment(at: 0, of: [3, -2, 3, 5, 4, -12]) { moment in
      #expect(throws: RuntimeObserverError.self) { try observer.step(moment) }
    }
    #expect(error.map { "\($0)" } == "observer 'watcher' failed in step: as it should be")
  }

  @Test(
    "A number too many and a key that is NULL are reported with the observer's name",
    arguments: [
      ("values[1] = 1;", "it wrote outside the 1 numbers"), ("values[-1] = 1;", "it wrote outside"),
      ("", "it emitted the key NULL"),
    ])
  func outOfBounds(statement: String, expected: String) throws {
    let source = RuntimePluginSource.observer(
      ".column_count = 1, .columns = columns, .record = record, .finish = finish",
      before: """
        static const char *const columns[] = {"one"};
        static const char *record(void *i, const phaseflow_moment *s, double *values) {
          (void)i, (void)s;
          values[0] = 1;
          \(statement)
          return NULL;
        }
        static const char *finish(void *i, const phaseflow_moment *s, phaseflow_emit emit, void *sink) {
          (void)i, (void)s;
          emit(sink, NULL, 1);
          return NULL;
        }
        """)
    let observer = try workshop.load(workshop.compile("bounds", source)).observers.make("watcher")
    let error = try smallFlow().withMoment(at: 0, of: [3, -2, 3, 5, 4, -12]) { moment in
      #expect(throws: (any Error).self) {
        _ = try observer.record(moment)
        _ = try observer.finish(moment)
      }
    }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.hasPrefix("observer 'watcher' failed in ") && text.contains(expected), "\(text)")
  }

  @Test("An observer that forgets its past on resumption is found out, and one without is sound")
  func forgetful() throws {
    func violations(_ name: String, _ restore: String) throws -> [String] {
      let source = RuntimePluginSource.observer(
        """
        .column_count = 1, .columns = columns, .create = create, .destroy = free, .record = record,
        .memory_count = count, .save_memory = save, .restore_memory = restore
        """,
        before: """
          #include <stdlib.h>
          static const char *const columns[] = {"largest"};
          static const char *create(void *c, const double *p, void **instance) {
            (void)c, (void)p;
            *instance = calloc(1, sizeof(double));
            return NULL;
          }
          static const char *record(void *i, const phaseflow_moment *s, double *v) {
            double *largest = i;
            *largest = fmax(*largest, fabs(s->y[0]));
            *v = *largest;
            return NULL;
          }
          static size_t count(const void *i) { (void)i; return 1; }
          static void save(const void *i, double *v) { *v = *(const double *)i; }
          static void restore(void *i, size_t n, const double *v) { (void)i, (void)n, (void)v; \(restore) }
          """)
      let catalog = try workshop.load(workshop.compile(name, source))
      return try ObserverConformance.violations(on: smallFlow().problem()) {
        try catalog.observers.make("watcher")
      }
    }
    #expect(try violations("sound", "*(double *)i = *v;") == [])
    let found = try violations("forgetful", "")
    #expect(found.count == 1 && found[0].hasPrefix("after a resumption"))
  }

  @Test("A column that is never written is found out")
  func unwritten() throws {
    let source = RuntimePluginSource.observer(
      ".column_count = 1, .columns = columns, .record = record",
      before: """
        static const char *const columns[] = {"nothing"};
        static const char *record(void *i, const phaseflow_moment *s, double *v) {
          (void)i, (void)s, (void)v;
          return NULL;
        }
        """)
    let catalog = try workshop.load(workshop.compile("unwritten", source))
    let found = try ObserverConformance.violations(on: smallFlow().problem()) {
      try catalog.observers.make("watcher")
    }
    #expect(found.contains("record 0 leaves column 'nothing' NaN for a finite state"))
  }

  @Test("An observer without a network sees any state, and one that needs a network refuses a system")
  func systems() throws {
    let source = RuntimePluginSource.observer(
      ".step = step",
      before: """
        static const char *step(void *i, const phaseflow_moment *s) {
          (void)i;
          return !s->network && s->dimension == 2 && s->y[1] == 4 && s->previous_time == 1 ? "as it should be" : "wrong";
        }
        """)
    let problem = try ODEProblem(
      ClosureSystem(dimension: 2) { _, _, _ in }, to: 9, initialState: [0, 0])
    let any = try workshop.load(workshop.compile("any", source)).observers.make("watcher")
    #expect(any.refusal(of: problem) == nil)
    let error = Moment(problem).show(2, [3, 4].span, previousTime: 1) { moment in
      #expect(throws: RuntimeObserverError.self) { try any.step(moment) }
    }
    #expect(error.map { "\($0)" } == "observer 'watcher' failed in step: as it should be")
    let needy = try workshop.load(
      workshop.compile("needy", RuntimePluginSource.observer(".needs_network = 1"))
    ).observers.make("watcher")
    let network = try smallFlow().problem()
    #expect(needy.refusal(of: problem) != nil && needy.refusal(of: network) == nil)
  }
}

extension TwoLayerFlow {
  func problem() throws -> ODEProblem {
    try ODEProblem(self, to: 10, initialState: [Double](repeating: 1, count: dimension))
  }

  /// Shows the state `y` as observers see it.
  func withMoment<R>(at t: Double, of y: [Double], _ body: (Moment) throws -> R) throws -> R {
    try Moment(problem()).show(t, y.span, body)
  }
}
