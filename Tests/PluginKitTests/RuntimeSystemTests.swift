import Foundation
import Networks
import ODECore
import ODETestKit
import PluginKit
import RungeKutta
import Testing

@Suite("ODE systems and integrators from libraries") struct RuntimeSystemTests {
  let workshop: RuntimePluginWorkshop

  init() throws { workshop = try RuntimePluginWorkshop() }

  private let settings = IntegratorSettings(rtol: 1e-6, atol: 1e-9)

  /// A library with one system, -y in two components, whose descriptor gets more fields.
  private func system(_ name: String, _ fields: String = "", before: String = "") throws -> SystemModel {
    let source = """
      #include "phaseflow_plugin.h"
      #include <math.h>
      static size_t dimension(const void *i) { (void)i; return 2; }
      static const char *start(const void *i, double *y) { (void)i; y[0] = 1; y[1] = 2; return 0; }
      static const char *f(const void *i, double t, const double *y, double *dy) {
        (void)i, (void)t;
        dy[0] = -y[0];
        dy[1] = -y[1];
        return 0;
      }
      \(before)
      static const phaseflow_system decay = {.struct_size = sizeof decay, .name = "decay", .final_time = 1,
        .dimension = dimension, .initial_state = start, .derivative = f, \(fields)};
      static const phaseflow_system *const systems[] = {&decay};
      static const phaseflow_plugin plugin = {.struct_size = sizeof plugin, .abi_version = 1,
        .system_count = 1, .systems = systems};
      const phaseflow_plugin *phaseflow_plugin_entry(void) { return &plugin; }
      """
    return try workshop.load(workshop.compile(name, source, flags: ["-Wno-override-init"])).systems.make(
      "decay")
  }

  @Test("A system's start, names and right-hand side arrive; its solution is the closed form")
  func decay() throws {
    let model = try system("plain")
    #expect(model.componentNames == ["y0", "y1"] && model.initialState == [1, 2] && model.finalTime == 1)
    let solution = try integrate(
      ODEProblem(model.system, to: 1, initialState: model.initialState),
      with: DormandPrince(rtol: 1e-9, atol: 1e-12))
    for (y, y0) in zip(solution.state, [1.0, 2]) { #expect(abs(y - y0 * exp(-1)) < 1e-8) }
    #expect(!(model.system is any DenseJacobianProviding) && !(model.system is any SpectralRadiusEstimating))
  }

  @Test("Discontinuities, state changes, a band and a partition arrive; older structures do without")
  func optionalFields() throws {
    let model = try system(
      "events",
      """
      .event_count = 1, .events = events, .discontinuity_count = 2, .discontinuities = jumps, .next_discontinuity = next,
      .is_banded = 1, .lower_bandwidth = 0, .upper_bandwidth = 0, .is_partitioned = 1
      """,
      before: """
        static double half(const void *i, size_t e, double t, const double *y) { return t - 0.5; }
        static const char *doubled(const void *i, size_t e, double t, double *y) {
          y[0] *= 2;
          return t > 10 ? "too late" : 0;
        }
        static const phaseflow_event event = {.struct_size = sizeof event, .name = "dose", .value = half,
          .change = doubled};
        static const phaseflow_event *const events[] = {&event};
        static const double jumps[] = {0.75, 0.25};
        static double next(const void *i, double t, int32_t direction) { return direction > 0 && t < 0.9 ? 0.9 : INFINITY; }
        """)
    let steps = StepEnds()
    let solution = try integrate(
      model.problem(to: 1), with: DormandPrince(rtol: 1e-9, atol: 1e-12), observers: [steps])
    // y0 is doubled once on its way to 2 exp(-1).
    for y in solution.state { #expect(abs(y - 2 * exp(-1.0)) < 1e-8) }
    #expect(solution.crossings.map(\.name) == ["dose"] && solution.crossings.allSatisfy(\.changesState))
    #expect(steps.times.isSuperset(of: [0.25, 0.5, 0.75, 0.9]))
    let bandwidths = (model.system as? any BandStructured)?.bandwidths
    #expect(bandwidths?.lower == 0 && bandwidths?.upper == 0)
    #expect((model.system as? any Partitioned)?.isPartitioned == true)

    let old = try system("older", ".struct_size = offsetof(phaseflow_system, discontinuity_count)")
    #expect(old.discontinuities.isEmpty && (old.system as? any BandStructured)?.bandwidths == nil)
  }

  @Test("A sparse pattern and a split right-hand side arrive")
  func sparsityAndParts() throws {
    let model = try system(
      "sparse", ".sparsity = pattern, .stiff_part = stiff, .nonstiff_part = rest",
      before: """
        static size_t pattern(const void *i, size_t capacity, size_t *rows, size_t *columns) {
          if (capacity > 0) { rows[0] = 1; columns[0] = 0; }
          return 1;
        }
        static const char *stiff(const void *i, double t, const double *y, double *dy) {
          dy[0] = -y[0];
          dy[1] = 0;
          return 0;
        }
        static const char *rest(const void *i, double t, const double *y, double *dy) {
          dy[0] = 0;
          dy[1] = -y[1];
          return t > 10 ? "too late" : 0;
        }
        """)
    let sparsity = try #require((model.system as? any SparseStructured)?.sparsity)
    #expect(sparsity.starts == [0, 2, 3] && sparsity.rows == [0, 1, 1])
    let split = try #require(model.system as? any AdditiveSystem)
    #expect(split.isSplit)
    let (y, dy) = (StateVector([3, 5]), StateVector(count: 2))
    try y.withSpan { y in try dy.withMutableSpan { try split.stiffPart(0, y, into: &$0) } }
    #expect(dy.array == [-3, 0])
    try y.withSpan { y in try dy.withMutableSpan { try split.nonstiffPart(0, y, into: &$0) } }
    #expect(dy.array == [0, -5])
    #expect {
      try y.withSpan { y in try dy.withMutableSpan { try split.nonstiffPart(11, y, into: &$0) } }
    } throws: { "\($0)".contains("too late") }
    let plain = try system("plain2")
    #expect((plain.system as? any SparseStructured)?.sparsity == nil)
    #expect((plain.system as? any AdditiveSystem)?.isSplit == false)

    let outside = try system(
      "outside", ".sparsity = pattern",
      before: """
        static size_t pattern(const void *i, size_t capacity, size_t *rows, size_t *columns) {
          if (capacity > 0) { rows[0] = 2; columns[0] = 0; }
          return 1;
        }
        """)
    #expect((outside.system as? any SparseStructured)?.sparsity == nil)
    #expect((outside.system as? any FaultReporting)?.fault?.contains("outside of the matrix") == true)
  }

  private final class StepEnds: Observer {
    let watchesSteps = true
    private(set) var times: Set<Double> = []
    func step(_ moment: Moment) { times.insert(moment.time) }
  }

  @Test("A reason that a system returns ends the integration and names it")
  func reason() throws {
    let model = try system(
      "failing", ".derivative = g",
      before: """
        static const char *g(const void *i, double t, const double *y, double *dy) {
          dy[0] = dy[1] = 0;
          return t > 0.5 ? "the reactor melted" : f(i, t, y, dy);
        }
        """)
    let error = #expect(throws: RuntimeCallError.self) {
      try integrate(
        ODEProblem(model.system, to: 1, initialState: [1, 1]), with: DormandPrince(rtol: 1e-6, atol: 1e-9))
    }
    #expect(error?.item == "system 'decay'" && error?.call == "derivative")
    #expect(error?.reason.hasPrefix("the reactor melted (at t = ") == true)
  }

