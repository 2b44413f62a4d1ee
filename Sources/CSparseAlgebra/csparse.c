#include "csparse.h"

#include <stdlib.h>
#include <string.h>
// With its folder: what it includes is found beside it.
#include <suitesparse/klu.h>

struct csparse_lu {
  int32_t n;
  int is_complex;
  int32_t *starts;
  int32_t *rows;
  klu_common common;
  klu_symbolic *symbolic;
  klu_numeric *numeric;
};

static int32_t *copy(const int32_t *values, size_t count) {
  int32_t *result = malloc((count ? count : 1) * sizeof *result);
  if (result) memcpy(result, values, count * sizeof *result);
  return result;
}

static void forget(csparse_lu *lu) {
  if (lu->is_complex) {
    klu_z_free_numeric(&lu->numeric, &lu->common);
  } else {
    klu_free_numeric(&lu->numeric, &lu->common);
  }
}

csparse_lu *csparse_new(int32_t n, const int32_t *starts, const int32_t *rows, int is_complex) {
  csparse_lu *lu = calloc(1, sizeof *lu);
  if (!lu) return NULL;
  lu->n = n;
  lu->is_complex = is_complex;
  lu->starts = copy(starts, (size_t)n + 1);
  lu->rows = copy(rows, (size_t)starts[n]);
  klu_defaults(&lu->common);
  if (lu->starts && lu->rows) lu->symbolic = klu_analyze(n, lu->starts, lu->rows, &lu->common);
  if (lu->symbolic) return lu;
  csparse_free(lu);
  return NULL;
}

// With pivoting each time: factors then depend on this matrix alone.
int csparse_factor(csparse_lu *lu, double *values) {
  forget(lu);
  lu->numeric = lu->is_complex ? klu_z_factor(lu->starts, lu->rows, values, lu->symbolic, &lu->common)
                               : klu_factor(lu->starts, lu->rows, values, lu->symbolic, &lu->common);
  if (lu->numeric && lu->common.status == KLU_OK) return 0;
  return lu->common.status ? lu->common.status : -1;
}

void csparse_solve(csparse_lu *lu, double *b) {
  if (lu->is_complex) {
    klu_z_solve(lu->symbolic, lu->numeric, lu->n, 1, b, &lu->common);
  } else {
    klu_solve(lu->symbolic, lu->numeric, lu->n, 1, b, &lu->common);
  }
}

void csparse_free(csparse_lu *lu) {
  if (!lu) return;
  if (lu->numeric) forget(lu);
  if (lu->symbolic) klu_free_symbolic(&lu->symbolic, &lu->common);
  free(lu->starts);
  free(lu->rows);
  free(lu);
}
