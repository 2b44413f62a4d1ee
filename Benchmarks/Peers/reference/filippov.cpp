// Converged reference for the gradient flow of a two-layer ReLU network with scalar inputs (d = 2: input and
// bias): every event of every neuron is located and integrated to, one after another.
//
//     alpha_k' = b.w_k,  w_k' = alpha_k b,  b = -(kappa/n) D,  D = sum_i s_i e_i x_i,   alpha = kappa' a
//
// where s_i is 1 or 0 by the side of the neuron's kink w.x_i = 0, and on a kink that holds the neuron (both
// sides point at it) the equivalent control s_i = -(x_i.D_rest) / (e_i |x_i|^2) in (0, 1) (Filippov 1988).
// Between events the field is smooth: the pair of Dormand and Prince 5(4) with dense output
// (Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, section II.6), error per step TOL times
// the rms norm. It shares neither code nor idea (moments, waveform iteration, Radau) with PhaseFlow's own
// treatment of kinks; it is slow and plain on purpose.
//
// Cases that need a choice (a held neuron whose output weight changes sign, w = 0) end the program with an error.
//
// Usage: filippov M GAMMA GAMMAPRIME TEND TOL POINTS START
//   POINTS: text, one "x y" a line.  START: float64, M rows (a, w_x, w_bias).  Prints one JSON object.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using Vector = std::vector<double>;

[[noreturn]] static void fail(const std::string& what) {
  std::fprintf(stderr, "filippov: %s\n", what.c_str());
  std::exit(1);
}

enum Side : int { minus = 0, plus = 1, held = 2 };

struct Network {
  int m = 0, n = 0;
  double kappa = 0, kappaPrime = 0;
  Vector x, y;               // samples; the second coordinate of every input is 1
  std::vector<int> mode;     // per neuron, sides of its kinks in base 3
  std::vector<int> power;    // 3^i
  std::vector<int> modes;    // the modes in use

  Side side(int mode, int i) const { return Side(mode / power[i] % 3); }
  double norm2(int i) const { return x[i] * x[i] + 1; }

  /// The modes that some neuron is in.
  void collect() {
    std::vector<char> seen(power.back() * 3);
    for (int k : mode) seen[k] = 1;
    modes.clear();
    for (int c = 0; c < int(seen.size()); c++)
      if (seen[c]) modes.push_back(c);
  }

  /// s_i of a mode for residuals e; the held kink's by the equivalent control.
  void slopes(int code, const Vector& e, Vector& s, int& heldAt) const {
    double d1 = 0, d2 = 0;
    heldAt = -1;
    for (int i = 0; i < n; i++) {
      Side q = side(code, i);
      s[i] = q == plus;
      if (q == held) heldAt = i;
      d1 += s[i] * e[i] * x[i];
      d2 += s[i] * e[i];
    }
    if (heldAt >= 0) s[heldAt] = -(x[heldAt] * d1 + d2) / (e[heldAt] * norm2(heldAt));
  }

  /// f_i - y_i; u holds alpha, w_x, w_bias one after another.
  void residuals(const Vector& u, Vector& e) const {
    std::vector<std::array<double, 2>> v(power.back() * 3, {0, 0});
    for (int k = 0; k < m; k++) {
      auto& p = v[mode[k]];
      p[0] += u[k] * u[m + k];
      p[1] += u[k] * u[2 * m + k];
    }
    for (int i = 0; i < n; i++) {
      double f = 0;
      for (int c : modes)
        if (side(c, i) == plus) f += v[c][0] * x[i] + v[c][1];  // a held kink has w.x_i = 0
      e[i] = kappa / kappaPrime * f - y[i];
    }
  }

  void field(const Vector& u, Vector& du, Vector& e, Vector& s) const {
    residuals(u, e);
    std::vector<std::array<double, 2>> b(power.back() * 3);
    for (int c : modes) {
      int at;
      slopes(c, e, s, at);
      double d1 = 0, d2 = 0;
      for (int i = 0; i < n; i++) d1 += s[i] * e[i] * x[i], d2 += s[i] * e[i];
      b[c] = {-kappa / n * d1, -kappa / n * d2};
    }
    for (int k = 0; k < m; k++) {
      auto q = b[mode[k]];
      du[k] = q[0] * u[m + k] + q[1] * u[2 * m + k];
      du[m + k] = u[k] * q[0];
      du[2 * m + k] = u[k] * q[1];
    }
  }
};

