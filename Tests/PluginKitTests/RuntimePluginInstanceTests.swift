import Foundation
import Networks
import PluginKit
import Testing

@Suite("Instances, parameters and claims of plug-ins from libraries")
struct RuntimePluginInstanceTests {
  let workshop: RuntimePluginWorkshop

  init() throws { workshop = try RuntimePluginWorkshop() }

  private let counting = RuntimePluginSource.identity(
    activation: ".parameter_count = 2, .parameters = parameters, .create = create, .destroy = destroy",
    before: """
      #include <stdlib.h>
      int live_instances = 0;
      static const phaseflow_parameter p = {sizeof p, "p", 1, 0, 10};
      static const phaseflow_parameter q = {sizeof q, "q", 2, 0, 10};
      static const phaseflow_parameter *const parameters[] = {&p, &q};
      static const char *create(void *context, const double *x, void **instance) {
        (void)context;
        if (x[0] > x[1]) return "p must not exceed q";
        live_instances++;
        *instance = malloc(1);
        return NULL;
      }
      static void destroy(void *instance) { live_instances--; free(instance); }
      """)

  @Test("Each use makes an instance and its end destroys it")
  func lifetime() throws {
    let file = try workshop.compile("counting", counting)
    let catalog = try workshop.load(file)
    let handle = try #require(dlopen(file, RTLD_NOW))
    let live = try #require(dlsym(handle, "live_instances")).assumingMemoryBound(to: Int32.self)
    #expect(live.pointee == 0)
    do {
      let one = try catalog.activations.make("identity-c")
      let two = try catalog.activations.make("identity-c:3,4.5")
      #expect(live.pointee == 2)
      #expect(one.name == "identity-c:1,2" && two.name == "identity-c:3,4.5")
    }
    #expect(live.pointee == 0)
  }

  @Test("Parameters are checked against their range, and a plug-in may refuse them itself")
  func parameters() throws {
    let catalog = try workshop.load(workshop.compile("counting2", counting))
    #expect(throws: PluginError.self) { try catalog.activations.make("identity-c:11") }
    #expect(throws: PluginError.self) { try catalog.activations.make("identity-c:nan") }
    #expect(throws: PluginError.self) { try catalog.activations.make("identity-c:1,2,3") }
    #expect(throws: PluginError.self) { try catalog.activations.make("identity-c:r=1") }
    let error = #expect(throws: PluginLibraryError.self) { try catalog.activations.make("identity-c:3,2") }
    #expect(error?.problem == .refused(item: "activation 'identity-c'", reason: "p must not exceed q"))
  }

  @Test(
    "A result that is not finite is named, wherever in a block it stands",
    arguments: [("v[i]", "NAN", "nan as value"), ("d[i]", "-INFINITY", "-inf as derivative")])
  func faults(result: String, number: String, named: String) throws {
    // 77 is a mark; an argument that is infinite itself is nobody's fault.
    let source = RuntimePluginSource.identity().replacing(
      "d[i] = 1; }", with: "d[i] = 1; if (z[i] == 77) \(result) = \(number); }"
    ).replacing("#include \"phaseflow_plugin.h\"", with: "#include \"phaseflow_plugin.h\"\n#include <math.h>")
    let catalog = try workshop.load(workshop.compile("fault-\(result.first!)", source))
    for count in 1...19 {
      for place in 0..<count {
        let activation = try catalog.activations.make("identity-c")
        let reporting = try #require(activation as? any FaultReporting)
        var z = [Double](repeating: .infinity, count: count)
        _ = evaluate(activation, z)
        #expect(reporting.fault == nil)
        z[place] = 77
        _ = evaluate(activation, z)
        #expect(reporting.fault == "activation 'identity-c' gave \(named) at 77.0", "\(place) of \(count)")
      }
    }
  }

  @Test("Kinks are read however many there are; slopes bring kink and homogeneity with them")
  func claims() throws {
    func activation(_ name: String, _ fields: String, _ before: String) throws -> any Activation {
      let file = try workshop.compile(name, RuntimePluginSource.identity(activation: fields, before: before))
      return try workshop.load(file).activations.make("identity-c")
    }
    func kinks(_ count: Int, _ value: String) -> String {
      """
      static size_t kinks(const void *instance, size_t capacity, double *points) {
        (void)instance;
        for (size_t i = 0; i < \(count) && i < capacity; i++) points[i] = \(value);
        return \(count);
      }
      """
    }
    for count in [0, 1, 8, 9, 100] {
      let stairs = try activation(
        "kinks-\(count)", ".kinks = kinks, .homogeneity = 2", kinks(count, "i * 0.5"))
      #expect(stairs.kinks == (0..<count).map { Double($0) / 2 })
      #expect(stairs.homogeneity == 2)
    }
    #expect(throws: PluginLibraryError.self) {
      try activation("descending", ".kinks = kinks", kinks(2, "-(double)i"))
    }
    func slopes(_ negative: String) -> String {
      """
      #include <math.h>
      static void slopes(const void *instance, double *negative, double *positive) {
        (void)instance; *negative = \(negative); *positive = 2;
      }
      """
    }
    let leaky = try activation("leaky", ".slopes = slopes", slopes("0.5"))
    #expect(leaky.slopes == Slopes(negative: 0.5, positive: 2))
    #expect(leaky.kinks == [0] && leaky.homogeneity == 1)
    #expect(try activation("line", ".slopes = slopes", slopes("2")).kinks == [])
    #expect(throws: PluginLibraryError.self) { try activation("nan", ".slopes = slopes", slopes("NAN")) }
  }

  @Test("A loss names the first target that it does not accept")
  func targets() throws {
    let source = """
      #include "phaseflow_plugin.h"
      static void evaluate(const void *i, size_t n, const double *f, const double *y, double *v, double *d) {
        (void)i;
        for (size_t k = 0; k < n; k++) { v[k] = -f[k] * y[k]; d[k] = -y[k]; }
      }
      static void second(const void *i, size_t n, const double *f, const double *y, double *r) {
        (void)i, (void)f, (void)y;
        for (size_t k = 0; k < n; k++) r[k] = 0;
      }
      static int32_t accepts(const void *i, double y) { (void)i; return y == 1 || y == -1; }
      static const phaseflow_loss loss = {
        .struct_size = sizeof loss, .name = "margin", .evaluate = evaluate, .second_derivative = second,
        .accepts_target = accepts, .target_requirement = "-1 or 1"};
      static const phaseflow_loss *const losses[] = {&loss};
      static const phaseflow_plugin plugin = {
        .struct_size = sizeof plugin, .abi_version = 1, .loss_count = 1, .losses = losses};
      const phaseflow_plugin *phaseflow_plugin_entry(void) { return &plugin; }
      """
    let loss = try workshop.load(workshop.compile("margin", source)).losses.make("margin")
    try loss.validate(targets: [1, -1])
    #expect(throws: LossTargetError(loss: "margin", index: 1, target: 0.5, expected: "-1 or 1")) {
      try loss.validate(targets: [1, 0.5])
    }
  }
}
