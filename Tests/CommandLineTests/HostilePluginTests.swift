import Foundation
import Testing

/// Plug-ins that do their worst in each of their functions, in runs and under `plugins check`.
@Suite("Hostile plug-ins") struct HostilePluginTests {
  private let phaseflow = Program(name: "phaseflow")

  /// Does `ATTACK` in the function `WHERE`, from time `FROM` on where the function has a time.
  private static let source = #"""
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <fenv.h>
    #include <math.h>
    #include <signal.h>
    #include <stdlib.h>
    #include <sys/wait.h>
    #include <unistd.h>
    #include "phaseflow_plugin.h"

    enum { nowhere, constructor, entry, create, destroy, dimension, initial_state, component_name, derivative, jacobian,
      jacobian_vector_product, spectral_radius, value, change, invariants, next_discontinuity, evaluate, second_derivative,
      kinks, accepts_target, loss_evaluate, begin, step, record, finish, memory_count, save_memory, start, advance,
      interpolate, stop };
    static int overflow(volatile char *outer) {
      volatile char inner[4096];
      inner[0] = outer[0];
      return overflow(inner) + inner[0];
    }
    static void segv(void) { *(volatile int *)8 = 1; }
    static void bus(void) { raise(SIGBUS); }
    static void fpe(void) { volatile int one = 1, zero = 0; one = one / zero; }
    static void ill(void) { __builtin_trap(); }
    static void leave(void) { exit(0); }
    static void leave_at_once(void) { _exit(0); }
    static void leave_quickly(void) { quick_exit(0); }
    static void child_leaves(void) { if (fork() == 0) _exit(3); wait(0); }
    static void stack(void) { char c = 0; overflow(&c); }
    static void round_up(void) { fesetround(FE_UPWARD); }
    static void flush(void) {
    #if defined(__x86_64__)
      __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
    #endif
    }
    static void trap(void) { feenableexcept(FE_INVALID); }
    static void close_output(void) { close(1); }
    static void replace_output(void) { close(1); open("/dev/null", O_WRONLY); }
    static void hit(int where, double t) { if (where == WHERE && t >= FROM) ATTACK(); }
    #define HIT(where) hit(where, 1e300)

    __attribute__((constructor)) static void construct(void) { HIT(constructor); }
    static const char *make(void *c, const double *p, void **i) { HIT(create); *i = 0; return 0; }
    static void unmake(void *i) { HIT(destroy); }

    static size_t size(const void *i) { HIT(dimension); return 2; }
    static const char *first(const void *i, double *y) { HIT(initial_state); y[0] = 1; y[1] = 0; return 0; }
    static const char *named(const void *i, size_t k) { HIT(component_name); return k ? "v" : "x"; }
    static const char *f(const void *i, double t, const double *y, double *dy) {
      hit(derivative, t); dy[0] = y[1]; dy[1] = -y[0]; return 0;
    }
    static const char *jac(const void *i, double t, const double *y, double *j) {
      hit(jacobian, t); j[1] = -1; j[2] = 1; return 0;
    }
    static const char *jv(const void *i, double t, const double *y, const double *v, double *r) {
      hit(jacobian_vector_product, t); r[0] = v[1]; r[1] = -v[0]; return 0;
    }
    static double radius(const void *i, double t, const double *y) { hit(spectral_radius, t); return 1; }
    static double g(const void *i, size_t e, double t, const double *y) {
      hit(value, t);
    #ifdef EVENT_WRITES
      ((double *)y)[0] += 1e-3;
    #endif
      return y[0];
    }
    static const char *bump(const void *i, size_t e, double t, double *y) { hit(change, t); y[1] = -y[1]; return 0; }
    static void energy(const void *i, double t, const double *y, double *v) {
      hit(invariants, t); v[0] = y[0] * y[0] + y[1] * y[1];
    #ifdef INVARIANTS_OVERRUN
      v[1] = 0;
    #endif
    }
    static double jump(const void *i, double t, int32_t s) { hit(next_discontinuity, t); return s > 0 ? floor(t) + 1 : ceil(t) - 1; }
    static const phaseflow_event crossing = {
      .struct_size = sizeof crossing, .name = "crossing", .value = g, .change = bump};
    static const phaseflow_event *const events[] = {&crossing};
    static const char *const names[] = {"energy"};
    static const phaseflow_system system_ = {
      .struct_size = sizeof system_, .name = "hostile", .create = make, .destroy = unmake, .final_time = 10, .dimension = size,
      .initial_state = first, .derivative = f, .component_name = named, .jacobian = jac, .jacobian_vector_product = jv,
      .spectral_radius = radius, .event_count = 1, .events = events, .invariant_count = 1, .invariant_names = names,
      .invariants = energy, .next_discontinuity = jump};
    static const phaseflow_system *const systems[] = {&system_};

