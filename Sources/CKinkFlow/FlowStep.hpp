// Steps: choice of size, acceptance, and moving everything to the end of the step.
#pragma once
#include "Flow.hpp"

namespace kink {

template <int N, int W> ckink_status Flow<N, W>::advance(double limit, double *state) {
  e0 = eNow;
  if (modes.size() > 2 * m + 256) dropEmpty();
  releaseHeldAtZero();
  if (!decomposeRates()) return CKINK_NOT_FINITE;
  const double R = p.risk(e0.data()), force = largestForce();
  // The rounding of R: that of the residuals, and what a plateau allows.
  const double rounding =
      8 * noise * std::sqrt(2 * R) + 64 * noise * noise + 1e-14 * p.ySquares / p.total;
  bool isFinite = true;
  for (;;) {
    const double wanted = std::min(nextStep, 1e300);
    // Rapidities beyond 1.5 would make the series long.
    double size = force * wanted > 1.5 ? 1.5 / force : wanted;
    const bool lands = limit - time <= 1.01 * size;
    const double end = lands ? limit : time + size;
    if (!lands && end > 1e300) return CKINK_AT_REST;
    H = end - time;
    const double resolution = std::nextafter(std::fabs(time), INFINITY) - std::fabs(time);
    if (H < std::max(16 * resolution, 1e-300) && !lands) return isFinite ? CKINK_UNDERFLOW : CKINK_NOT_FINITE;

    if (!solvePath()) {
      isFinite = std::isfinite(E[0]) && !std::isnan(P[0]);
      ++counters.iteration;
      ++counters.rejected;
      nextStep = H * 0.5;
      hold = 3;
      continue;
    }
    const double error = errorOfStep();
    const double factor = std::min(std::max(0.85 * std::pow(error + 1e-30, -1.0 / (s + 1)), 0.2), 4.0);
    if (!(error <= 1.5)) {
      isFinite = std::isfinite(error);
      ++counters.error_test;
      ++counters.rejected;
      nextStep = H * (isFinite ? std::min(factor, 0.8) : 0.2);
      continue;
    }
    // The flow never climbs.
    if (p.risk(&node[(s - 1) * n]) > R * (1 + 1e-6) + rounding && counters.climbs < 1000) {
      ++counters.climbs;
      ++counters.rejected;
      nextStep = H * 0.5;
      hold = 2;
      continue;
    }
    double growth = 4;
    if (hold > 0) {
      --hold;
      growth = 1.2;
    }
    nextStep = H * std::min(factor, growth);
    // A step cut short by the limit that went well says nothing against the size that was planned.
    if (lands && factor >= 1) nextStep = std::max(nextStep, wanted);
    commit(end);
    writeState(state);
    return CKINK_OK;
  }
}

/// Moves every neuron along the path; those with events to where `traceAll` has found them.
template <int N, int W> void Flow<N, W>::commit(double end) {
  counters.crossings += counted.crossings;
  counters.captures += counted.captures;
  counters.releases += counted.releases;
  counters.sign_changes += counted.sign_changes;
  counters.through_zero += counted.through_zero;
  counters.held_at_zero += counted.held_at_zero;
  counters.unresolved += counted.unresolved;
  for (auto &v : moved) addOuter(v.from->moments, v.before, -1);
  keepFewNeurons();
  moveNeurons();
  for (auto &M : modes)
    if (M->size() && M->seriesStamp == stamp && !M->still) moveMoments(*M);
  moveEvents();
  for (auto &M : modes) {
    if (!M->recount && shared(*M)) continue;
    M->recount = false;
    M->moments.fill(0);
    for (size_t k = 0; k < M->size(); ++k) addOuter(M->moments, get(*M, k), 1);
  }
  lastP = P;
  lastH = lastStep = H;
  time = end;
  ++counters.accepted;
  if (++taken % 64 == 0) rebuildMoments();
  eNow = residuals();
  noise = roundingOfResiduals();
  loss = p.risk(eNow.data());
}

/// Remembers the start of neurons that move by a series of their own.
template <int N, int W> void Flow<N, W>::keepFewNeurons() {
  kept.clear();
  for (auto &M : modes) {
    if (!M->size() || shared(*M)) continue;
    ready(*M);
    if (M->still) continue;
    // The mode may grow beyond few in this very step: its moments are summed anew.
    M->recount = true;
    for (size_t k = 0; k < M->size(); ++k) kept.push_back({M.get(), M->id[k], get(*M, k)});
  }
}

/// Calls `body(mode, from, to)` for runs of neurons.
template <int N, int W> template <class Body> void Flow<N, W>::forEachRun(Body body) {
  struct Run {
    Group *M;
    size_t from, to;
  };
  std::vector<Run> runs;
  for (auto &M : modes)
    for (size_t k = 0; k < M->size(); k += 16 * Block)
      runs.push_back({M.get(), k, std::min(M->size(), k + 16 * Block)});
  forEach(runs.size(), m > 20000 || modes.size() > 200,
          [&](size_t r) { body(*runs[r].M, runs[r].from, runs[r].to); });
}

template <int N, int W> void Flow<N, W>::moveNeurons() {
  for (auto &M : modes)
    if (M->size()) {
      ready(*M);
      if (!M->still && shared(*M)) propagate(*M);
    }
  forEachRun([&](Group &M, size_t from, size_t to) {
    if (M.still) return;
    if (shared(M)) {
      double *start[Cap + 1];
      for (int c = 0; c < Q; ++c) start[c] = M.theta[c].data() + from;
      ckink_move(Q, M.node[s - 1].data(), start, to - from);
      return;
    }
    Series C;
    for (size_t k = from; k < to; ++k) {
      const int terms = taylor(M.b.data(), get(M, k), C);
      if (!terms) continue;
      const Theta x = at(C, terms, 1);
      for (int c = 0; c < Q; ++c) M.theta[c][k] = x[c];
    }
  });
}

/// `M <- Psi M Psi^T`.
template <int N, int W> void Flow<N, W>::moveMoments(Group &M) {
  const Matrix &A = M.node[s - 1];
  Matrix half, whole;
  for (int a = 0; a < Q; ++a)
    for (int b = 0; b < Q; ++b) {
      half[a * Q + b] = 0;
      for (int c = 0; c < Q; ++c) half[a * Q + b] += A[a * Q + c] * M.moments[c * Q + b];
    }
  for (int a = 0; a < Q; ++a)
    for (int b = 0; b < Q; ++b) {
      whole[a * Q + b] = 0;
      for (int c = 0; c < Q; ++c) whole[a * Q + b] += half[a * Q + c] * A[b * Q + c];
    }
  std::copy_n(whole.begin(), Q * Q, M.moments.begin());
}

template <int N, int W> void Flow<N, W>::moveEvents() {
  // Backwards: the last neuron takes a free place, and earlier slots stay valid.
  for (size_t k = moved.size(); k-- > 0;) {
    const Moved &v = moved[k];
    if (v.to != v.from) {
      removeSlot(*v.from, v.slot);
      continue;
    }
    for (int c = 0; c < Q; ++c) v.from->theta[c][v.slot] = v.after[c];
    addOuter(v.from->moments, v.after, 1);
  }
  for (auto &v : moved)
    if (v.to != v.from) {
      push(*v.to, v.after, v.id);
      addOuter(v.to->moments, v.after, 1);
    }
}

}  // namespace kink
