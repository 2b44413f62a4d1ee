/// C text of small plug-ins, right and wrong ones.
enum RuntimePluginSource {
  /// A library with one activation z -> z, whose descriptor and table get more fields, which win over
  /// those given here.
  static func identity(activation: String = "", table: String = "", before: String = "") -> String {
    """
    #include "phaseflow_plugin.h"
    static void evaluate(const void *instance, size_t n, const double *z, double *v, double *d) {
      (void)instance;
      for (size_t i = 0; i < n; i++) { v[i] = z[i]; d[i] = 1; }
    }
    static void second(const void *instance, size_t n, const double *z, double *r) {
      (void)instance, (void)z;
      for (size_t i = 0; i < n; i++) r[i] = 0;
    }
    \(before)
    static const phaseflow_activation identity = {
      .struct_size = sizeof(phaseflow_activation), .name = "identity-c", .evaluate = evaluate,
      .second_derivative = second, \(activation)
    };
    static const phaseflow_activation *const activations[] = {&identity, &identity};
    static const phaseflow_plugin plugin = {
      .struct_size = sizeof plugin, .abi_version = PHASEFLOW_ABI_VERSION, .activation_count = 1,
      .activations = activations, \(table)
    };
    const phaseflow_plugin *phaseflow_plugin_entry(void) { return &plugin; }
    """
  }

  /// A library with one observer, which has the fields `observer` besides its name.
  static func observer(_ observer: String, before: String = "") -> String {
    """
    #include "phaseflow_plugin.h"
    #include <math.h>
    #include <string.h>
    \(before)
    static const phaseflow_observer watcher = {
      .struct_size = sizeof watcher, .name = "watcher", \(observer)
    };
    static const phaseflow_observer *const observers[] = {&watcher};
    static const phaseflow_plugin plugin = {
      .struct_size = sizeof plugin, .abi_version = PHASEFLOW_ABI_VERSION, .observer_count = 1,
      .observers = observers,
    };
    const phaseflow_plugin *phaseflow_plugin_entry(void) { return &plugin; }
    """
  }
}
