"""Runs every method on every problem and reports; `Benchmarks/Peers/run.sh --help` has the flags."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterator
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


def ladder(measure: Callable[[float], Measurement], problem: Problem) -> list[Measurement]:
    """From loose to tight; after a timeout the tighter ones are not tried. What has no tolerance runs once."""
    rows: list[Measurement] = []
    for rtol in problem.rtols:
        if rows and without_tolerance(rows[-1]):
            break
        if rows and rows[-1].status in ("timeout", "skipped"):
            rows.append(replace(rows[-1], rtol=rtol, status="skipped", message="a looser tolerance timed out"))
        else:
            rows.append(measure(rtol))
        r = rows[-1]
        if r.status == "ok":
            r.error = relative_error(r)
        shown = f"{r.best:.4g} s, RD_w {r.rd_w:.8g}, error {r.error:.1e}" if r.status == "ok" else r.message
        print(f"  {r.name:<31}{rtol:>7.0e}  {r.status:<8} {shown}", flush=True)
    return rows


def without_tolerance(r: Measurement) -> bool:
    return r.method.startswith(("euler", "gradient-descent"))


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
    parser.add_argument("--quick", action="store_true", help="at most 10 s a run and no m = 40,000")
    parser.add_argument("--limit", type=float, help="seconds of processor time a run may take, in place of the problem's")
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
    if flags.limit:
        problems = [replace(p, limit=flags.limit) for p in problems]
    wanted = flags.libraries.split(",") if flags.libraries else ["phaseflow", *libraries.EXPLICIT]
    for problem in [] if flags.report else problems:
        print(problem.title, flush=True)
        for library in wanted:
            rows = [r for r in rows if (r.problem, r.library) != (problem.name, library)]
            # One method after another, each kept as soon as it is done.
            for new in own_rows(executable, problem) if library == "phaseflow" else peer_rows(library, problem):
                rows += new
                report.save(out, rows, machine())
    text = report.table(rows, references)
    out.mkdir(parents=True, exist_ok=True)
    (out / "table.txt").write_text(text + "\n")
    print(text)
    if complaint := report.draw(out, rows, HERE / "work-precision.gp"):
        print(complaint)
    print(f"\nin {out}: results.json, results.csv, table.txt, work-precision.svg, work-precision.png")


def missing(problem: Problem, library: str, method: str, why: str) -> list[Measurement]:
    """A row that says so, printed too: nothing is left out silently."""
    print(f"  {library + ' ' + method:<31}         missing  {why}", flush=True)
    return [Measurement(problem.name, library, method, problem.rtols[0], "missing", problem.limit, message=why)]


def own_rows(executable: Path, problem: Problem) -> Iterator[list[Measurement]]:
    """PhaseFlow's integrators, one after another."""
    there = executable.exists()
    known = phaseflow.available(executable) if there else set()
    release = phaseflow.version(executable) if there else ""
    for integrator in phaseflow.INTEGRATORS["images" if problem.images else problem.activation]:
        if integrator.split("(")[0] in known:
            yield ladder(lambda rtol: phaseflow.run(executable, integrator, release, problem, rtol, problem.limit), problem)
        else:
            why = "this phaseflow has no such integrator" if there else f"{executable} is not there; build it first"
            yield missing(problem, "phaseflow", integrator, why)


def peer_rows(library: str, problem: Problem) -> Iterator[list[Measurement]]:
    """A peer's methods, one after another."""
    for method in (m for lib, m in libraries.methods(problem) if lib == library):
        try:
            version = libraries.version(library)
        except metadata.PackageNotFoundError:
            yield missing(problem, library, method, f"{library} is not installed")
            continue
        yield ladder(lambda rtol: run_peer(library, method, version, problem, rtol, problem.limit), problem)


if __name__ == "__main__":
    main()
