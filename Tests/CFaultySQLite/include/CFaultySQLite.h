#ifndef CFAULTYSQLITE_H
#define CFAULTYSQLITE_H

/// Lets call number `k` (from 1) on a file whose path begins with `folder` end with `error`; with `sticks` all later ones, too.
/// Returns 0, or -1 if SQLite's VFS cannot be told.
int cfaulty_arm(const char *folder, long k, int error, int sticks);

/// No call fails any more; returns how many were made since ``cfaulty_arm``.
long cfaulty_disarm(void);

#endif
