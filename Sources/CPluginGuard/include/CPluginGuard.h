// Calls into plug-in libraries that come back whatever the plug-in does: a crash, an overflow of the stack or exit()
// ends the call, not the process. Each callback of phaseflow_plugin.h has a function here, which gets it first.
#ifndef CPLUGINGUARD_H
#define CPLUGINGUARD_H

#include <stddef.h>
#include <stdint.h>

#include "callbacks.h"
#include "phaseflow_plugin.h"

/// One call, filled in before it by the caller and after it by the guard.
typedef struct cguard_call {
  /// The plug-in, `system 'lorenz'`, and the callback's name; stay valid for the life of the process.
  const char *_Nonnull item;
  const char *_Nonnull name;
  /// 0 if the call came back; else the signal that ended it, or CGUARD_EXIT.
  int32_t event;
  /// What exit() was called with.
  int32_t status;
  /// CGUARD_ROUNDING, CGUARD_DENORMALS, CGUARD_TRAPS: what of the floating-point environment was changed since the thread's first call;
  /// it is as it was again.
  uint32_t environment;
  /// CGUARD_CLOSED, CGUARD_REPLACED: what became of standard output.
  uint32_t output;
} cguard_call;

enum { CGUARD_EXIT = -1 };
enum { CGUARD_ROUNDING = 1, CGUARD_DENORMALS = 2, CGUARD_TRAPS = 4 };
enum { CGUARD_CLOSED = 1, CGUARD_REPLACED = 2 };

/// From now on signals of crashes, and exit(), end the call under way. Outside of a call, and while a library is loaded, they
/// end the process with 1 and a sentence. Any number of calls has the effect of one.
void cguard_install(void);
/// What the sentence says outside of calls: the libraries that are loaded.
void cguard_set_libraries(const char *_Nonnull names);
/// The caller of a call that ended by an event is at work again: a process that holds a lock of the plug-in's would not be, and is
/// ended after ten seconds.
void cguard_alive(void);
/// Remembers what standard output is, at the first call.
void cguard_remember_output(void);
/// Whether it still is: 0, CGUARD_CLOSED or CGUARD_REPLACED.
uint32_t cguard_check_output(void);

/// dlopen, during which an event ends the process.
void *_Nullable cguard_load(cguard_call *_Nonnull call, const char *_Nonnull file);

/// The library's entry, likewise.
const phaseflow_plugin *_Nullable cguard_entry(
  cguard_call *_Nonnull call, const phaseflow_plugin *_Nullable (*_Nonnull function)(void));

#define CGUARD_LIST(...) __VA_ARGS__
#define CGUARD_DECLARE(result, zero, name, parameters, arguments) \
  result cguard_##name(cguard_call *_Nonnull call, result (*_Nonnull function)(CGUARD_LIST parameters), CGUARD_LIST parameters);
#define CGUARD_DECLARE_VOID(name, parameters, arguments) \
  void cguard_##name(cguard_call *_Nonnull call, void (*_Nonnull function)(CGUARD_LIST parameters), CGUARD_LIST parameters);
CGUARD_CALLBACKS(CGUARD_DECLARE, CGUARD_DECLARE_VOID)

#endif