    static void sigma(const void *i, size_t n, const double *z, double *v, double *d) {
      HIT(evaluate);
      for (size_t k = 0; k < n; k++) { v[k] = tanh(z[k]); d[k] = 1 - v[k] * v[k]; }
    }
    static void second(const void *i, size_t n, const double *z, double *r) {
      HIT(second_derivative);
      for (size_t k = 0; k < n; k++) r[k] = -2 * tanh(z[k]) * (1 - tanh(z[k]) * tanh(z[k]));
    }
    static size_t corners(const void *i, size_t n, double *p) { HIT(kinks); return 0; }
    static const phaseflow_activation activation = {
      .struct_size = sizeof activation, .name = "hostile", .create = make, .destroy = unmake, .evaluate = sigma,
      .second_derivative = second, .kinks = corners};
    static const phaseflow_activation *const activations[] = {&activation};

    static int32_t takes(const void *i, double y) { HIT(accepts_target); return 1; }
    static void half(const void *i, size_t n, const double *f, const double *y, double *v, double *d) {
      HIT(loss_evaluate);
      for (size_t k = 0; k < n; k++) { d[k] = f[k] - y[k]; v[k] = d[k] * d[k] / 2; }
    }
    static void one(const void *i, size_t n, const double *f, const double *y, double *r) {
      for (size_t k = 0; k < n; k++) r[k] = 1;
    }
    static const phaseflow_loss loss = {
      .struct_size = sizeof loss, .name = "hostile", .evaluate = half, .second_derivative = one, .accepts_target = takes};
    static const phaseflow_loss *const losses[] = {&loss};

    static const char *begins(void *i, const phaseflow_moment *m) { HIT(begin); return 0; }
    static const char *steps(void *i, const phaseflow_moment *m) { hit(step, m->time); return 0; }
    static const char *records(void *i, const phaseflow_moment *m, double *v) { hit(record, m->time); v[0] = m->y[0]; return 0; }
    static const char *finishes(void *i, const phaseflow_moment *m, phaseflow_emit emit, void *sink) {
      HIT(finish); emit(sink, "end", m->time); return 0;
    }
    static size_t numbers(const void *i) { HIT(memory_count); return 1; }
    static void save(const void *i, double *v) { HIT(save_memory); v[0] = 1; }
    static void restore(void *i, size_t n, const double *v) {}
    static const char *const columns[] = {"hostile"};
    static const phaseflow_observer observer = {
      .struct_size = sizeof observer, .name = "hostile", .column_count = 1, .columns = columns, .create = make,
      .destroy = unmake, .begin = begins, .step = steps, .record = records, .finish = finishes, .memory_count = numbers,
      .save_memory = save, .restore_memory = restore};
    static const phaseflow_observer *const observers[] = {&observer};

