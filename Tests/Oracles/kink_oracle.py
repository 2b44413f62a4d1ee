#!/usr/bin/env python3
"""Independent oracle for gradient flow of two-layer networks with a piecewise-linear activation.

Event-driven: the *whole* network is integrated with DOP853 at rtol 1e-13 between events; every kink
crossing, capture, release, and sign change of a sliding neuron's output weight is a global event,
located on the dense output and then re-integrated to.  Shares no code and no idea (moments, collocation of
the residual path) with Sources/CKinkFlow.  Small m only.
   a' = -(kappa/(kappa' n)) sum_i e_i sigma(w.x_i),   w' = -(kappa kappa'/n) sum_i e_i a sigma'(w.x_i) x_i
Usage: kink_oracle.py [--out ../KinkAwareTests/Fixtures/kink_reference.json] [CASE...]   (NumPy, SciPy)
With CASE names, only those are computed; the others are kept as they are in the file.
"""
import json, os, sys, itertools
import numpy as np
from scipy.integrate import DOP853
from scipy.optimize import brentq

LO, HI, SLIDE = -1, 1, 0

class Net:
    """sigma(z) = slopes[0] z + offset + sum_j (slopes[j+1] - slopes[j]) max(z - breaks[j], 0); a kink is an input with a break"""
    def __init__(self, X, y, m, gamma, gp, lo=0.0, seed=1, state=None, sigma=None, loss='mse'):
        self.X = np.asarray(X, float); self.y = np.asarray(y, float)
        self.n, self.d = self.X.shape
        self.m = m; self.k = m ** -gamma; self.kp = m ** -gp; self.loss = loss
        breaks, slopes, self.offset = sigma or ([0.0], [lo, 1.0], 0.0)
        self.slope = slopes[0]
        self.of = np.repeat(np.arange(self.n), len(breaks))         # the input of each kink
        self.KX, self.KC = self.X[self.of], np.tile(breaks, self.n)
        self.jump = np.tile(np.diff(slopes), self.n)
        self.gather = np.equal.outer(self.of, np.arange(self.n)).astype(float)
        th = np.random.default_rng(seed).standard_normal((m, self.d + 1)) if state is None else state
        self.th0 = th.copy(); self.th = th.copy()
        self.side = np.where(self.height(th) > 0, HI, LO)      # m x kinks, 0 = sliding
        self.counts = dict(cross=0, capture=0, release=0, asign=0, w0=0)
        self.setup()

    def height(self, th): return th[:, 1:] @ self.KX.T - self.KC

    def slopes(self, side):
        """slope and offset of sigma at each sample, on these sides; a kink that holds counts as low"""
        on = np.where(side == HI, self.jump, 0.0)
        return self.slope + on @ self.gather, self.offset - (on * self.KC) @ self.gather

    def setup(self):
        """slopes of the samples without what holds, and the projector off the sliding kinks, per neuron"""
        self.s, self.o = self.slopes(self.side)
        self.P = np.tile(np.eye(self.d), (self.m, 1, 1))
        self.slid = [np.flatnonzero(self.side[k] == SLIDE) for k in range(self.m)]
        for k in range(self.m):
            S = self.slid[k]
            if len(S):
                Q, _ = np.linalg.qr(self.KX[S].T); self.P[k] -= Q @ Q.T
        self.one = np.array([k for k in range(self.m) if len(self.slid[k]) == 1], int)
        self.onej = np.array([self.slid[k][0] for k in self.one], int)
        self.many = [k for k in range(self.m) if len(self.slid[k]) > 1]

    def outputs(self, th):
        return self.k * (th[:, 0] @ (self.s * (th[:, 1:] @ self.X.T) + self.o))

    def e(self, th):
        f = self.outputs(th)
        return f - self.y if self.loss == 'mse' else -self.y / (1 + np.exp(self.y * f))

    def risk(self, th):
        f = self.outputs(th)
        return np.mean((f - self.y) ** 2) / 2 if self.loss == 'mse' else np.mean(np.log1p(np.exp(-self.y * f)))

    def rhs(self, t, z):
        th = z.reshape(self.m, -1); e = self.e(th)
        D = np.einsum('kij,kj->ki', self.P, (self.s * e) @ self.X)
        out = np.empty_like(th)
        out[:, 0] = -(self.k / (self.kp * self.n)) * ((self.s * (th[:, 1:] @ self.X.T) + self.o) @ e)
        out[:, 1:] = -(self.k * self.kp / self.n) * th[:, :1] * D
        return out.ravel()

    def equivalent(self, k, e, S=None, s=None):
        """where between low (0) and high (1) sigma' stands on the sliding kinks S of neuron k"""
        S = self.slid[k] if S is None else S; s = self.s[k] if s is None else s
        XS = self.KX[S]; D = (s * e) @ self.X
        return -np.linalg.solve(XS @ XS.T, XS @ D) / (self.jump[S] * e[self.of[S]])

    def functions(self, th):
        """values that must stay positive: side*h on free kinks; v and 1-v on sliding ones; |a| keeps its sign there"""
        e = self.e(th); h = self.height(th)
        G = np.where(self.side != SLIDE, self.side * h, np.inf)
        rel = []
        if len(self.one):      # neurons on one kink, together
            j = self.onej; Xj = self.KX[j]
            v = -np.einsum('ki,ki->k', Xj, (self.s[self.one] * e) @ self.X) / (np.sum(Xj * Xj, 1) * self.jump[j] * e[self.of[j]])
            for k, jj, vv in zip(self.one, j, v): rel += [(k, jj, LO, vv), (k, jj, HI, 1 - vv), (k, -1, 0, th[k, 0] * self.asign[k])]
        for k in self.many:
            for j, v in zip(self.slid[k], self.equivalent(k, e)): rel += [(k, j, LO, v), (k, j, HI, 1 - v)]
            rel.append((k, -1, 0, th[k, 0] * self.asign[k]))
        return G, rel

    def resolve(self, k, Z, th, e, asign):
        """consistent assignment on the kinks Z of neuron k; returns list of (assignment, |D|) that are valid"""
        ok = []
        for comb in itertools.product((LO, HI, SLIDE), repeat=len(Z)):
            side = self.side[k].copy(); side[Z] = comb
            S = np.flatnonzero(side == SLIDE)
            if len(S) and np.linalg.matrix_rank(self.KX[S]) < len(S): continue
            s, _ = self.slopes(side)
            D = (s * e) @ self.X
            if len(S):
                v = self.equivalent(k, e, S, s); g = self.jump[S] * e[self.of[S]]
                if np.any(v <= 1e-12) or np.any(v >= 1 - 1e-12): continue
                if np.any(asign * g <= 0): continue                    # only attracting kinks hold
                D = D + (v * g) @ self.KX[S]
            hd = -asign * (self.KX @ D)
            sc = 1e-11 * np.abs(e).max() * np.abs(self.X).max() ** 2
            if all(side[j] * hd[j] >= -sc for j in Z if side[j] != SLIDE):
                ok.append((comb, np.linalg.norm(D)))
        return ok

    def run(self, stop=None, tend=np.inf, rtol=1e-13, verbose=False):
        t = 0.0; self.asign = np.sign(self.th[:, 0])
        while t < tend:
            z = self.th.ravel(); f0 = self.rhs(t, z)
            rate = np.max(np.linalg.norm(f0.reshape(self.m, -1), axis=1) / np.linalg.norm(self.th, axis=1))
            sh = self.s * (self.th[:, 1:] @ self.X.T) + self.o      # stability: steps stay below the fastest decay time
            lam = self.k ** 2 / self.n * (np.sum(sh * sh) / self.kp + self.kp * np.sum((self.th[:, :1] * self.s) ** 2 @ np.sum(self.X ** 2, 1)))
            solver = DOP853(self.rhs, t, z, tend, rtol=rtol, atol=1e-14, first_step=min(1e-4 / rate, (tend - t)), max_step=5 / lam)
            event = None
            blocked = self.blocked if hasattr(self, 'blocked') else set()
            while solver.status == 'running':
                told = solver.t
                solver.step()
                dense = solver.dense_output()
                grid = np.linspace(told, solver.t, 3)[1:]
                for tg_prev, tg in zip(np.r_[told, grid[:-1]], grid):
                    G, rel = self.functions(dense(tg).reshape(self.m, -1))
                    bad = [('h', k, i) for k, i in zip(*np.where(G < -1e-12))] + [('r', q) for q, r in enumerate(rel) if r[3] < -1e-11]
                    R = self.risk(dense(tg).reshape(self.m, -1))
                    if stop is not None and R < stop: bad.append(('R',))
                    if bad: break
                else:
                    continue
                def val(b, tt):
                    th = dense(tt).reshape(self.m, -1)
                    if b[0] == 'R': return self.risk(th) - stop
                    G, rel = self.functions(th)
                    return G[b[1], b[2]] if b[0] == 'h' else rel[b[1]][3]
                best = None
                for b in bad:
                    fa = val(b, tg_prev)
                    tr = tg_prev if fa <= 0 else brentq(lambda q: val(b, q), tg_prev, tg, xtol=1e-15 * max(1, tg), rtol=1e-15)
                    if best is None or tr < best[0]: best = (tr, b)
                event = best
                break
            if event is None:
                t = solver.t; self.th = solver.y.reshape(self.m, -1).copy(); break
            te, b = event
            # integrate accurately to te (the dense output is of lower order than the step)
            y = z
            if te > told:
                y0 = solver.y_old
                s2 = DOP853(self.rhs, told, y0, te, rtol=rtol, atol=1e-14, first_step=(te - told))
                while s2.status == 'running': s2.step()
                y = s2.y
            else: y = solver.y_old
            self.th = y.reshape(self.m, -1).copy(); t = te
            e = self.e(self.th)
            if b[0] == 'R': break
            if b[0] == 'h':
                _, k, i = b
                scale = np.linalg.norm(self.th[k, 1:]) if not np.any(self.KC) else 1.0
                if scale < 1e-9: self.counts['w0'] += 1
                Z = sorted(set(self.slid[k]) | {i} | {j for j in range(len(self.of))
                      if abs(self.th[k, 1:] @ self.KX[j] - self.KC[j]) < 1e-12 * (scale + abs(self.th[k, 0]))})
                ways = self.resolve(k, Z, self.th, e, self.asign_now(k))
                ok = [c for c, _ in ways]
                if scale < 1e-9:   # from w = 0: where the loss falls fastest
                    comb = max(ways, key=lambda c: c[1])[0]
                else:
                    pref = [tuple(-self.side[k, j] if j == i else self.side[k, j] for j in Z),
                            tuple(0 if j == i else self.side[k, j] for j in Z)] + ok
                    comb = next(c for c in pref if c in ok)
                for j, c in zip(Z, comb):
                    self.side[k, j] = c
                self.counts['capture' if self.side[k, i] == 0 else 'cross'] += 1
                self.asign[k] = self.asign_now(k)
            else:
                k, j, sd, _ = self.functions(self.th)[1][b[1]]
                if j >= 0:
                    self.side[k, j] = sd; self.counts['release'] += 1
                else:
                    self.counts['asign'] += 1; self.asign[k] = -self.asign[k]
                    Z = list(self.slid[k])
                    ok = self.resolve(k, Z, self.th, e, self.asign[k])
                    comb = max(ok, key=lambda c: c[1])[0]      # steepest descent leaves a repelling kink
                    for jj, c in zip(Z, comb): self.side[k, jj] = c
            self.setup()
            S = self.slid[b[1]] if b[0] == 'h' else self.slid[k]
            if len(S):
                A = self.KX[S]; w = self.th[k, 1:]
                self.th[k, 1:] = w - A.T @ np.linalg.solve(A @ A.T, A @ w - self.KC[S])
            if verbose: print(t, b, k, self.side[k], R, flush=True)
        self.t = t
        return self

    def asign_now(self, k):
        return 1.0 if self.th[k, 0] > 0 else -1.0

    def result(self):
        w, w0 = self.th[:, 1:], self.th0[:, 1:]
        cons = self.kp ** 2 * (self.th[:, 0] ** 2 - self.th0[:, 0] ** 2) - (np.sum(w * w, 1) - np.sum(w0 * w0, 1))
        return dict(t=self.t, RD_w=float(np.linalg.norm(w - w0) / np.linalg.norm(w0)),
                    RD_a=float(np.linalg.norm(self.th[:, 0] - self.th0[:, 0]) / np.linalg.norm(self.th0[:, 0])),
                    R=float(self.risk(self.th)), f=[float(v) for v in self.outputs(self.th)], events=self.counts,
                    conservation=float(np.abs(cons).max()))

