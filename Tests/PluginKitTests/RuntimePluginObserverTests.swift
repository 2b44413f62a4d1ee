import Foundation
import GradientFlow
import ODETestKit
import PluginKit
import Testing

@Suite("Observers from libraries")
struct RuntimePluginObserverTests {
  let workshop: RuntimePluginWorkshop

  init() throws { workshop = try RuntimePluginWorkshop() }

  @Test("The snapshot holds the network, the data and the outputs, in the layout of the header")
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
        static const char *record(void *i, const phaseflow_snapshot *s, double *v) {
          (void)i;
          const double all[] = {
            s->time, s->width, s->input_dimension, s->sample_count, s->kappa, s->kappa_prime,
            s->state[1], s->state[2 * s->width], s->state[s->width + 1], s->inputs[0], s->inputs[1],
            s->targets[0], s->predictions[0], s->residuals[0], s->loss, s->struct_size == sizeof *s};
          memcpy(v, all, sizeof all);
          return NULL;
        }
        static int lean = 0;
        static const char *step(void *i, const phaseflow_snapshot *s) {
          (void)i;
          lean = !s->predictions && !s->residuals && isnan(s->loss) && s->state[0] == 3;
          return NULL;
        }
        static const char *finish(void *i, const phaseflow_snapshot *s, phaseflow_emit emit, void *sink) {
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
    let results = try smallFlow().withSnapshot(at: 8.5, of: [3, -2, 3, 5, 4, -12]) {
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
        static const char *step(void *i, const phaseflow_snapshot *s) {
          (void)i;
          return s->predictions[0] == 4.375 && s->loss > 7 ? "as it should be" : "wrong";
        }
        """)
    let observer = try workshop.load(workshop.compile("outputs", source)).observers.make("watcher")
    let error = try smallFlow().withSnapshot(at: 0, of: [3, -2, 3, 5, 4, -12]) { snapshot in
      #expect(throws: RuntimeObserverError.self) { try observer.step(snapshot) }
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
        static const char *record(void *i, const phaseflow_snapshot *s, double *values) {
          (void)i, (void)s;
          values[0] = 1;
          \(statement)
          return NULL;
        }
        static const char *finish(void *i, const phaseflow_snapshot *s, phaseflow_emit emit, void *sink) {
          (void)i, (void)s;
          emit(sink, NULL, 1);
          return NULL;
        }
        """)
    let observer = try workshop.load(workshop.compile("bounds", source)).observers.make("watcher")
    let error = try smallFlow().withSnapshot(at: 0, of: [3, -2, 3, 5, 4, -12]) { snapshot in
      #expect(throws: (any Error).self) {
        _ = try observer.record(snapshot)
        _ = try observer.finish(snapshot)
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
          static const char *record(void *i, const phaseflow_snapshot *s, double *v) {
            double *largest = i;
            *largest = fmax(*largest, fabs(s->state[0]));
            *v = *largest;
            return NULL;
          }
          static size_t count(const void *i) { (void)i; return 1; }
          static void save(const void *i, double *v) { *v = *(const double *)i; }
          static void restore(void *i, size_t n, const double *v) { (void)i, (void)n, (void)v; \(restore) }
          """)
      let catalog = try workshop.load(workshop.compile(name, source))
      return try ObserverConformance.violations(on: smallFlow()) { try catalog.observers.make("watcher") }
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
        static const char *record(void *i, const phaseflow_snapshot *s, double *v) {
          (void)i, (void)s, (void)v;
          return NULL;
        }
        """)
    let catalog = try workshop.load(workshop.compile("unwritten", source))
    let found = try ObserverConformance.violations(on: smallFlow()) { try catalog.observers.make("watcher") }
    #expect(found.contains("record 0 leaves column 'nothing' NaN for a finite network"))
  }
}
