"""Writes references.json: RD_w of each problem, converged, with how it was obtained and what confirms it.

Run in Benchmarks/Peers: `PYTHONPATH=. ../../.venv-peers/bin/python reference/make_references.py [PROBLEM ...]`
ReLU problems need a C++17 compiler (CXX, default c++), images a release build of phaseflow and half an hour. m = 40,000 takes some five minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from peers import phaseflow
from peers.problems import PROBLEMS, Problem
from radau_structured import integrate

HERE = Path(__file__).resolve().parent
OUTPUT = HERE / "references.json"


def filippov(program: Path, folder: Path, problem: Problem, tol: float, start: np.ndarray, t_end: float) -> dict:
    """One run of filippov.cpp."""
    (folder / "points").write_text("".join(f"{p[0]!r} {y!r}\n" for p, y in zip(*(v.tolist() for v in problem.points()))))
    start.tofile(folder / "start")
    arguments = [problem.width, problem.gamma, problem.gamma_prime, t_end, tol, folder / "points", folder / "start"]
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def relu_reference(problem: Problem, program: Path, folder: Path) -> dict:
    tols = [1e-9, 1e-11] if problem.width > 5000 else [1e-9, 1e-11, 1e-13]
    runs = [filippov(program, folder, problem, tol, problem.start(), problem.t_end) for tol in tols]
    return {
        "method": "event-driven Dormand-Prince 5(4), every neuron's kinks located (reference/filippov.cpp)",
        "runs": runs,
    }


def image_reference(problem: Problem) -> dict:
    """PhaseFlow's exact treatment of kinks at tighter and tighter tolerances; hundreds of samples are too many for filippov.cpp."""
    program = HERE.parents[2] / ".build" / "release" / "phaseflow"
    found = [phaseflow.run(program, "kink-aware", "", problem, rtol, 600) for rtol in (1e-4, 1e-5, 1e-6)]
    runs = [{"rtol": r.rtol, "rdW": r.rd_w, "steps": r.steps} for r in found]
    return {
        "method": "PhaseFlow's kink-aware, which follows every kink of every neuron, at tighter and tighter tolerances",
        "runs": runs,
    }


def smooth_reference(problem: Problem) -> dict:
    return {
        "method": "SciPy Radau IIA(5), structured exact Newton matrix (reference/radau_structured.py)",
        "runs": [integrate(problem, rtol) for rtol in (1e-6, 1e-8, 1e-9)],
    }


def checks(program: Path, folder: Path) -> list[dict]:
    """Values that others computed: the design prototypes and their oracle."""
    bench = next(p for p in PROBLEMS if p.name == "bench-1000")
    rows = np.random.default_rng(1).standard_normal((3, 1000)).T.copy()
    prototype = filippov(program, folder, bench, 1e-11, rows, 1.1e8)
    small = Problem("bench-10", "", "bench-points", "relu", 10, 1.75, 20000.0, (), 0)
    oracle = filippov(program, folder, small, 1e-12, small.start(), small.t_end)
    return [
        {
            "what": "bench points, m = 1000, t = 1.1e8, start drawn as three rows of 1000: prototype at tol 1e-4 "
            "15.5882, SciPy RK45 at rtol 1e-5 15.5885",
            "expected": 15.5882,
            "rdW": prototype["rdW"],
        },
        {
            "what": "bench points, m = 10, t = 20000: event-driven DOP853 at rtol 1e-13 by another author",
            "expected": 3.1783941083307874,
            "rdW": oracle["rdW"],
        },
    ]


def main(names: list[str]) -> None:
    content = json.loads(OUTPUT.read_text()) if OUTPUT.exists() else {"problems": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = folder / "filippov"
        compiler = os.environ.get("CXX", "c++")
        subprocess.run([compiler, "-std=c++17", "-O3", "-march=native", "-o", program, HERE / "filippov.cpp"], check=True)
        content["checks"] = checks(program, folder)
        for problem in PROBLEMS:
            if names and problem.name not in names:
                continue
            if problem.images:
                made = image_reference(problem)
            elif problem.activation == "relu":
                made = relu_reference(problem, program, folder)
            else:
                made = smooth_reference(problem)
            last, before = made["runs"][-1]["rdW"], made["runs"][-2]["rdW"]
            old = content["problems"].get(problem.name, {})
            content["problems"][problem.name] = {
                "rdW": last,
                "lastChange": abs(last - before) / last,
                "start": f"numpy default_rng({problem.seed}).standard_normal({problem.start().shape})",
                "tEnd": problem.t_end,
                **made,
                "independent": old.get("independent", []),
            }
            OUTPUT.write_text(json.dumps(content, indent=2) + "\n")
            print(problem.name, last, f"changed by {abs(last - before) / last:.1e}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