def with_bias(x): return np.c_[np.asarray(x, float), np.ones(len(x))]
BENCH = (with_bias([-1, -.33, .33, 1]), [.8, .2, .6, .3])
FOUR = (with_bias([-1/2, -1/6, 1/6, 1/2]), [1/4, 1/36, 1/36, 1/4])
def random5(n=10, d=5, seed=7):
    r = np.random.default_rng(seed); X = r.standard_normal((n, d - 1)); return with_bias(X), np.tanh(r.standard_normal(n))

CASES = [  # name, data, m, gamma, gamma', lo, stop, tend
    ('bench-m10-g1.75', 'bench', 10, 1.75, 0, 0.0, None, 2e4), ('bench-m20-g1.75', 'bench', 20, 1.75, 0, 0.0, 1e-8, 1e9),
    ('bench-m20-g1', 'bench', 20, 1, 0, 0.0, 1e-8, 1e9), ('bench-m20-g0.5', 'bench', 20, .5, 0, 0.0, 1e-8, 1e9),
    ('bench-m20-g1.75-gp0.4', 'bench', 20, 1.75, .4, 0.0, 1e-6, 1e9), ('bench-m20-g1.75-gp-0.4', 'bench', 20, 1.75, -.4, 0.0, None, 2e4),
    ('four-m20-g1.75', 'four', 20, 1.75, 0, 0.0, None, 1e5), ('four-m20-g1', 'four', 20, 1, 0, 0.0, None, 3e3),
    ('bench-m20-g1.75-leaky', 'bench', 20, 1.75, 0, 0.1, 1e-8, 1e9), ('four-m20-g1-leaky', 'four', 20, 1, 0, 0.1, None, 3e3),
    ('rand5-m30-g1', 'rand5', 30, 1, 0, 0.0, None, 300.), ('rand5-m30-g1.75', 'rand5', 30, 1.75, 0, 0.0, None, 3e4),
    ('rand5-m30-g1-leaky', 'rand5', 30, 1, 0, 0.1, None, 300.)]