/// One step of Dormand and Prince: seven stages, the error, and the dense output of order 4.
struct Step {
  static constexpr double a[7][6] = {
      {}, {1. / 5}, {3. / 40, 9. / 40}, {44. / 45, -56. / 15, 32. / 9},
      {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
      {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
      {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}};
  static constexpr double errorWeights[7] = {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40};
  static constexpr double denseWeights[7] = {-12715105075. / 11282082432, 0, 87487479700. / 32700410799,
      -10690763975. / 1880347072, 701980252875. / 199316789632, -1453857185. / 822651844, 69997945. / 29380423};

  std::array<Vector, 7> k;
  Vector next;
  double h = 0;

  explicit Step(int size) : next(size) {
    for (auto& v : k) v.resize(size);
  }

  /// Needs k[0] = field(u); returns the error in the rms norm relative to the state's.
  double take(const Network& net, const Vector& u, double step, Vector& e, Vector& s) {
    h = step;
    size_t size = u.size();
    for (int stage = 1; stage < 7; stage++) {
      for (size_t j = 0; j < size; j++) {
        double sum = 0;
        for (int q = 0; q < stage; q++) sum += a[stage][q] * k[q][j];
        next[j] = u[j] + h * sum;
      }
      net.field(next, k[stage], e, s);
    }
    double error = 0, norm = 0;
    for (size_t j = 0; j < size; j++) {
      double sum = 0;
      for (int q = 0; q < 7; q++) sum += errorWeights[q] * k[q][j];
      error += h * h * sum * sum;
      norm += next[j] * next[j];
    }
    return std::sqrt(error / norm);
  }

  double dense(const Vector& u, size_t j, double theta) const {
    double difference = next[j] - u[j], bspl = h * k[0][j] - difference, rest = 0;
    for (int q = 0; q < 7; q++) rest += denseWeights[q] * k[q][j];
    double r3 = difference - h * k[6][j] - bspl, eta = 1 - theta;
    return u[j] + theta * (difference + eta * (bspl + theta * (r3 + eta * h * rest)));
  }
};

struct Event {
  double theta = 2;
  int neuron = -1, kink = -1;  // a neuron meets a kink
  int mode = -1;               // or a mode lets go
  Side to = minus;
};

/// The smallest root of a function that is positive at 0 and negative at 1.
template <class F>
static double firstNegative(F g) {
  double lo = 0, hi = 1;
  for (int i = 0; i < 60 && hi - lo > 1e-15; i++) {
    double mid = 0.5 * (lo + hi);
    (g(mid) < 0 ? hi : lo) = mid;
  }
  return hi;
}

int main(int argc, char** argv) {
  if (argc != 8) fail("usage: filippov M GAMMA GAMMAPRIME TEND TOL POINTS START");
  Network net;
  net.m = std::atoi(argv[1]);
  const int m = net.m;
  net.kappa = std::pow(m, -std::atof(argv[2]));
  net.kappaPrime = std::pow(m, -std::atof(argv[3]));
  const double tEnd = std::atof(argv[4]), tol = std::atof(argv[5]);

  FILE* points = std::fopen(argv[6], "r");
  if (!points) fail("cannot open the points");
  for (double px, py; std::fscanf(points, "%lf %lf", &px, &py) == 2;) net.x.push_back(px), net.y.push_back(py);
  std::fclose(points);
  const int n = net.n = int(net.x.size());
  if (n < 1 || n > 9) fail("between 1 and 9 points are wanted");
  for (int i = 0, p = 1; i < n; i++, p *= 3) net.power.push_back(p);

  Vector u(3 * m), start;
  {
    FILE* file = std::fopen(argv[7], "rb");
    Vector rows(3 * m);
    if (!file || std::fread(rows.data(), sizeof(double), rows.size(), file) != rows.size()) fail("cannot read the start");
    std::fclose(file);
    for (int k = 0; k < m; k++)
      for (int c = 0; c < 3; c++) u[c * m + k] = rows[3 * k + c] * (c == 0 ? net.kappaPrime : 1);
  }
  start = u;
  auto height = [&](const Vector& v, int k, int i) { return v[m + k] * net.x[i] + v[2 * m + k]; };
  net.mode.resize(m);
  for (int k = 0; k < m; k++)
    for (int i = 0; i < n; i++) net.mode[k] += net.power[i] * (height(u, k, i) > 0 ? plus : minus);
  net.collect();

  // A kink counts as passed 1e-13 beyond it, so that rounding does not pass it back.
  const double slack = 1e-13, slopeSlack = 1e-12;
  Vector e(n), s(n), at(3 * m), eAt(n);
  Step step(3 * m);
  double t = 0, natural = 0, gap = 0;
  long steps = 0, rejected = 0, crossed = 0, captured = 0, released = 0, still = 0;
  net.field(u, step.k[0], e, s);
  {
    double speed = 0, norm = 0;
    for (int j = 0; j < 3 * m; j++) speed += step.k[0][j] * step.k[0][j], norm += u[j] * u[j];
    natural = 1e-3 * std::sqrt(norm / speed);
    gap = natural;
  }
  while (t < tEnd) {
    double h = std::min({natural, 1.5 * gap, tEnd - t});
    const bool last = h == tEnd - t;
    double error = step.take(net, u, h, e, s);
    if (!(error <= tol)) {
      natural = h * std::max(0.2, 0.9 * std::pow(tol / error, 0.2));
      if (!(natural > 1e-14 * (t + h))) fail("the step became too small");
      rejected++;
      continue;
    }
    steps++;
    natural = std::max(natural, h * std::min(5.0, 0.9 * std::pow(tol / std::max(error, 1e-30), 0.2)));

    Event first;
    for (int k = 0; k < m; k++)
      for (int i = 0; i < n; i++) {
        Side q = net.side(net.mode[k], i);
        if (q == held) continue;
        double sign = q == plus ? 1 : -1;
        if (sign * height(step.next, k, i) + slack >= 0) continue;
        double theta = firstNegative([&](double c) {
          return sign * (step.dense(u, m + k, c) * net.x[i] + step.dense(u, 2 * m + k, c)) + slack;
        });
        if (theta < first.theta) first = {theta, k, i, -1, minus};
      }
    // e and s now belong to step.next: the last stage is the end of the step.
    for (int c : net.modes) {
      int kink;
      net.residuals(step.next, e);
      net.slopes(c, e, s, kink);
      if (kink < 0 || (s[kink] >= -slopeSlack && s[kink] <= 1 + slopeSlack)) continue;
      Side to = s[kink] < 0 ? minus : plus;
      double theta = firstNegative([&](double q) {
        for (int j = 0; j < 3 * m; j++) at[j] = step.dense(u, j, q);
        net.residuals(at, eAt);
        int ignored;
        net.slopes(c, eAt, s, ignored);
        return (to == minus ? s[kink] : 1 - s[kink]) + slopeSlack;
      });
      if (theta < first.theta) first = {theta, -1, kink, c, to};
    }
    for (int k = 0; k < m; k++)
      for (int i = 0; i < n; i++)
        if (net.side(net.mode[k], i) == held && step.next[k] * u[k] <= 0 && first.theta > 1)
          fail("a held neuron's output weight changes sign: the solution is not unique");

    if (first.theta > 1) {
      t = last ? tEnd : t + h;
      std::swap(u, step.next);
      std::swap(step.k[0], step.k[6]);
      gap = std::max(gap, h) * 1.3;
      continue;
    }
    for (int j = 0; j < 3 * m; j++) at[j] = step.dense(u, j, first.theta);
    std::swap(u, at);
    t += first.theta * h;
    gap = 0.8 * gap + 0.2 * first.theta * h;
    still = first.theta * h > 1e-15 * t ? 0 : still + 1;
    if (still > 10L * m) fail("events without progress in time");
    net.residuals(u, e);
    if (first.mode >= 0) {
      const int renamed = first.mode + (first.to - held) * net.power[first.kink];
      for (int& code : net.mode)
        if (code == first.mode) code = renamed, released++;
    } else {
      const int k = first.neuron, i = first.kink;
      const Side from = net.side(net.mode[k], i), to = from == plus ? minus : plus;
      const int beyond = net.mode[k] + (to - from) * net.power[i];
      for (int j = 0; j < n; j++)
        if (net.side(net.mode[k], j) == held) fail("a neuron meets two kinks at once (w = 0)");
      int ignored;
      net.slopes(beyond, e, s, ignored);
      double drive = 0;  // x_i . D on the far side
      for (int j = 0; j < n; j++) drive += s[j] * e[j] * (net.x[j] * net.x[i] + 1);
      const double velocity = -u[k] * drive;
      if ((to == plus ? 1 : -1) * velocity > 0) {
        net.mode[k] = beyond, crossed++;
      } else {
        net.mode[k] += (held - from) * net.power[i], captured++;
        double share = height(u, k, i) / net.norm2(i);
        u[m + k] -= share * net.x[i], u[2 * m + k] -= share;
      }
    }
    net.collect();
    net.field(u, step.k[0], e, s);
  }

  net.residuals(u, e);
  double moved[2] = {0, 0}, norm[2] = {0, 0}, defect = 0, risk = 0;
  for (int j = 0; j < 3 * m; j++) {
    double change = u[j] - start[j];
    moved[j >= m] += change * change, norm[j >= m] += start[j] * start[j];
  }
  for (int k = 0; k < m; k++) {
    auto invariant = [&](const Vector& v) { return v[k] * v[k] - v[m + k] * v[m + k] - v[2 * m + k] * v[2 * m + k]; };
    double scale = u[k] * u[k] + u[m + k] * u[m + k] + u[2 * m + k] * u[2 * m + k];
    defect = std::max(defect, std::fabs(invariant(u) - invariant(start)) / scale);
  }
  for (double r : e) risk += r * r / (2 * n);
  std::printf(
      "{\"rdW\": %.15g, \"rdA\": %.15g, \"loss\": %.9g, \"t\": %.17g, \"tol\": %g, \"steps\": %ld, \"rejected\": %ld, "
      "\"crossed\": %ld, \"captured\": %ld, \"released\": %ld, \"conservationDefect\": %.2g}\n",
      std::sqrt(moved[1] / norm[1]), std::sqrt(moved[0] / norm[0]), risk, t, tol, steps, rejected, crossed, captured,
      released, defect);
}