    // Heun's method, which is of order 2.
    typedef struct { const phaseflow_problem *p; double t, before, y[8], old[8], k[8], l[8], z[8]; } run;
    static int32_t starts(const void *i, const phaseflow_problem *p, void **state, const char **message) {
      HIT(start);
      run *r = calloc(1, sizeof *r);
      r->p = p; r->t = r->before = p->initial_time;
      for (size_t k = 0; k < r->p->dimension; k++) r->y[k] = p->initial_state[k];
      *state = r;
      return PHASEFLOW_OK;
    }
    static int32_t advances(void *state, double limit, phaseflow_step *s) {
      run *r = state;
      hit(advance, r->t);
      double sign = limit < r->t ? -1 : 1, h = sign * r->p->fixed_step;
      double end = (limit - r->t - h) * sign > 1e-9 * fabs(h) ? r->t + h : limit;
      h = end - r->t;
      if (r->p->derivative(r->p->host, r->t, r->y, r->k)) return PHASEFLOW_STOP;
      for (size_t k = 0; k < r->p->dimension; k++) { r->old[k] = r->y[k]; r->z[k] = r->y[k] + h * r->k[k]; }
      if (r->p->derivative(r->p->host, end, r->z, r->l)) return PHASEFLOW_STOP;
      for (size_t k = 0; k < r->p->dimension; k++) {
        r->z[k] = r->y[k] + h / 2 * (r->k[k] + r->l[k]);
        if (!isfinite(r->z[k])) return PHASEFLOW_NON_FINITE;
      }
      for (size_t k = 0; k < r->p->dimension; k++) r->y[k] = r->z[k];
      r->before = r->t;
      s->time = r->t = end;
      s->y = r->y;
      return PHASEFLOW_OK;
    }
    static int32_t inside(void *state, double t, double *y) {
      run *r = state;
      hit(interpolate, t);
      double s = (t - r->before) / (r->t - r->before);
    #ifdef ROUGH_OUTPUT
      // Continuous, and wrong by a part of a step's change in between.
      s += 0.3 * s * (1 - s);
    #endif
      for (size_t k = 0; k < r->p->dimension; k++) y[k] = r->old[k] + s * (r->y[k] - r->old[k]);
      return PHASEFLOW_OK;
    }
    static void ends(void *state) { HIT(stop); free(state); }
    static const phaseflow_integrator method = {
      .struct_size = sizeof method, .name = "hostile", .create = make, .destroy = unmake, .order = 2, .takes_fixed_steps = 1,
      .start = starts, .stop = ends, .advance = advances, .interpolate = inside};
    static const phaseflow_integrator *const integrators[] = {&method};

