"""Work-precision on the built-in test problems: PhaseFlow beside SciPy and, where it is installed, diffrax, in one run.

    python3 Benchmarks/Systems/systems.py --phaseflow .build/release/phaseflow --out bench-output/systems

Errors are those of the problem (`phaseflow systems`): the largest over the known components of |y_i - v_i| / max(|v_i|, floor). Every run is
repeated, the median of the seconds counts; of ours they are those of the integration (`statistics.wallSeconds`), of the peers those of a
clock around the call, after one call to warm up (diffrax compiles in it). Right-hand sides of ours are compiled, SciPy's are NumPy (Python), so
that evaluations say more of the methods and seconds more of the programs. A method that took longer than --limit is not run at tighter
tolerances. bouncing-ball is left out: SciPy has no events that change the state.

Writes results.json, table.md, work-precision.gp with its data, and work-precision.svg.
"""
import argparse, json, math, os, pathlib, statistics, subprocess, sys, time
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Oracles"))
from problems import PROBLEMS  # noqa: E402

OURS = {False: ["auto", "dormand-prince", "dop853", "bogacki-shampine", "cvode-adams", "arkode-erk"],
        True: ["auto", "radau", "rodas", "cvode-bdf", "arkode-dirk"]}
SCIPY = {False: ["RK45", "DOP853", "LSODA"], True: ["Radau", "BDF", "LSODA"]}
# Those with an explicit method in their own right too.
BOTH = {"stick-slip"}


def measure(limit, repeat, run):
    """The median of the seconds, the first run being the warm-up; one run if that is long."""
    result = run()
    if result is None: return None
    seconds = [result["seconds"]]
    while len(seconds) <= repeat and seconds[0] < limit / repeat:
        seconds.append(run()["seconds"])
    result["seconds"] = statistics.median(seconds[1:] or seconds)
    return result


def ours(program, system, method, rtol, atol, limit):
    command = [program, "run", "--system", system["name"], "--integrator", method, "--rtol", repr(rtol), "--atol", repr(atol),
               "--t-end", repr(system["finalTime"]), "--record", "endpoints", "--observe", "none", "--json", "--quiet"]
    try:
        out = subprocess.run(command, capture_output=True, text=True, timeout=20 * limit)
        report = json.loads(out.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    if report["returnCode"] != "success": return {"failed": report["returnCode"], "seconds": report["statistics"]["wallSeconds"]}
    return {"error": report["referenceError"], "nfev": report["statistics"]["nfev"],
            "seconds": report["statistics"]["wallSeconds"], "remarks": [r["name"] for r in report.get("remarks", [])]}


def error(system, y):
    v = np.array(system["known"])
    y = np.asarray(y)[system["knownComponents"]] if system.get("knownComponents") else np.asarray(y)
    scale = np.maximum(np.abs(v), system["errorFloor"])
    return float(np.max(np.abs(y - v) / np.where(scale == 0, 1, scale)))


def scipy_run(system, method, rtol, atol, limit):
    from scipy.integrate import solve_ivp
    problem = PROBLEMS[system["name"]]
    deadline = time.perf_counter() + 20 * limit
    evaluations, y, t = 0, np.array(problem.y0, float), 0.0
    began = time.perf_counter()
    for stop in [*problem.stops, problem.end]:
        def f(s, y, last=np.nextafter(stop, 0)):
            if time.perf_counter() > deadline: raise TimeoutError
            return problem.f(min(s, last), y)
        options = {}
        if method in ("Radau", "BDF"):
            if problem.jac: options["jac"] = problem.jac
            if problem.sparsity is not None: options["jac_sparsity"] = problem.sparsity
        elif method == "LSODA":
            if problem.jac: options["jac"] = problem.jac
            if problem.sparsity is not None:
                width = int(max(problem.sparsity.offsets))
                options.update(lband=width, uband=width)
        try:
            s = solve_ivp(f, (t, stop), y, method=method, rtol=rtol, atol=atol, **options)
        except TimeoutError:
            return None
        if not s.success: return {"failed": s.message, "seconds": time.perf_counter() - began}
        evaluations, t, y = evaluations + s.nfev, stop, s.y[:, -1]
    return {"error": error(system, y), "nfev": int(evaluations), "seconds": time.perf_counter() - began}


def diffrax_methods():
    try:
        import jax
        jax.config.update("jax_enable_x64", True)
        import diffrax
    except ImportError:
        return {}
    import jax.numpy as jnp
    def vector(f): return lambda t, y, args: jnp.stack([jnp.asarray(c) for c in f(t, y)])
    fields = {name: vector(PROBLEMS[name].f) for name in ("robertson", "vdpol", "hires", "orego", "lorenz", "kepler", "arenstorf")}
    methods = {False: {"Tsit5": diffrax.Tsit5, "Dopri8": diffrax.Dopri8}, True: {"Kvaerno5": diffrax.Kvaerno5}}
    def runner(name, method):
        problem, solver = PROBLEMS[name], method()
        @jax.jit
        def solve(rtol, atol):
            return diffrax.diffeqsolve(
                diffrax.ODETerm(fields[name]), solver, 0.0, problem.end, None, jnp.array(problem.y0, float),
                stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol), max_steps=2_000_000,
                saveat=diffrax.SaveAt(t1=True), throw=False)
        warm = []
        def run(system, rtol, atol):
            if not warm:  # compiles
                warm.append(np.asarray(solve(1e-2, 1e-3).ys))
            began = time.perf_counter()
            solution = solve(rtol, atol)
            y = np.asarray(solution.ys)[0]
            seconds = time.perf_counter() - began
            if not np.all(np.isfinite(y)) or solution.result != diffrax.RESULTS.successful:
                return {"failed": "not successful", "seconds": seconds}
            # It counts steps, not evaluations.
            return {"error": error(system, y), "nfev": None, "seconds": seconds}
        return run
    return {name: {key: runner(name, m) for stiff in methods for key, m in methods[stiff].items()} for name in fields}


