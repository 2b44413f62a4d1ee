// The C interface: picks the instance for a dimension and keeps exceptions inside.
#include "FlowParts.hpp"

using namespace kink;

extern template struct kink::Flow<2, 1>;
extern template struct kink::Flow<3, 1>;
extern template struct kink::Flow<5, 1>;
extern template struct kink::Flow<0, 1>;
extern template struct kink::Flow<0, CKINK_MAX_INPUTS / 64>;

struct ckink_flow {
  std::unique_ptr<AnyFlow> flow;
};

namespace {

template <class Body> ckink_status guarded(Body body) {
  try {
    return body();
  } catch (const SingularKinks &) {
    return CKINK_UNSUITABLE;
  } catch (const BadMemory &) {
    return CKINK_BAD_MEMORY;
  } catch (...) {
    return CKINK_NO_MEMORY;
  }
}

struct Start {
  const ckink_problem &problem;
  const ckink_options &options;
  double time;
  const double *state;
  double step;
  const double *memory;
  size_t length;

  template <int N, int W> std::unique_ptr<AnyFlow> make() const {
    auto flow = std::make_unique<Flow<N, W>>(problem, options);
    if (memory) {
      flow->resume(time, state, step, memory, length);
    } else {
      flow->start(time, state, step);
    }
    return flow;
  }

  std::unique_ptr<AnyFlow> makeForSize() const {
    const int n = Problem(problem).n;
    if (n > CKINK_MAX_INPUTS) return nullptr;
    if (n > 64) return make<0, CKINK_MAX_INPUTS / 64>();
    switch (problem.dimension) {
    case 2: return make<2, 1>();
    case 3: return make<3, 1>();
    case 5: return make<5, 1>();
    default: return make<0, 1>();
    }
  }
};

}  // namespace

ckink_flow *ckink_create(const ckink_problem *problem, const ckink_options *options, double time,
                         const double *state, double step, const double *memory, size_t length,
                         ckink_status *status) {
  ckink_flow *made = nullptr;
  *status = guarded([&] {
    if (problem->dimension < 1 || problem->dimension > CKINK_MAX_DIMENSION || problem->samples < 1 ||
        options->stages < 2 || options->stages > Radau::MaxStages)
      return CKINK_UNSUITABLE;
    auto flow = Start{*problem, *options, time, state, step, memory, length}.makeForSize();
    if (!flow) return CKINK_UNSUITABLE;
    made = new ckink_flow{std::move(flow)};
    return CKINK_OK;
  });
  return made;
}

void ckink_destroy(ckink_flow *flow) { delete flow; }

ckink_status ckink_advance(ckink_flow *flow, double limit, double *state) {
  return guarded([&] { return flow->flow->advance(limit, state); });
}

ckink_status ckink_interpolate(ckink_flow *flow, double u, double *state) {
  return guarded([&] {
    flow->flow->interpolate(u, state);
    return CKINK_OK;
  });
}

double ckink_time(const ckink_flow *flow) { return flow->flow->time; }
double ckink_next_step(const ckink_flow *flow) { return flow->flow->nextStep; }
double ckink_last_step(const ckink_flow *flow) { return flow->flow->lastStep; }
ckink_counters ckink_count(const ckink_flow *flow) { return flow->flow->counters; }
double ckink_loss(const ckink_flow *flow) { return flow->flow->loss; }
size_t ckink_memory_length(const ckink_flow *flow) { return flow->flow->memoryLength(); }
void ckink_memory(const ckink_flow *flow, double *memory) { flow->flow->writeMemory(memory); }
