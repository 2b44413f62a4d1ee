#define _GNU_SOURCE
#include "CPluginGuard.h"

#include <dlfcn.h>
#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#include <unistd.h>

// ---- The floating-point environment's control: rounding, denormal numbers, traps.

typedef struct control {
#if defined(__x86_64__)
  unsigned int sse;
  unsigned short x87;
#elif defined(__aarch64__)
  unsigned long fpcr;
#else
  int rounding;
#endif
} control;

static inline control read_control(void) {
  control c;
#if defined(__x86_64__)
  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(c.sse), "=m"(c.x87));
  c.sse &= 0xffc0;  // the rest are flags of what has happened
#elif defined(__aarch64__)
  __asm__ volatile("mrs %0, fpcr" : "=r"(c.fpcr));
#else
  c.rounding = fegetround();
#endif
  return c;
}

static void write_control(control c) {
#if defined(__x86_64__)
  __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(c.sse), "m"(c.x87));
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(c.fpcr));
#else
  fesetround(c.rounding);
#endif
}

/// What differs between two controls.
static inline uint32_t difference(control a, control b) {
#if defined(__x86_64__)
  if (__builtin_expect(a.sse == b.sse && a.x87 == b.x87, 1)) return 0;
  unsigned d = a.sse ^ b.sse, e = a.x87 ^ b.x87;
  return (d & 0x6000 || e & 0x0f00 ? CGUARD_ROUNDING : 0) | (d & 0x8040 ? CGUARD_DENORMALS : 0) |
         (d & 0x1f80 || e & 0x003f ? CGUARD_TRAPS : 0);
#elif defined(__aarch64__)
  unsigned long d = a.fpcr ^ b.fpcr;
  return (d & (3ul << 22) ? CGUARD_ROUNDING : 0) | (d & (1ul << 24) ? CGUARD_DENORMALS : 0) |
         (d & (0x9ful << 8) ? CGUARD_TRAPS : 0);
#else
  return a.rounding == b.rounding ? 0 : CGUARD_ROUNDING;
#endif
}

// ---- Calls under way.

typedef struct frame {
  struct frame *outer;
  cguard_call *call;
  sigjmp_buf place;
  int ends_process;
} frame;

static _Thread_local frame *current;
static _Thread_local uint64_t calls;
static _Thread_local int is_ready;
/// As the thread's first call found it. To read it costs 20 ns on some processors: at the end of each call is enough.
static _Thread_local control usual;
static int is_installed;
static pid_t process;
static const char *libraries = "";
static struct stat output;

// ---- Stacks for handlers, one a thread: an overflowing one has no room for them.

enum { STACK = 1 << 16 };
static pthread_key_t stack_key;

static void free_stack(void *stack) {
  stack_t none = {.ss_flags = SS_DISABLE};
  sigaltstack(&none, NULL);
  munmap(stack, STACK);
}

static __attribute__((noinline)) void give_stack(void) {
  void *memory = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t stack = {.ss_sp = memory, .ss_size = STACK};
  if (sigaltstack(&stack, NULL) == 0) {
    pthread_setspecific(stack_key, memory);
  } else {
    munmap(memory, STACK);
  }
}

// ---- The ends.

static void say(const char *text) {
  ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
  (void)ignored;
}

static const char *meaning(int event) {
  switch (event) {
    case SIGSEGV: return "crashed: it touched memory that is not there, or used up the stack";
    case SIGBUS: return "crashed: it touched memory that is not there";
    case SIGFPE: return "crashed: it divided by zero in whole numbers";
    case SIGABRT: return "called abort, as a failed assertion does";
    case SIGILL: case SIGTRAP: return "stopped itself, as a failed precondition does";
    default: return "ended the process by exit";
  }
}

static _Noreturn void end_process(const frame *f, int event) {
  say("\nerror: ");
  if (f) {
    say(f->call->item);
    say(" ");
    say(meaning(event));
    say(" (in ");
    say(f->call->name);
    say(")\n");
  } else {
    say("the program crashed, with plug-ins of ");
    say(libraries);
    say(" in it; to see whether they are to blame: phaseflow plugins check FILE\n");
  }
  current = NULL;
  _exit(1);
}

static _Noreturn void end_call(frame *f, int event, int status) {
  if (f->ends_process) end_process(f, event);
  f->call->event = event;
  f->call->status = status;
  alarm(10);
  siglongjmp(f->place, 1);
}

static void handle(int number) {
  if (!current) end_process(NULL, number);
  end_call(current, number, 0);
}

