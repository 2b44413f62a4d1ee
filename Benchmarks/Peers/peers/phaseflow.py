"""PhaseFlow's own runs, through its command line."""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from .measure import PATIENCE, Measurement, pin_to_quiet_core
from .problems import Problem, atol

# Every integrator that is tried, where the executable has it. "kink-aware" is for piecewise-linear activations.
INTEGRATORS = {
    "relu": ("dormand-prince", "bogacki-shampine", "cvode-adams", "kink-aware", "auto"),
    "images": ("euler(fraction: 0.9)", "rkc", "dormand-prince", "kink-aware", "exponential", "auto"),
    "tanh": ("dormand-prince", "cvode-adams", "cvode-bdf", "rkc", "auto"),
}
REPEATS, MANY, SHORT = 3, 15, 8.0
"""Repetitions; of runs below a tenth of a second; seconds beyond which a run is not repeated."""


def available(executable: Path) -> set[str]:
    """The names of the integrators in `phaseflow plugins --json`."""
    text = subprocess.run([executable, "plugins", "--json"], capture_output=True, text=True, check=True).stdout
    return {entry["name"] for entry in json.loads(text)["integrators"]}


def version(executable: Path) -> str:
    text = subprocess.run([executable, "--version"], capture_output=True, text=True).stdout
    return text.strip().splitlines()[0] if text.strip() else ""


def run(executable: Path, integrator: str, release: str, problem: Problem, rtol: float, limit: float) -> Measurement:
    """One integrator at one tolerance, from the same start; seconds are the program's own, of the integration."""
    result = Measurement(problem.name, "phaseflow", integrator, rtol, "failed", limit, release)
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder) / "start.npy"
        np.save(start, problem.start())
        command = [
            str(executable), "run", "--data", problem.data_argument(), "--activation", problem.activation,
            "--width", str(problem.width), "--gamma", repr(problem.gamma), "--gamma-prime", repr(problem.gamma_prime),
            "--integrator", integrator, "--rtol", repr(rtol), "--atol", repr(atol(rtol)),
            "--initial-state", str(start), "--t-end", repr(problem.t_end),
            "--observe", "relative-distance", "--record", "endpoints", "--json", "--quiet",
        ]  # fmt: skip
        env = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        repeats = REPEATS
        while len(result.wall_seconds) < repeats:
            pin_to_quiet_core()
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, env=env, timeout=PATIENCE * limit,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit) + 1,) * 2),
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                done = None
            if done is None or done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
                if not result.wall_seconds:
                    result.status = "timeout"
                break
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            # With the program's start: an upper bound of the integration's.
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            try:
                summary = json.loads(done.stdout)
            except json.JSONDecodeError:
                result.message = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no output"
                break
            if summary["returnCode"] != "success":
                result.message = f"{summary['returnCode']}: {summary.get('message', '')}"
                break
            statistics = summary["statistics"]
            result.rd_w = summary["observers"]["relative-distance"]["w"]
            result.nfev, result.steps = statistics["nfev"], statistics["accepted"]
            seconds = statistics["wallSeconds"]
            result.status = "ok"
            result.wall_seconds.append(seconds)
            result.processor_seconds.append(used)
            if seconds < 0.1:
                repeats = MANY
            elif used > SHORT:
                break
    return result