    static const phaseflow_plugin plugin = {
      .struct_size = sizeof plugin, .abi_version = PHASEFLOW_ABI_VERSION,
    #ifdef ACTIVATION
      .activation_count = 1, .activations = activations,
    #elif defined LOSS
      .loss_count = 1, .losses = losses,
    #elif defined OBSERVER
      .observer_count = 1, .observers = observers,
    #elif defined INTEGRATOR
      .integrator_count = 1, .integrators = integrators,
    #else
      .system_count = 1, .systems = systems,
    #endif
    };
    const phaseflow_plugin *phaseflow_plugin_entry(void) { HIT(entry); return &plugin; }
    """#

  private func withLibrary(_ flags: [String], _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      _ = try phaseflow("plugins", "new", "system", "any", "--language", "c", "--out", "p", in: folder)
      try Self.source.write(toFile: folder + "/p/hostile.c", atomically: true, encoding: .utf8)
      let compiler = Process()
      compiler.executableURL = URL(filePath: "/usr/bin/env")
      compiler.arguments =
        [
          "cc", "-std=gnu11", "-O1", "-w", "-fPIC", "-shared", "-o", folder + "/hostile.so",
          folder + "/p/hostile.c", "-lm",
        ]
        + (["WHERE=nowhere", "FROM=-1", "ATTACK=segv"] + flags).reversed().reduce(into: [String: String]()) {
          known, flag in
          let parts = flag.split(separator: "=").map(String.init)
          if known[parts[0]] == nil { known[parts[0]] = parts.count > 1 ? parts[1] : "1" }
        }.map { "-D\($0)=\($1)" }
      try compiler.run()
      compiler.waitUntilExit()
      try #require(compiler.terminationStatus == 0)
      try body(folder)
    }
  }

  private func lines(_ path: String) -> Int {
    (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").count ?? 0
  }

  private static let attacks = [
    ("segv", "touched memory"), ("bus", "touched memory"), ("fpe", "divided by zero"),
    ("abort", "called abort"),
    ("ill", "stopped itself"), ("leave", "exit(0)"), ("leave_at_once", "exit(0)"),
    ("leave_quickly", "exit(0)"), ("stack", "used up the stack"),
  ]

  @Test(
    "end a run with 1 and the plug-in's name, whatever they do; what the run had is kept", arguments: attacks)
  func attack(name: String, words: String) throws {
    try withLibrary(["WHERE=derivative", "FROM=5", "ATTACK=\(name)"]) { folder in
      let run = try phaseflow(
        "run", "--system", "./hostile.so", "--record", "steps", "--json", "--out", "r", in: folder)
      #expect(run.exitCode == 1, "\(run.exitCode) \(run.errors)")
      #expect(
        run.output.contains("system 'hostile'") && run.output.contains(words)
          && run.output.contains("(in derivative)"),
        "\(run.output)\(run.errors)")
      #expect(lines(folder + "/r/trajectory.csv") > 10 && lines(folder + "/r/summary.json") > 10)
    }
  }

  @Test("whose child process ends do no harm")
  func child() throws {
    try withLibrary(["WHERE=create", "ATTACK=child_leaves"]) { folder in
      let run = try phaseflow("run", "--system", "./hostile.so", "--json", "--quiet", in: folder)
      #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
    }
  }

  /// Functions of a system, with what makes a run call them; those without a time end the run before it begins.
  private static let functions: [(String, Bool, [String])] = [
    ("create", false, []), ("dimension", false, []), ("initial_state", false, []),
    ("component_name", false, []),
    ("jacobian", true, ["--integrator", "radau"]),
    ("jacobian_vector_product", true, ["--integrator", "exponential"]),
    ("spectral_radius", true, ["--integrator", "rkc"]), ("value", true, []), ("change", true, []),
    ("invariants", true, ["--observe", "invariants"]), ("next_discontinuity", true, []),
    ("destroy", true, []),
  ]

  @Test("end a run wherever a system does it", arguments: functions.indices)
  func function(index: Int) throws {
    let (name, hasTime, options) = Self.functions[index]
    for attack in ["segv", "leave", "stack"] {
      try withLibrary(["WHERE=\(name)", "FROM=5", "ATTACK=\(attack)"]) { folder in
        let run = try phaseflow.run(
          ["run", "--system", "./hostile.so", "--record", "steps", "--json", "--out", "r"] + options,
          in: folder)
        let text = run.output + run.errors
        #expect(
          run.exitCode == 1 && text.contains("system 'hostile'") && text.contains("(in \(name))"),
          "\(attack): \(text)")
        if hasTime { #expect(lines(folder + "/r/trajectory.csv") > 5, "\(attack): \(text)") }
      }
    }
  }

  @Test(
    "end the program with 1 and the library's name while it is loaded", arguments: ["constructor", "entry"])
  func loading(place: String) throws {
    for attack in ["segv", "leave", "stack", "abort"] {
      try withLibrary(["WHERE=\(place)", "ATTACK=\(attack)"]) { folder in
        for words in [["--system", "./hostile.so"], ["--plugin", "./hostile.so", "--system", "hostile"]] {
          let run = try phaseflow.run(["run"] + words, in: folder)
          #expect(
            run.exitCode == 1 && run.errors.contains("plug-in library './hostile.so'"),
            "\(attack): \(run.errors)")
        }
      }
    }
  }

  @Test(
    "end a run wherever another kind of plug-in does it",
    arguments: [
      ("ACTIVATION", "activation", ["create", "evaluate", "kinks"]),
      ("LOSS", "loss", ["loss_evaluate", "accepts_target"]),
      (
        "OBSERVER", "observer",
        ["create", "begin", "step", "record", "finish", "memory_count", "save_memory"]
      ),
      ("INTEGRATOR", "integrator", ["create", "start", "advance", "interpolate", "stop"]),
    ])
  func kinds(flag: String, kind: String, places: [String]) throws {
    let problem =
      switch kind {
      case "activation": ["--activation", "hostile", "--width", "20", "--t-end", "3"]
      case "loss": ["--loss", "hostile", "--width", "20", "--t-end", "3"]
      case "observer":
        [
          "--observe", "hostile", "--system", "van-der-pol", "--t-end", "10", "--checkpoint-interval",
          "0.000001",
        ]
      default:
        [
          "--integrator", "hostile", "--step", "0.001", "--system", "lorenz", "--t-end", "1", "--record",
          "linear:0.03",
        ]
      }
    for place in places {
      for attack in ["segv", "leave", "stack"] {
        try withLibrary([flag, "WHERE=\(place)", "ATTACK=\(attack)"]) { folder in
          let run = try phaseflow.run(
            ["run", "--plugin", "./hostile.so", "--json", "--out", "r"] + problem, in: folder)
          let text = run.output + run.errors
          #expect(run.exitCode == 1 && text.contains("\(kind) 'hostile'"), "\(place), \(attack): \(text)")
        }
      }
    }
  }

  @Test(
    "that change how numbers are rounded are named, and the results are those of a plug-in that does not",
    arguments: [("round_up", "rounded"), ("flush", "denormal"), ("trap", "floating-point errors")])
  func environment(attack: String, words: String) throws {
    func state(_ result: Program.Result) throws -> [Double]? {
      let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      return object?["state"] as? [Double]
    }
    var expected: [Double]?
    try withLibrary([]) { folder in
      expected = try state(phaseflow("run", "--system", "./hostile.so", "--json", "--quiet", in: folder))
      #expect(expected?.count == 2)
    }
    // The derivative is a copy and a change of sign: nothing in it is rounded.
    try withLibrary(["WHERE=derivative", "FROM=2", "ATTACK=\(attack)"]) { folder in
      let run = try phaseflow("run", "--system", "./hostile.so", "--json", "--quiet", in: folder)
      #expect(
        run.exitCode == 0 && run.errors.contains("system 'hostile' changed") && run.errors.contains(words),
        "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
      #expect(try state(run) == expected)
    }
  }

  @Test(
    "that close standard output, or put a file in its place, are named",
    arguments: ["close_output", "replace_output"])
  func output(attack: String) throws {
    for place in ["constructor", "create", "initial_state", "derivative"] {
      try withLibrary(["WHERE=\(place)", "ATTACK=\(attack)"]) { folder in
        let run = try phaseflow("run", "--system", "./hostile.so", "--json", "--out", "r", in: folder)
        #expect(run.exitCode == 1 && run.output.isEmpty, "\(place): \(run.output)")
        #expect(
          run.errors.contains("standard output was") && run.errors.contains("hostile"),
          "\(place): \(run.errors)")
        #expect(run.errors.contains("cannot write to standard output"), "\(place): \(run.errors)")
        #expect(lines(folder + "/r/summary.json") > 10)
      }
    }
  }

  @Test("are found by plugins check, each with its function or stage")
  func check() throws {
    let system = [
      "create", "dimension", "initial_state", "component_name", "derivative", "jacobian",
      "jacobian_vector_product", "spectral_radius", "value", "change", "invariants", "next_discontinuity",
      "destroy",
    ]
    var cases = system.map { (["WHERE=\($0)"], "memory") }
    cases += Self.attacks.map { (["WHERE=change", "ATTACK=\($0.0)"], "violation: it ") }
    cases += [
      (["WHERE=derivative", "ATTACK=round_up"], "rounded"), (["WHERE=value", "ATTACK=flush"], "denormal"),
      (["WHERE=invariants", "ATTACK=trap"], "floating-point errors"),
      (["WHERE=change", "ATTACK=close_output"], "standard output"),
      (["EVENT_WRITES"], "wrote to an input"), (["INVARIANTS_OVERRUN"], "wrote outside"),
      (["INTEGRATOR", "ROUGH_OUTPUT"], "dense output"),
    ]
    for (flags, words) in cases {
      try withLibrary(flags) { folder in
        let check = try phaseflow("plugins", "check", "hostile.so", in: folder)
        let text = check.output + check.errors
        #expect(check.exitCode == 1 && text.contains(words), "\(flags): \(text)")
      }
    }
    for kind in ["SYSTEM", "ACTIVATION", "LOSS", "OBSERVER", "INTEGRATOR"] {
      try withLibrary([kind]) { folder in
        let check = try phaseflow("plugins", "check", "hostile.so", in: folder)
        #expect(
          check.exitCode == 0 && check.output.hasSuffix("sound\n"), "\(kind): \(check.output)\(check.errors)")
      }
    }
  }
}
