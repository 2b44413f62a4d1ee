// The flow: its data, and what its parts (Flow*.hpp) are.
#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "Mode.hpp"
#include "Polynomials.hpp"

namespace kink {

/// What the C interface calls, whatever the dimension.
struct AnyFlow {
  virtual ~AnyFlow() = default;
  virtual ckink_status advance(double limit, double *state) = 0;
  virtual void interpolate(double u, double *state) = 0;
  virtual size_t memoryLength() const = 0;
  virtual void writeMemory(double *out) const = 0;

  double time = 0, nextStep = 0, lastStep = 0, loss = 0;
  ckink_counters counters{};
};

/// Two distinct inputs are parallel, or a system is otherwise singular.
struct SingularKinks {};
struct BadMemory {};

/// Gradient flow as a Filippov system. Neurons move exactly along a polynomial residual path `p(t)`, which is
/// found by collocation: `e[theta(c_j; p)] = p(c_j)`.
///
/// `N`: the input dimension or 0 for any; `W`: words in a set of kinks.
template <int N, int W> struct Flow final : AnyFlow, Dimension<N> {
  using Dimension<N>::D;
  using Dimension<N>::Q;
  static constexpr int Cap = Dimension<N>::Cap, MaxS = Radau::MaxStages;
  /// Terms of a Taylor series; a step that needs more is too long.
  static constexpr int MaxTerms = 48;
  /// Sums are formed over blocks of this many neurons, whatever the number of threads.
  static constexpr size_t Block = 256;

  using Kinks = Bits<W>;
  using Group = Mode<N, W>;
  using Theta = typename Group::Theta;
  using Matrix = typename Group::Matrix;
  /// `theta(u) = sum_k C[k] u^k`.
  using Series = std::array<Theta, MaxTerms>;

  /// A neuron that meets an event on the current path.
  struct Event {
    Group *mode;
    int slot;
  };
  /// Where it comes from and where the trace has found it at the end of the step.
  struct Moved {
    Group *from;
    int slot;
    Theta before, after;
    Group *to;
    int id;
  };
  /// The start of a neuron that is not moved by a matrix, for dense output.
  struct Kept {
    Group *mode;
    int id;
    Theta before;
  };

  const Problem p;
  const ckink_options options;
  const Radau radau;
  const int s, n;
  const size_t m;

  std::vector<std::unique_ptr<Group>> modes;
  std::map<std::pair<Kinks, Kinks>, Group *> index;
  /// Modes made while threads run; guarded by `lock`.
  std::vector<std::unique_ptr<Group>> fresh;
  std::mutex lock;

  /// Residuals at the start of the step, and at the end of the last one.
  Vec e0, eNow;
  /// `s x n` power coefficients of the path, and of the last step's.
  Vec P, lastP;
  /// The step being tried, and the last one (for the predictor).
  double H = 0, lastH = 0;
  /// Numbers the paths.
  long stamp = 0;
  /// The path's values at the nodes; what the neurons make of it; what neurons with events add to the
  /// undisturbed share of their modes.
  Vec node, E, correction;
  std::vector<Event> events;
  std::vector<Moved> moved;
  std::vector<Kept> kept;
  ckink_counters counted{};
  std::atomic<bool> tooFar{false};
  /// The rate matrix, `e' = -G e`, as `right diag(lambda) left`.
  Vec lambda, left, right;
  /// `(1 + H lambda A)^-1` for each lambda, `s x s`.
  Vec inverse;
  /// Rounding of a residual.
  double noise = 0;
  /// Steps for which growth is held back after a rejection.
  int hold = 0;
  /// Accepted steps, those before a resumption included.
  long taken = 0;

  Flow(const ckink_problem &, const ckink_options &);
  /// At a state of which nothing else is known.
  void start(double t, const double *state, double step);
  /// Where `memory` was written.
  void resume(double t, const double *state, double step, const double *memory, size_t length);

  // ---- FlowModes.hpp: the modes and their neurons.
  Group *modeFor(Kinks plus, Kinks slide, bool stuck = false);
  void adopt();
  void dropEmpty();
  bool isFacet(const Group &, int i) const;
  bool shared(const Group &M) const { return M.size() >= size_t(Q); }
  double slope(const Group &M, int i) const { return M.slide.has(i) ? 0 : M.plus.has(i) ? p.hi : p.lo; }
  void push(Group &, const Theta &, int id);
  Theta get(const Group &, size_t slot) const;
  void removeSlot(Group &, size_t slot);

  // ---- FlowMoments.hpp: sums over neurons.
  void addOuter(Matrix &, const Theta &, double factor) const;
  void rebuildMoments();
  void toResiduals(double *f) const;
  Vec residuals() const;
  double roundingOfResiduals() const;
  double largestForce() const;
  Vec rateMatrix() const;
  bool decomposeRates();

  // ---- FlowPropagation.hpp: motion along the path.
  void ready(Group &);
  int taylor(const double *b, const Theta &, Series &) const;
  Theta at(const Series &, int terms, double u) const;
  void propagate(Group &);
  Matrix propagatorAt(const Group &, double u) const;
  Theta apply(const Matrix &, const Theta &) const;
  Theta applyInverse(const Matrix &, const Theta &) const;
  Vec pathAt(double u) const;

  // ---- FlowEvents.hpp: when a neuron's mode ends.
  struct Next {
    double when = Far;
    enum { kink, release, signChange } kind = kink;
    int which = -1;
    bool high = false;
  };
  void readyEvents(Group &);
  Release releaseAfter(const Group &, double t0) const;
  template <class Coefficient>
  Next nextEvent(const Group &, const Theta &first, const Theta &end, double t0, double offset, int terms,
                 Coefficient) const;

  // ---- FlowCorners.hpp: where it goes from there.
  bool consistent(Kinks plus, Kinks slide, Kinks asked, double sign, const Vec &e,
                  double *speed2 = nullptr) const;
  Group *arrive(const Group &, const Theta &, int i, const Vec &e, ckink_counters &);
  Group *enumerate(const Group &, Kinks corner, double sign, const Vec &e, ckink_counters &, bool steepest,
                   Kinks fallback);
  Group *leaveRepelling(const Group &, const Theta &, const Vec &e, ckink_counters &);
  Group *throughZero(const Group &, double sign, const Vec &e, ckink_counters &);
  Group *startOnKinks(const Group &, const Theta &, Kinks on);
  void releaseHeldAtZero();

  // ---- FlowTrace.hpp: one neuron through its events.
  Group *trace(Theta &, Group *, double *shares, ckink_counters &, double until = 1);
  void snap(Theta &, int i) const;
  void project(const Group &, Theta &) const;

  // ---- FlowDetection.hpp: who meets an event.
  void detect();
  void rowsOf(Group &);
  void detectIn(Group &, size_t from, size_t to, std::vector<int> &hits);
  void traceAll();

  // ---- FlowPath.hpp: the path of a step.
  void nodeResiduals();
  void setPath();
  void predict();
  void invertRates();
  double correct(Vec &delta);
  bool solvePath();
  double errorOfStep() const;

  // ---- FlowStep.hpp: steps and dense output.
  void firstStep();
  ckink_status advance(double limit, double *state) override;
  void commit(double end);
  void keepFewNeurons();
  void moveNeurons();
  void moveMoments(Group &);
  void moveEvents();
  void interpolate(double u, double *state) override;
  void write(const Theta &, int id, double *state) const;
  void writeState(double *state);
  template <class Body> void forEachRun(Body body);

  // ---- FlowMemory.hpp: going on later.
  size_t memoryLength() const override;
  void writeMemory(double *out) const override;

  // ---- Helpers.
  double inner(const double *a, const double *b) const {
    double v = 0;
    for (int q = 0; q < D; ++q) v += a[q] * b[q];
    return v;
  }
  /// `w.x`.
  double dot(const Theta &theta, const double *x) const { return inner(&theta[1], x); }
  Theta initial(const double *state, size_t k) const;

  /// Calls `body(i)` for `i` in `0..<count`, on threads if `wide`.
  template <class Body> void forEach(size_t count, bool wide, Body body) {
    if (!wide || options.threads < 2 || count < 2) {
      for (size_t i = 0; i < count; ++i) body(i);
      return;
    }
    // No exception may cross the caller's threads.
    struct Shared {
      Body &body;
      std::atomic<int> failure{0};
    } shared{body};
    options.parallel(nullptr, count, options.threads,
      [](void *argument, size_t i) {
        Shared &shared = *static_cast<Shared *>(argument);
        try {
          shared.body(i);
        } catch (const SingularKinks &) {
          shared.failure = 2;
        } catch (...) {
          shared.failure = 1;
        }
      },
      &shared);
    if (shared.failure == 2) throw SingularKinks();
    if (shared.failure) throw std::bad_alloc();
  }
};

}  // namespace kink