# one neuron; |z|; antisymmetric start; many kinks; more dimensions
MIXED = (BENCH[0], [.8, -.6, .6, -.8])
MANY = (with_bias(np.linspace(-1, 1, 70)), .5 + .3 * np.sin(4 * np.linspace(-1, 1, 70)))
CASES += [('bench-m1-g0.5', 'bench', 1, .5, 0, 0.0, None, 50.),
    ('bench-m12-g1-abs', 'bench', 12, 1, 0, -1.0, None, 1e3), ('bench-asi20-g1', 'bench', 20, 1, 0, 0.0, 1e-8, 1e9),
    ('many-m6-g0.5', 'many', 6, .5, .2, 0.0, None, 40.), ('rand7-m12-g1', 'rand7', 12, 1, 0, 0.0, None, 200.), ('mixed-m4-zero14', 'mixed', 4, .5, 0, 0.0, None, 20.), ('mixed-m4-zero15', 'mixed', 4, .5, 0, 0.0, None, 20.)]
HARD_TANH = ([-1.0, 1.0], [0.0, 1.0, 0.0], -1.0)
CLASSES = (random5(8, 3, 5)[0], [1., -1, 1, 1, -1, -1, 1, -1])
CASES += [('bench-m12-g0.5-hard-tanh', 'bench', 12, .5, 0, HARD_TANH, None, 300.), ('rand5-m15-g1-hard-tanh', 'rand5', 15, 1, .2, HARD_TANH, None, 300.),
    ('classes-m10-g0.5-logistic', 'classes', 10, .5, 0, 0.0, None, 100.)]