  @Test("A system that gives NaN is named, and the run fails with a finite state")
  func nan() throws {
    let model = try system(
      "nan", ".derivative = g",
      before: """
        static const char *g(const void *i, double t, const double *y, double *dy) {
          f(i, t, y, dy);
          if (t > 0.5) dy[1] = NAN;
          return 0;
        }
        """)
    let solution = try integrate(
      ODEProblem(model.system, to: 1, initialState: [1, 1]), with: DormandPrince(rtol: 1e-6, atol: 1e-9))
    #expect(!solution.returnCode.isSuccess && solution.state.allSatisfy(\.isFinite))
    let fault = (model.system as? any FaultReporting)?.fault
    #expect(fault?.hasPrefix("system 'decay' gave nan for component 1 of the derivative") == true)
  }

  @Test("A missing function, no unknowns and a start that is no number are refused")
  func refusals() throws {
    #expect(throws: PluginLibraryError.self) { try system("null", ".derivative = 0") }
    #expect(throws: SystemModelError.self) {
      try system(
        "none", ".dimension = zero", before: "static size_t zero(const void *i) { (void)i; return 0; }")
    }
    #expect(throws: SystemModelError.self) {
      try system(
        "undefined", ".initial_state = s",
        before: "static const char *s(const void *i, double *y) { (void)i; y[0] = y[1] = NAN; return 0; }")
    }
  }

  /// A library with one integrator of fixed steps, explicit Euler, whose `advance` is `body`.
  private func integrator(_ name: String, _ body: String, _ fields: String = "") throws -> any Integrator {
    let source = """
      #include "phaseflow_plugin.h"
      #include <math.h>
      #include <stdlib.h>
      typedef struct { const phaseflow_problem *p; double t, y[8], z[8], k[8]; } state_t;
      static int32_t start(const void *i, const phaseflow_problem *p, void **state, const char **message) {
        (void)i, (void)message;
        state_t *s = calloc(1, sizeof *s);
        s->p = p;
        s->t = p->initial_time;
        for (size_t j = 0; j < p->dimension; j++) s->y[j] = p->initial_state[j];
        *state = s;
        return PHASEFLOW_OK;
      }
      static int32_t euler(state_t *s, double limit, phaseflow_step *step) {
        double h = copysign(s->p->fixed_step, limit - s->t);
        const int lands = fabs(h) >= fabs(limit - s->t);
        if (lands) h = limit - s->t;
        if (s->p->derivative(s->p->host, s->t, s->y, s->k) != PHASEFLOW_OK) return PHASEFLOW_STOP;
        for (size_t j = 0; j < s->p->dimension; j++) s->y[j] += h * s->k[j];
        s->t = lands ? limit : s->t + h;
        step->time = s->t;
        step->y = s->y;
        step->next_step = copysign(s->p->fixed_step, h);
        step->order = 1;
        return PHASEFLOW_OK;
      }
      static int32_t advance(void *state, double limit, phaseflow_step *step) { state_t *s = state; \(body) }
      static const phaseflow_integrator method = {.struct_size = sizeof method, .name = "method",
        .takes_fixed_steps = 1, .order = 1, .start = start, .stop = free, .advance = advance, \(fields)};
      static const phaseflow_integrator *const integrators[] = {&method};
      static const phaseflow_plugin plugin = {.struct_size = sizeof plugin, .abi_version = 1,
        .integrator_count = 1, .integrators = integrators};
      const phaseflow_plugin *phaseflow_plugin_entry(void) { return &plugin; }
      """
    let catalog = try workshop.load(workshop.compile(name, source, flags: ["-Wno-override-init"]))
    var settings = settings
    settings.fixedStep = 1e-3
    #expect(throws: PluginError.self) { try catalog.integrators.make("method")(self.settings) }
    return try catalog.integrators.make("method")(settings)
  }

  private func run(_ method: any Integrator) throws -> Solution {
    try integrate(
      ODEProblem(ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }, to: 1, initialState: [1]),
      with: method)
  }

  @Test("Euler from a library is Euler; a method that spoils its state is found out")
  func euler() throws {
    let runtime = try run(integrator("euler", "return euler(s, limit, step);"))
    let builtin = try run(Euler(step: .value(1e-3)))
    // A thousand steps, each rounded by at most 1e-16; the last one may be a sliver.
    #expect(runtime.returnCode == .success && abs(runtime.state[0] - builtin.state[0]) < 1e-12)
    #expect(abs(runtime.statistics.accepted - builtin.statistics.accepted) <= 1)
    // This one works in place: after an error the state is not that of the last step.
    let violations = IntegratorConformance().violations(
      of: try integrator(
        "spoiler",
        "for (size_t j = 0; j < s->p->dimension; j++) s->y[j] += 1e-9; return euler(s, limit, step);"))
    #expect(violations.contains { $0.contains("errors of the system") })
  }

  @Test(
    "What a method says is checked before it is believed",
    arguments: [
      ("back", "euler(s, limit, step); step->time -= 1; return 0;", "ended at t ="),
      ("beyond", "euler(s, limit, step); step->time = limit + 1; return 0;", "ended at t = 2.0"),
      ("no-state", "euler(s, limit, step); step->y = 0; return 0;", "step->y is NULL"),
      ("not-finite", "euler(s, limit, step); s->y[0] = NAN; return 0;", "accepted a state with nan"),
      (
        "code", "(void)s, (void)limit; step->message = \"no luck\"; return PHASEFLOW_NO_CONVERGENCE;",
        "no luck"
      ),
      ("nothing", "(void)s, (void)limit, (void)step; return 77;", "status 77, without a reason"),
    ])
  func contract(name: String, body: String, expected: String) throws {
    let text: String
    do {
      let solution = try run(integrator(name, body))
      #expect(!solution.returnCode.isSuccess)
      text = solution.message
    } catch {
      text = "\(error)"
    }
    #expect(text.contains("integrator 'method'") && text.contains(expected), "\(text)")
  }

  @Test("An error that the system throws passes through a method, even one that ignores it")
  func errors() throws {
    struct Broken: Error, Equatable {}
    let method = try integrator(
      "deaf",
      "const int32_t r = euler(s, limit, step); if (r) { step->time = limit; step->y = s->y; } return 0;")
    #expect(throws: Broken.self) {
      try integrate(
        ODEProblem(
          ClosureSystem(dimension: 1) { t, _, dy in
            dy[0] = 1
            if t > 0.5 { throw Broken() }
          }, to: 1, initialState: [0]), with: method)
    }
  }
}