static void handle_alarm(int number) {
  (void)number;
  say("\nerror: a plug-in that crashed holds a lock that the program needs to go on; the plug-in is one of ");
  say(libraries);
  say("\n");
  current = NULL;
  _exit(1);
}

/// Whether a plug-in ends this process, and not one that it has forked.
static int is_ours(void) { return current && getpid() == process; }

static void handle_exit(int status, void *unused) {
  (void)unused;
  if (is_ours()) end_call(current, CGUARD_EXIT, status);
}

static void handle_quick_exit(void) {
  if (is_ours()) end_call(current, CGUARD_EXIT, 0);
}

#if defined(__linux__)
// The C library's own calls do not come here; a plug-in's do, since the program is looked at before the libraries.
__attribute__((visibility("default"))) _Noreturn void _exit(int status) {
  if (is_ours()) end_call(current, CGUARD_EXIT, status);
  for (;;) syscall(SYS_exit_group, status);
}

__attribute__((visibility("default"))) _Noreturn void _Exit(int status) { _exit(status); }
#endif

static void hear_exits(void) {
  on_exit(handle_exit, NULL);
  at_quick_exit(handle_quick_exit);
}

void cguard_install(void) {
  if (is_installed) return;
  is_installed = 1;
  process = getpid();
  pthread_key_create(&stack_key, free_stack);
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK | SA_NODEFER};
  int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigaction(crashes[i], &action, NULL);
  action.sa_handler = handle_alarm;
  sigaction(SIGALRM, &action, NULL);
  hear_exits();
}

void cguard_set_libraries(const char *names) { libraries = names; }

void cguard_alive(void) { alarm(0); }

void cguard_remember_output(void) {
  static int is_known;
  if (!is_known && fstat(STDOUT_FILENO, &output) != 0) output.st_ino = 0;
  is_known = 1;
}

uint32_t cguard_check_output(void) {
  if (output.st_ino == 0) return 0;
  struct stat now;
  if (fstat(STDOUT_FILENO, &now) != 0) return CGUARD_CLOSED;
  return now.st_dev == output.st_dev && now.st_ino == output.st_ino ? 0 : CGUARD_REPLACED;
}

// ---- Calls.

static inline void enter(frame *f, cguard_call *call) {
  if (__builtin_expect(!is_ready, 0)) {
    is_ready = 1;
    usual = read_control();
    if (is_installed) give_stack();
  }
  f->outer = current;
  f->call = call;
  f->ends_process = 0;
  current = f;
}

static inline void leave(frame *f) {
  current = f->outer;
  uint32_t changed = difference(usual, read_control());
  if (__builtin_expect(changed != 0 || f->call->event != 0, 0)) {
    write_control(usual);
    // What a signal leaves is the system's doing.
    if (f->call->event == 0) f->call->environment = changed;
    // The handlers of exits may be used up.
    if (f->call->event == CGUARD_EXIT) hear_exits();
  }
  // The system has to be asked, so not at each of a million calls.
  calls++;
  if (__builtin_expect((calls & (calls - 1)) == 0 || (calls & 0xff) == 0, 0)) f->call->output = cguard_check_output();
}

#define DEFINE(result, zero, name, parameters, arguments) \
  result cguard_##name(cguard_call *call, result (*function)(CGUARD_LIST parameters), CGUARD_LIST parameters) { \
    frame here; \
    result volatile value = zero; \
    enter(&here, call); \
    if (sigsetjmp(here.place, 0) == 0) value = function arguments; \
    leave(&here); \
    return value; \
  }
#define DEFINE_VOID(name, parameters, arguments) \
  void cguard_##name(cguard_call *call, void (*function)(CGUARD_LIST parameters), CGUARD_LIST parameters) { \
    frame here; \
    enter(&here, call); \
    if (sigsetjmp(here.place, 0) == 0) function arguments; \
    leave(&here); \
  }
#pragma clang diagnostic ignored "-Wignored-qualifiers"
CGUARD_CALLBACKS(DEFINE, DEFINE_VOID)

void *cguard_load(cguard_call *call, const char *file) {
  frame here;
  enter(&here, call);
  here.ends_process = 1;
  void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  leave(&here);
  return handle;
}

const phaseflow_plugin *cguard_entry(cguard_call *call, const phaseflow_plugin *(*function)(void)) {
  frame here;
  enter(&here, call);
  here.ends_process = 1;
  const phaseflow_plugin *table = function();
  leave(&here);
  return table;
}