DATA = dict(classes=CLASSES, bench=BENCH, four=FOUR, rand5=random5(), many=MANY, mixed=MIXED, rand7=random5(6, 7, 3))

if __name__ == '__main__':
    out = sys.argv[sys.argv.index('--out') + 1] if '--out' in sys.argv else os.path.join(os.path.dirname(__file__), '../KinkAwareTests/Fixtures/kink_reference.json')
    only = [a for a in sys.argv[1:] if not a.startswith('--') and a != out]
    res = json.load(open(out))['cases'] if only and os.path.exists(out) else {}
    for name, data, m, g, gp, lo, stop, tend in CASES:
        if only and name not in only: continue
        X, y = DATA[data]
        state = np.random.default_rng(1).standard_normal((m, X.shape[1] + 1))
        if 'asi' in name:      # neurons k and k + m/2 share w and have opposite a
            state[m // 2:] = state[:m // 2]; state[m // 2:, 0] *= -1
        if 'zero' in name:     # large |a|, small w: a neuron slides into w = 0
            state = np.random.default_rng(int(name[-2:])).standard_normal((m, 3)) * [2, .5, .5]
        try:
            sigma, loss = (lo if isinstance(lo, tuple) else None), ('logistic' if 'logistic' in name else 'mse')
            r = Net(X, y, m, g, gp, lo, state=state, sigma=sigma, loss=loss).run(stop, tend).result()
        except Exception as ex:
            r = dict(error=repr(ex))
        r.update(start=state.tolist(), data=data, X=X.tolist(), y=[float(v) for v in y], m=m, gamma=g, gammaPrime=gp, loss=loss, slopeMinus=0.0 if sigma else lo, slopePlus=1.0, isHardTanh=sigma is not None, seed=1, stop=stop, tend=tend)
        res[name] = r
        print(name, {k: r.get(k) for k in ('t', 'RD_w', 'R', 'events', 'conservation', 'error')}, flush=True)
    json.dump(dict(note='numpy default_rng(1).standard_normal((m, d+1)), columns a, w; kappa = m^-gamma, kappa\' = m^-gamma\'; event-driven DOP853, rtol 1e-13; repelling kinks: steepest descent', cases=res), open(out, 'w'), separators=(',', ':'))
