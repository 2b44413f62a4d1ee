// The callbacks of phaseflow_plugin.h: result, what it is after an event, name, parameters, arguments.
#define CGUARD_TEXT const char *_Nullable
#define CGUARD_SELF const void *_Nullable instance
#define CGUARD_OWN void *_Nullable instance

#define CGUARD_CALLBACKS(R, V) \
  R(CGUARD_TEXT, NULL, create, (void *_Nullable context, const double *_Nonnull values, void *_Nullable *_Nonnull made), \
    (context, values, made)) \
  V(destroy, (CGUARD_OWN), (instance)) \
  V(evaluate, (CGUARD_SELF, size_t count, const double *_Nonnull z, double *_Nonnull value, double *_Nonnull derivative), \
    (instance, count, z, value, derivative)) \
  V(second_derivative, (CGUARD_SELF, size_t count, const double *_Nonnull z, double *_Nonnull result), (instance, count, z, result)) \
  R(size_t, 0, kinks, (CGUARD_SELF, size_t capacity, double *_Nonnull points), (instance, capacity, points)) \
  V(slopes, (CGUARD_SELF, double *_Nonnull negative, double *_Nonnull positive), (instance, negative, positive)) \
  R(int32_t, 0, accepts_target, (CGUARD_SELF, double y), (instance, y)) \
  V(evaluate_loss, (CGUARD_SELF, size_t count, const double *_Nonnull f, const double *_Nonnull y, double *_Nonnull value, double *_Nonnull derivative), \
    (instance, count, f, y, value, derivative)) \
  V(second_derivative_of_loss, (CGUARD_SELF, size_t count, const double *_Nonnull f, const double *_Nonnull y, double *_Nonnull result), \
    (instance, count, f, y, result)) \
  R(CGUARD_TEXT, NULL, observe, (CGUARD_OWN, const phaseflow_moment *_Nonnull moment), (instance, moment)) \
  R(CGUARD_TEXT, NULL, record, (CGUARD_OWN, const phaseflow_moment *_Nonnull moment, double *_Nonnull values), \
    (instance, moment, values)) \
  R(CGUARD_TEXT, NULL, finish, (CGUARD_OWN, const phaseflow_moment *_Nonnull moment, phaseflow_emit _Nonnull emit, void *_Nonnull sink), \
    (instance, moment, emit, sink)) \
  R(size_t, 0, count, (CGUARD_SELF), (instance)) \
  V(save_memory, (CGUARD_SELF, double *_Nonnull values), (instance, values)) \
  V(restore_memory, (CGUARD_OWN, size_t count, const double *_Nonnull values), (instance, count, values)) \
  R(CGUARD_TEXT, NULL, initial_state, (CGUARD_SELF, double *_Nonnull y), (instance, y)) \
  R(CGUARD_TEXT, NULL, component_name, (CGUARD_SELF, size_t i), (instance, i)) \
  R(CGUARD_TEXT, NULL, derivative, (CGUARD_SELF, double t, const double *_Nonnull y, double *_Nonnull dy), (instance, t, y, dy)) \
  R(size_t, 0, sparsity, (CGUARD_SELF, size_t capacity, size_t *_Nullable rows, size_t *_Nullable columns), \
    (instance, capacity, rows, columns)) \
  R(CGUARD_TEXT, NULL, jacobian_vector_product, \
    (CGUARD_SELF, double t, const double *_Nonnull y, const double *_Nonnull v, double *_Nonnull jv), (instance, t, y, v, jv)) \
  R(double, 0, spectral_radius, (CGUARD_SELF, double t, const double *_Nonnull y), (instance, t, y)) \
  R(double, 0, event_value, (CGUARD_SELF, size_t event, double t, const double *_Nonnull y), (instance, event, t, y)) \
  R(CGUARD_TEXT, NULL, event_change, (CGUARD_SELF, size_t event, double t, double *_Nonnull y), (instance, event, t, y)) \
  V(invariants, (CGUARD_SELF, double t, const double *_Nonnull y, double *_Nonnull values), (instance, t, y, values)) \
  R(double, 0, next_discontinuity, (CGUARD_SELF, double t, int32_t direction), (instance, t, direction)) \
  R(int32_t, 0, start, \
    (CGUARD_SELF, const phaseflow_problem *_Nonnull problem, void *_Nullable *_Nonnull state, \
     const char *_Nullable *_Nonnull message), \
    (instance, problem, state, message)) \
  R(int32_t, 0, advance, (CGUARD_OWN, double limit, phaseflow_step *_Nonnull step), (instance, limit, step)) \
  R(int32_t, 0, interpolate, (CGUARD_OWN, double t, double *_Nonnull y), (instance, t, y))
