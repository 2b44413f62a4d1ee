#define _GNU_SOURCE
#include "CFaultySQLite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char folder[PATH_MAX];
static atomic_long calls, first;
static atomic_int code, sticky;

static int is_ours(const char *path) { return folder[0] && strncmp(path, folder, strlen(folder)) == 0; }

/// Whether the call that is being made is to fail; sets errno.
static int fails_with(const char *path, int sticks) {
  if (!is_ours(path)) return 0;
  long number = atomic_fetch_add(&calls, 1) + 1, k = atomic_load(&first);
  if (number != k && !(number > k && sticks)) return 0;
  errno = atomic_load(&code);
  return 1;
}

static int fails_at(const char *path) { return fails_with(path, atomic_load(&sticky)); }

static int fails_on(int descriptor, int sticks) {
  char link[64], path[PATH_MAX];
  if (!folder[0]) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails_with(path, sticks);
}

static int fails(int descriptor) { return fails_on(descriptor, atomic_load(&sticky)); }

static int faulty_open(const char *path, int flags, int mode) {
  return fails_at(path) ? -1 : open(path, flags, mode);
}

static ssize_t faulty_write(int descriptor, const void *bytes, size_t count) {
  return fails(descriptor) ? -1 : write(descriptor, bytes, count);
}

static ssize_t faulty_pwrite(int descriptor, const void *bytes, size_t count, off_t place) {
  if (fails(descriptor)) {
    int error = errno;
    // What a disk that fills up leaves: a part.
    (void)!pwrite(descriptor, bytes, count / 2, place);
    errno = error;
    return -1;
  }
  return pwrite(descriptor, bytes, count, place);
}

static int faulty_truncate(int descriptor, off_t length) {
  return fails(descriptor) ? -1 : ftruncate(descriptor, length);
}

static int faulty_unlink(const char *path) { return fails_at(path) ? -1 : unlink(path); }

static int faulty_fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  // Locks fail once only: SQLite takes some that do for busy ones, and waits for ten seconds. Letting go of one never fails.
  if (command == F_SETLK && ((const struct flock *)argument)->l_type != F_UNLCK && fails_on(descriptor, 0)) return -1;
  return fcntl(descriptor, command, argument);
}

int cfaulty_arm(const char *path, long k, int error, int sticks) {
  static int is_installed;
  sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
  if (!vfs || !vfs->xSetSystemCall) return -1;
  if (!is_installed) {
    const struct {
      const char *name;
      sqlite3_syscall_ptr call;
    } replaced[] = {
        {"open", (sqlite3_syscall_ptr)faulty_open},         {"write", (sqlite3_syscall_ptr)faulty_write},
        {"pwrite", (sqlite3_syscall_ptr)faulty_pwrite},     {"pwrite64", (sqlite3_syscall_ptr)faulty_pwrite},
        {"ftruncate", (sqlite3_syscall_ptr)faulty_truncate}, {"unlink", (sqlite3_syscall_ptr)faulty_unlink},
        {"fcntl", (sqlite3_syscall_ptr)faulty_fcntl},
    };
    for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++)
      // A build of SQLite need not know all of them.
      vfs->xSetSystemCall(vfs, replaced[i].name, replaced[i].call);
    is_installed = 1;
  }
  strncpy(folder, path, sizeof folder - 1);
  atomic_store(&calls, 0);
  atomic_store(&first, k);
  atomic_store(&code, error);
  atomic_store(&sticky, sticks);
  return 0;
}

long cfaulty_disarm(void) {
  folder[0] = 0;
  return atomic_load(&calls);
}
