"""Runs every method on every problem and reports; `Benchmarks/Peers/run.sh --help` has the flags."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from . import libraries, phaseflow, report
from .measure import Measurement, run_peer
from .problems import HERE, PROBLEMS, Problem, problem as find

REFERENCES = HERE / "reference" / "references.json"


def machine() -> dict:
    """What the seconds were measured on."""
    model = ""
    if Path("/proc/cpuinfo").exists():
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else ""
    return {
        "processor": model or platform.processor(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "loadAverage": os.getloadavg()[0],
        "rule": "one core and one thread each; double precision; best of up to 3 runs (15 of PhaseFlow's below 0.1 s), "
        "wall-clock or processor time, whichever is less; compiling and importing are not counted",
    }


def ladder(measure, wanted: list[float]) -> list[Measurement]:
    """From loose to tight; after a timeout the tighter ones are not tried."""
    rows: list[Measurement] = []
    for rtol in wanted:
        if rows and rows[-1].status in ("timeout", "skipped", "missing"):
            status = "missing" if rows[-1].status == "missing" else "skipped"
            rows.append(replace(rows[-1], rtol=rtol, status=status, message=rows[-1].message or "after a timeout"))
        else:
            rows.append(measure(rtol))
        r = rows[-1]
        shown = f"{r.best:.4g} s, RD_w {r.rd_w:.8g}, error {r.error or relative_error(r):.1e}" if r.best else r.message
        print(f"  {r.name:<31}{rtol:>7.0e}  {r.status:<8} {shown}", flush=True)
    return rows


def relative_error(r: Measurement) -> float:
    exact = json.loads(REFERENCES.read_text())["problems"][r.problem]["rdW"]
    return abs((r.rd_w or 0) - exact) / exact


def main() -> None:
    parser = argparse.ArgumentParser(prog="run.sh", description="PhaseFlow beside SciPy, diffrax, torchdiffeq, scikit-SUNDAE.")
    parser.add_argument("--root", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--phaseflow", type=Path, help="the executable (default: .build/release/phaseflow)")
    parser.add_argument("--out", type=Path, help="folder of the results (default: bench-output/peers)")
    parser.add_argument("--problems", help=f"of {','.join(p.name for p in PROBLEMS)}")
    parser.add_argument("--libraries", help="measure these again (phaseflow, scipy, diffrax, ...); keep the other results")
    parser.add_argument("--quick", action="store_true", help="at most 10 s a run, no m = 40,000")
    parser.add_argument("--report", action="store_true", help="measure nothing; tables and diagram from results.json")
    flags = parser.parse_args()
    # A path on the command line is relative to where the command was given, not to this folder.
    here = Path(os.environ.get("CALLER_DIRECTORY", "."))
    out = here / flags.out if flags.out else flags.root / "bench-output" / "peers"
    executable = here / flags.phaseflow if flags.phaseflow else flags.root / ".build" / "release" / "phaseflow"

    references = json.loads(REFERENCES.read_text())["problems"]
    rows = report.load(out / "results.json")
    problems = [find(name) for name in flags.problems.split(",")] if flags.problems else list(PROBLEMS)
    if flags.quick:
        problems = [replace(p, limit=min(p.limit, 10)) for p in problems if p.width <= 1000]
    wanted = flags.libraries.split(",") if flags.libraries else ["phaseflow", *libraries.EXPLICIT]
    for problem in [] if flags.report else problems:
        print(problem.title, flush=True)
        for library in wanted:
            rows = [r for r in rows if (r.problem, r.library) != (problem.name, library)]
            new = own_rows(executable, problem) if library == "phaseflow" else peer_rows(library, problem)
            for r in new:
                if r.rd_w is not None:
                    r.error = relative_error(r)
            rows += new
            report.save(out, rows, machine())
    text = report.table(rows, references)
    print(text)
    out.mkdir(parents=True, exist_ok=True)
    (out / "table.txt").write_text(text + "\n")
    if complaint := report.draw(out, rows, HERE / "work-precision.gp"):
        print(complaint)
    print(f"\nin {out}: results.json, results.csv, table.txt, work-precision.svg, work-precision.png")


def own_rows(executable: Path, problem: Problem) -> list[Measurement]:
    if not executable.exists():
        print(f"  MISSING phaseflow: {executable} is not there; build it, or name it with --phaseflow")
        return [Measurement(problem.name, "phaseflow", "phaseflow", rtol, "missing", problem.limit) for rtol in problem.rtols]
    known, release = phaseflow.available(executable), phaseflow.version(executable)
    rows = []
    for integrator in phaseflow.INTEGRATORS[problem.activation]:
        if integrator.split(":")[0] not in known:
            print(f"  {'phaseflow ' + integrator:<31}         missing  this phaseflow has no such integrator")
            rows.append(Measurement(problem.name, "phaseflow", integrator, problem.rtols[0], "missing", problem.limit,
                                    message="this phaseflow has no such integrator"))  # fmt: skip
            continue
        rows += ladder(
            lambda rtol: phaseflow.run(executable, integrator, release, problem, rtol, problem.limit), list(problem.rtols)
        )
    return rows


def peer_rows(library: str, problem: Problem) -> list[Measurement]:
    rows = []
    for method in (m for lib, m in libraries.methods(problem) if lib == library):
        try:
            version = libraries.version(library)
        except metadata.PackageNotFoundError:
            print(f"  {library + ' ' + method:<31}         missing  {library} is not installed")
            rows.append(Measurement(problem.name, library, method, problem.rtols[0], "missing", problem.limit,
                                    message=f"{library} is not installed"))  # fmt: skip
            continue
        rows += ladder(
            lambda rtol: run_peer(library, method, version, problem, rtol, problem.limit), list(problem.rtols)
        )
    return rows


if __name__ == "__main__":
    main()
