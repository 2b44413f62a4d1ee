// Units over and along their kinks.
#include <math.h>
#include <string.h>

#include "cdeep.h"

enum { N = CDEEP_MAX_STREAMED };

/// One unit on its way: `z' = drift - m s` over a time from 0 to 1.
typedef struct {
  long n;
  /// Slopes above and below a kink.
  double above, below;
  double z[N], drift[N], m[N][N];
  /// The slope at each sample; where it is held at the kink, that which holds it.
  double s[N];
  bool held[N];
} unit_path;

/// Solves for the slopes that hold what is held, and writes `z'` to `v`. A slope that nothing determines stays as it is.
static void find_rates(unit_path *u, double *v) {
  long index[N], h = 0;
  double a[N][N + 1];
  for (long i = 0; i < u->n; i++)
    if (u->held[i]) index[h++] = i;
  double largest = 0;
  for (long r = 0; r < h; r++) {
    const long i = index[r];
    double rest = u->drift[i];
    for (long j = 0; j < u->n; j++)
      if (!u->held[j]) rest -= u->m[i][j] * u->s[j];
    for (long c = 0; c < h; c++) {
      a[r][c] = u->m[i][index[c]];
      largest = fmax(largest, fabs(a[r][c]));
    }
    a[r][h] = rest;
  }
  bool solved[N] = {false};
  for (long c = 0; c < h; c++) {
    long pivot = c;
    for (long r = c + 1; r < h; r++)
      if (fabs(a[r][c]) > fabs(a[pivot][c])) pivot = r;
    if (!(fabs(a[pivot][c]) > 1e-12 * largest)) continue;
    solved[c] = true;
    if (pivot != c)
      for (long j = 0; j <= h; j++) {
        const double swap = a[c][j];
        a[c][j] = a[pivot][j];
        a[pivot][j] = swap;
      }
    for (long r = c + 1; r < h; r++) {
      const double factor = a[r][c] / a[c][c];
      for (long j = c; j <= h; j++) a[r][j] -= factor * a[c][j];
    }
  }
  for (long c = h - 1; c >= 0; c--) {
    if (!solved[c]) continue;
    double sum = a[c][h];
    for (long j = c + 1; j < h; j++) sum -= a[c][j] * u->s[index[j]];
    u->s[index[c]] = sum / a[c][c];
  }
  for (long i = 0; i < u->n; i++) {
    v[i] = u->drift[i];
    for (long j = 0; j < u->n; j++) v[i] -= u->m[i][j] * u->s[j];
    if (u->held[i]) v[i] = 0;
  }
}

/// Releases at most one kink whose slope has left the interval between both sides; returns whether it did.
static bool release(unit_path *u) {
  const double low = fmin(u->above, u->below), high = fmax(u->above, u->below), slack = 1e-12 * (high - low);
  long worst = -1;
  double most = slack;
  for (long i = 0; i < u->n; i++) {
    if (!u->held[i]) continue;
    // Where both sides lead away, any slope is left at once.
    const double excess = u->m[i][i] * (u->above - u->below) > 0 ? fmax(u->s[i] - high, low - u->s[i]) : INFINITY;
    if (!(excess <= most)) worst = i, most = excess;
  }
  if (worst < 0) return false;
  u->held[worst] = false;
  u->s[worst] = fabs(u->s[worst] - u->above) < fabs(u->s[worst] - u->below) ? u->above : u->below;
  return true;
}

/// What a unit does that arrives at the kink of sample `i`: it is held where both sides lead there, else it crosses.
static void arrive(unit_path *u, long i) {
  const double from = u->s[i];
  double v[N];
  u->s[i] = u->below;
  find_rates(u, v);
  const double rising = v[i];
  u->s[i] = u->above;
  find_rates(u, v);
  u->z[i] = 0;
  u->held[i] = rising > 0 && v[i] < 0;
  if (!u->held[i]) u->s[i] = from == u->above ? u->below : u->above;
}