def equal_error(points, target, what):
    """log-log interpolation of `what` at an error; the loosest run's if that is better than asked; None if it is not reached."""
    good = sorted((p for p in points if p.get("error") and p.get(what)), key=lambda p: p["error"], reverse=True)
    front = []
    for p in good:  # what a cheaper run beats does not count
        while front and front[-1][what] >= p[what]: front.pop()
        front.append(p)
    if not front or front[-1]["error"] > target: return None
    if front[0]["error"] <= target: return front[0][what]
    for a, b in zip(front, front[1:]):
        if b["error"] <= target:
            share = math.log(a["error"] / target) / math.log(a["error"] / b["error"])
            return math.exp((1 - share) * math.log(a[what]) + share * math.log(b[what]))


def table(systems, results):
    lines = ["Errors in tolerances and evaluations.", "",
             "| problem | rtol | best of ours | its error | evaluations | auto | its error | evaluations | auto / best at auto's error | best of SciPy at the same error | ours / SciPy |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    for system in systems:
        rows = [r for r in results if r["problem"] == system["name"]]
        for rtol in (1e-3, 1e-6, 1e-9):
            def at(library, method):
                return next((r for r in rows if r["library"] == library and r["method"] == method and r["rtol"] == rtol), {})
            mine = [r for r in rows if r["library"] == "phaseflow" and r["method"] != "auto" and r["rtol"] == rtol and r.get("error") is not None]
            within = [r for r in mine if r["error"] <= max(10 * rtol, 2 * system["knownAccuracy"])]
            best = min(within, key=lambda r: r["nfev"]) if within else min(mine, key=lambda r: r["error"], default=None)
            if best is None: continue
            auto = at("phaseflow", "auto")
            curve = lambda library, method: [r for r in rows if r["library"] == library and r["method"] == method and "error" in r]
            target = max(best["error"], 1e-14)
            peers = {m: equal_error(curve("scipy", m), target, "nfev") for m in SCIPY[False] + SCIPY[True]}
            peers = {m: v for m, v in peers.items() if v}
            peer = min(peers, key=peers.get) if peers else None
            ratio = ""
            if auto.get("error"):
                costs = [equal_error(curve("phaseflow", m), max(auto["error"], 1e-14), "nfev") for m in OURS[False] + OURS[True] if m != "auto"]
                costs = [c for c in costs if c]
                if costs: ratio = f"{auto['nfev'] / min(costs):.2g}"
            lines.append("| " + " | ".join([
                system["name"], f"{rtol:.0e}", best["method"], f"{best['error'] / rtol:.2g}", f"{best['nfev']:,}",
                "yes" if auto.get("error") is not None else auto.get("failed", "-"),
                f"{auto['error'] / rtol:.2g}" if auto.get("error") is not None else "", f"{auto.get('nfev') or 0:,}", ratio,
                f"{peer}, {peers[peer]:,.0f}" if peer else "not reached", f"{best['nfev'] / peers[peer]:.2g}" if peer else ""]) + " |")
    return "\n".join(lines) + "\n"


def picture(systems, results, out):
    for what, label, name in (("seconds", "seconds", "work-precision"), ("nfev", "evaluations", "evaluations")):
        data, panels = [], []
        shown = [s for s in systems if any(r["problem"] == s["name"] and r.get("error") for r in results)]
        for system in shown:
            curves = []
            keys = sorted({(r["library"], r["method"]) for r in results if r["problem"] == system["name"]})
            for library, method in keys:
                points = [r for r in results if (r["problem"], r["library"], r["method"]) == (system["name"], library, method) and r.get("error") and r.get(what)]
                if not points: continue
                data.append("\n".join(f"{p['error']:.4g} {p[what]:.6g}" for p in points))
                style = {"phaseflow": "dt 1 lw 2 pt 7 ps 0.4", "scipy": "dt 2 lw 1.2 pt 6 ps 0.4", "diffrax": "dt 4 lw 1.2 pt 4 ps 0.4"}[library]
                colour = ["#000000", "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"][len([c for c in curves if c[0] == library]) % 8]
                curves.append((library, f"'{name}.dat' index {len(data) - 1} w lp {style} lc rgb '{colour}' t '{method if library == 'phaseflow' else library + ' ' + method}'"))
            if curves: panels.append(f"set title '{system['name']}, N = {system['dimension']}'\nplot " + ", \\\n  ".join(c for _, c in curves))
        columns = 3
        rows = math.ceil(len(panels) / columns)
        (out / f"{name}.dat").write_text("\n\n\n".join(data) + "\n")
        (out / f"{name}.gp").write_text(
            f"set terminal svg size {columns * 420},{rows * 340} font 'sans,10' background rgb 'white'\nset output '{name}.svg'\n"
            f"set multiplot layout {rows},{columns}\nset logscale xy\nset format '10^{{%T}}'\nset xrange [*:*] reverse\nset grid\nset key font ',7' samplen 2 left top\n"
            f"set xlabel 'error'\nset ylabel '{label}'\n" + "\n".join(panels) + "\nunset multiplot\n")
        subprocess.run(["gnuplot", f"{name}.gp"], cwd=out, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--phaseflow", default=str(ROOT / ".build/release/phaseflow"))
    parser.add_argument("--out", default=str(ROOT / "bench-output/systems"))
    parser.add_argument("--problems", default="")
    parser.add_argument("--rtols", default="1e-3,1e-4,1e-5,1e-6,1e-7,1e-8,1e-9")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--limit", type=float, default=5.0, help="seconds of one run, beyond which tighter tolerances are left out")
    parser.add_argument("--only", default="", help="phaseflow, scipy, diffrax")
    parser.add_argument("--report", action="store_true", help="tables and pictures from the results that are there")
    options = parser.parse_args()
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    program = os.path.abspath(options.phaseflow)
    systems = [s for s in json.loads(subprocess.run([program, "systems", "--json"], capture_output=True, text=True, check=True).stdout)
               if s["name"] in PROBLEMS and (not options.problems or s["name"] in options.problems.split(","))]
    path = out / "results.json"
    results = json.loads(path.read_text()) if path.exists() else []
    if not options.report:
        wanted = options.only.split(",") if options.only else ["phaseflow", "scipy", "diffrax"]
        names = {s["name"] for s in systems}
        results = [r for r in results if r["problem"] not in names or r["library"] not in wanted]
        compiled = diffrax_methods() if "diffrax" in wanted else {}
        if "diffrax" in wanted and not compiled: print("diffrax is not installed and left out", file=sys.stderr)
        for system in systems:
            name, stiff = system["name"], system["isStiff"]
            runs = []
            kinds = [False, True] if name in BOTH else [stiff]
            if "phaseflow" in wanted:
                for m in dict.fromkeys(m for k in kinds for m in OURS[k]):
                    runs.append(("phaseflow", m, lambda rtol, atol, m=m: ours(program, system, m, rtol, atol, options.limit)))
            if "scipy" in wanted:
                for m in dict.fromkeys(m for k in kinds for m in SCIPY[k]):
                    runs.append(("scipy", m, lambda rtol, atol, m=m: scipy_run(system, m, rtol, atol, options.limit)))
            for m, run in compiled.get(name, {}).items():
                if (m == "Kvaerno5") == stiff: runs.append(("diffrax", m, lambda rtol, atol, run=run: run(system, rtol, atol)))
            for library, method, run in runs:
                for rtol in map(float, options.rtols.split(",")):
                    atol = rtol * system["atolRatio"]
                    result = measure(options.limit, options.repeat, lambda: run(rtol, atol))
                    if result is None: break
                    results.append({"problem": name, "library": library, "method": method, "rtol": rtol, **result})
                    if result["seconds"] > options.limit: break
                print(f"{name:15s} {library:9s} {method:16s} " + " ".join(
                    f"{r['error'] / r['rtol']:.1e}" if r.get("error") is not None else "failed" for r in results
                    if (r["problem"], r["library"], r["method"]) == (name, library, method)), flush=True)
            path.write_text(json.dumps(results, indent=1))
    (out / "table.md").write_text(table(systems, results))
    picture(systems, results, out)
    print((out / "table.md").read_text())


main()
