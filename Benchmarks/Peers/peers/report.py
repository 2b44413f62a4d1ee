"""results.json, results.csv, the printed tables and the data of the diagram."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

from .measure import Measurement
from .precision import ratio, seconds_at
from .problems import PROBLEMS, atol

LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)
"""Relative errors in RD_w at which seconds are compared."""


def load(file: Path) -> list[Measurement]:
    if not file.exists():
        return []
    return [Measurement.from_record(r) for r in json.loads(file.read_text())["measurements"]]


def save(folder: Path, rows: list[Measurement], machine: dict) -> None:
    """Writes results.json and results.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = {
        p.name: {f"{level:g}": {name: str(s) for name, s in at.items() if s} for level, at in levels(rows, p.name).items()}
        for p in PROBLEMS
        if any(r.problem == p.name for r in rows)
    }
    content = {"machine": machine, "secondsAtError": summary, "measurements": [r.record() for r in rows]}
    partial = folder / "results.json.part"
    partial.write_text(json.dumps(content, indent=1) + "\n")
    partial.replace(folder / "results.json")
    with open(folder / "results.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow("problem library method rtol atol status seconds rd_w error nfev steps message".split())
        for r in rows:
            out.writerow(
                [r.problem, r.library, r.method, f"{r.rtol:g}", f"{atol(r.rtol):g}", r.status]
                + ["" if v is None else v for v in (r.best, r.rd_w, r.error, r.nfev, r.steps)]
                + [r.message]
            )


def grouped(rows: list[Measurement], problem: str) -> dict[tuple[str, str], list[Measurement]]:
    """The rows of a problem by library and method, PhaseFlow's first."""
    groups: dict[tuple[str, str], list[Measurement]] = {}
    for r in sorted((r for r in rows if r.problem == problem), key=lambda r: r.library != "phaseflow"):
        groups.setdefault((r.library, r.method), []).append(r)
    for group in groups.values():
        group.sort(key=lambda r: -r.rtol)
    return groups


def levels(rows: list[Measurement], problem: str) -> dict[float, dict]:
    return {
        level: {" ".join(key): seconds_at(group, level) for key, group in grouped(rows, problem).items()}
        for level in LEVELS
    }


def table(rows: list[Measurement], reference: dict[str, dict]) -> str:
    """Every run, then seconds at equal accuracy with the ratio to PhaseFlow's best."""
    lines: list[str] = []
    for p in PROBLEMS:
        groups = grouped(rows, p.name)
        if not groups:
            continue
        limits = "/".join(f"{v:g}" for v in sorted({r.limit for g in groups.values() for r in g}))
        lines += [
            "",
            p.title,
            f"gamma {p.gamma:g}, gamma' {p.gamma_prime:g}; converged RD_w = {reference[p.name]['rdW']:.12g}; "
            f"at most {limits} s a run",
            f"  {'integrator':<31}{'rtol':>7}{'seconds':>11}{'RD_w':>13}{'rel. error':>12}{'nfev':>10}{'steps':>9}",
        ]
        for (library, method), group in groups.items():
            for r in group:
                head = f"  {library + ' ' + method:<31}{r.rtol:>7.0e}"
                if r.status == "ok":
                    lines.append(
                        head + f"{r.best:>11.4g}{r.rd_w:>13.8g}{r.error:>12.1e}"
                        f"{'' if r.nfev is None else r.nfev:>10}{'' if r.steps is None else r.steps:>9}"
                    )
                else:
                    lines.append(head + f"{r.status:>11}  {r.message[:80]}")
        lines += ["", "  seconds at a relative error in RD_w of, and how many times PhaseFlow's best:"]
        lines.append(f"  {'':<31}" + "".join(f"{level:>12.0e}{'ratio':>11}" for level in LEVELS))
        at = levels(rows, p.name)
        best = {}
        for level in LEVELS:
            ours = [s for name, s in at[level].items() if name.startswith("phaseflow") and s and s.relation != ">"]
            best[level] = min(ours, key=lambda s: s.value, default=None)
        for key in groups:
            name = " ".join(key)
            cells = ""
            for level in LEVELS:
                s = at[level][name]
                cells += f"{'-' if s is None else str(s):>12}{ratio(s, best[level]):>11}"
            lines.append(f"  {name:<31}{cells}")
    return "\n".join(lines)


STYLES = {
    # library: colour, point types of its methods in turn
    "phaseflow": ("#c1121f", (7, 15, 9, 13, 11, 5)),
    "scipy": ("#0a6ebd", (6, 4, 8, 12, 10)),
    "diffrax": ("#2a9d3a", (6, 4, 8)),
    "torchdiffeq": ("#e07b00", (6,)),
    "scikit-sundae": ("#7a3fa0", (6, 4, 8)),
    "torch": ("#8a6d00", (3,)),
}


PLAIN = {("phaseflow", m) for m in ("dormand-prince", "bogacki-shampine", "cvode-adams")}
"""Ours without knowledge of the problem: in a paler red."""


def draw(folder: Path, rows: list[Measurement], script: Path) -> str:
    """Writes the diagram's data and a complete gnuplot script, and runs it; returns "" or why there is no picture."""
    panels = [p for p in PROBLEMS if any(r.problem == p.name and r.status == "ok" for r in rows)]
    if not panels:
        return "no run finished, nothing to draw"
    used = {(r.library, r.method) for r in rows if r.status == "ok"}
    order = sorted(used, key=lambda k: (list(STYLES).index(k[0]), k[1]))
    style = {}
    for library, method in order:
        colour, points = STYLES[library]
        if (library, method) in PLAIN:
            colour = "#e88b7d"
        style[library, method] = (colour, points[[m for lib, m in order if lib == library].index(method) % len(points)])
    blocks: list[str] = []
    body = [
        "# Work-precision diagram: run `gnuplot work-precision.gp` in this folder.",
        f"panels = {len(panels)}",
    ]
    for number, p in enumerate(panels):
        plots = []
        for key, group in grouped(rows, p.name).items():
            points = [(r.best, max(r.error, 1e-13)) for r in group if r.status == "ok" and r.error is not None]
            if not points:
                continue
            library, method = key
            colour, point = style[key]
            width = 2.5 if library == "phaseflow" else 1.2
            plots.append(
                f"'work-precision.dat' index {len(blocks)} using 2:1 with linespoints "
                f"lc rgb '{colour}' lw {width} pt {point} ps 1.1 notitle"
            )
            blocks.append(f"# {p.name}: {library} {method}; seconds, relative error\n" + "".join(f"{t:.6g} {e:.6g}\n" for t, e in points))
        body.append(f"title{number} = \"{p.title}\"")
        body.append(f"plot{number} = \"" + ", ".join(plots) + '"')
    keys = ", ".join(
        f"NaN with linespoints lc rgb '{style[k][0]}' lw {2.5 if k[0] == 'phaseflow' else 1.2} pt {style[k][1]} ps 1.1 "
        f"title '{k[0]} {k[1]}'"
        for k in order
    )
    body.append(f'keys = "{keys}"')
    (folder / "work-precision.dat").write_text("\n\n".join(blocks))
    (folder / "work-precision.gp").write_text("\n".join(body) + "\n\n" + script.read_text())
    try:
        done = subprocess.run(["gnuplot", "work-precision.gp"], cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        return "no picture: gnuplot is not installed; work-precision.gp draws it"
    return done.stderr.strip()