static void follow(unit_path *u, double *mean) {
  const long n = u->n;
  double v[N], left = 1;
  for (long i = 0; i < n; i++) mean[i] = 0;
  for (long event = 0; event < 8 * n + 16; event++) {
    find_rates(u, v);
    if (release(u)) continue;
    long hit = -1;
    double next = left;
    for (long i = 0; i < n; i++) {
      if (u->held[i]) continue;
      const bool isAbove = u->s[i] == u->above;
      if (isAbove ? v[i] >= 0 : v[i] <= 0) continue;
      const double time = -u->z[i] / v[i];
      if (time < next) next = time > 0 ? time : 0, hit = i;
    }
    for (long i = 0; i < n; i++) {
      mean[i] += next * u->s[i];
      u->z[i] += next * v[i];
    }
    left -= next;
    if (hit < 0) return;
    arrive(u, hit);
  }
  // Too many events: the rest with the slopes of now.
  find_rates(u, v);
  for (long i = 0; i < n; i++) {
    mean[i] += left * u->s[i];
    u->z[i] += left * v[i];
  }
}

long cdeep_follow_units(long units, long n, long terms, const double *gram, const double *impulses, double above,
                        double below, const double *z0, const unsigned short *held0, double *z, double *mean,
                        double *slope, unsigned short *held) {
  long count = 0;
  for (long k = 0; k < units; k++) {
    unit_path u = {.n = n, .above = above, .below = below};
    bool isSimple = held0[k] == 0;
    for (long i = 0; i < n; i++) {
      u.held[i] = held0[k] >> i & 1;
      u.z[i] = u.held[i] ? 0 : z0[i * units + k];
      u.drift[i] = z[i * units + k] - u.z[i];
      u.s[i] = u.z[i] > 0 ? above : below;
      for (long j = 0; j < n; j++) {
        double sum = 0;
        for (long t = 0; t < terms; t++)
          sum += gram[(t * n + i) * n + j] * impulses[(t * n + j) * units + k];
        u.m[i][j] = sum;
      }
    }
    double end[N], average[N];
    for (long i = 0; i < n; i++) {
      end[i] = z[i * units + k];
      for (long j = 0; j < n; j++) end[i] -= u.m[i][j] * u.s[j];
      if ((end[i] > 0) != (u.z[i] > 0)) isSimple = false;
      average[i] = u.s[i];
    }
    held[k] = 0;
    if (!isSimple && above != below) {
      follow(&u, average);
      for (long i = 0; i < n; i++) {
        end[i] = u.held[i] ? 0 : u.z[i];
        if (u.held[i]) held[k] |= (unsigned short)(1 << i), count++;
      }
    }
    for (long i = 0; i < n; i++) {
      z[i * units + k] = end[i];
      mean[i * units + k] = average[i];
      slope[i * units + k] = u.s[i];
    }
  }
  return count;
}

/// Rows `y` with `g - y^T y` the part of `g` that is orthogonal to the samples in `mask`; returns how many.
static long orthogonal_rows(long n, const double *g, unsigned mask, double y[N][N]) {
  long rank = 0;
  for (long h = 0; h < n; h++) {
    if (!(mask >> h & 1)) continue;
    for (long j = 0; j < n; j++) {
      y[rank][j] = h >= j ? g[h * n + j] : g[j * n + h];
      for (long r = 0; r < rank; r++) y[rank][j] -= y[r][h] * y[r][j];
    }
    const double pivot = y[rank][h];
    // It depends on those before.
    if (!(pivot > 1e-12 * g[h * n + h])) continue;
    for (long j = 0; j < n; j++) y[rank][j] /= sqrt(pivot);
    rank++;
  }
  return rank;
}

void cdeep_project_held(long units, long n, long c, double factor, double constant, const double *ga,
                        const unsigned short *held, const double *p, double *kernel) {
  double g[N * N];
  for (long i = 0; i < n; i++)
    for (long j = 0; j <= i; j++) g[i * n + j] = factor * ga[i * n + j] + constant;
  const long ld = n * c;
  for (long k = 0; k < units; k++) {
    if (!held[k]) continue;
    double y[N][N];
    const long rank = orthogonal_rows(n, g, held[k], y);
    for (long i = 0; i < n; i++)
      for (long j = 0; j <= i; j++) {
        double lost = 0;
        if ((held[k] >> i | held[k] >> j) & 1)
          lost = g[i * n + j];
        else
          for (long r = 0; r < rank; r++) lost += y[r][i] * y[r][j];
        for (long q = 0; q < c; q++)
          for (long r = 0; r < c; r++)
            kernel[(i * c + q) * ld + j * c + r] -= lost * p[(i * c + q) * units + k] * p[(j * c + r) * units + k];
      }
  }
}
