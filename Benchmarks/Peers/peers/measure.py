"""Starts a measurement in a process of its own, on one core, and ends it when its time is up."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .problems import HERE, Problem, atol

WARM_UP = 180.0
"""Seconds that importing and compiling may take; not counted."""

CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
"""The cores that this process had at its start."""

PATIENCE = 5
"""A process that gets less than one in so many seconds of a core is ended all the same."""


@dataclass
class Measurement:
    """One method at one tolerance. `status`: ok, timeout, skipped (a looser tolerance timed out), failed, missing.

    Both clocks are kept. Everything runs on one thread, so on a busy machine processor time is what wall-clock time
    would be on a quiet one, and the smaller of the two is compared; `limit` is of processor time.
    """

    problem: str
    library: str
    method: str
    rtol: float
    status: str
    limit: float
    version: str = ""
    wall_seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    rd_w: float | None = None
    error: float | None = None
    nfev: int | None = None
    steps: int | None = None
    message: str = ""

    @property
    def name(self) -> str:
        return f"{self.library} {self.method}"

    @property
    def best(self) -> float | None:
        return min(self.wall_seconds + self.processor_seconds, default=None)

    def record(self) -> dict:
        return asdict(self) | {"atol": atol(self.rtol), "best": self.best}

    @staticmethod
    def from_record(record: dict) -> Measurement:
        return Measurement(**{k: v for k, v in record.items() if k not in ("atol", "best")})


def one_thread() -> dict[str, str]:
    """The environment of a peer: every library that could start threads is told not to."""
    env = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        env[name] = "1"
    env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    env["JAX_PLATFORMS"] = "cpu"
    # A BLAS kernel forced from outside, below what the processor can do, would slow NumPy down.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        env.pop(name, None)
    env["PYTHONPATH"] = str(HERE)
    return env


def pin_to_quiet_core() -> None:
    """Holds this process, and what it starts, on the core that has been idle most in the last moment."""
    if not hasattr(os, "sched_setaffinity"):
        return

    def idle() -> dict[int, int]:
        lines = Path("/proc/stat").read_text().splitlines()
        rows = [line.split() for line in lines if line.startswith("cpu") and line[3].isdigit()]
        return {int(r[0][3:]): int(r[4]) for r in rows}

    before = idle()
    time.sleep(0.3)
    after = idle()
    cores = [c for c in CORES if c in after]
    if cores:
        os.sched_setaffinity(0, {max(cores, key=lambda c: after[c] - before.get(c, 0))})


def run_peer(library: str, method: str, version: str, problem: Problem, rtol: float, limit: float) -> Measurement:
    """One peer at one tolerance; a run that exceeds `limit` seconds of processor time is ended."""
    pin_to_quiet_core()
    result = Measurement(problem.name, library, method, rtol, "failed", limit, version)
    command = [sys.executable, "-m", "peers.worker", library, method, problem.name, repr(rtol), repr(limit)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=one_thread(), cwd=HERE)
    lines: queue.Queue[str | None] = queue.Queue()
    noise: list[str] = []

    def read() -> None:
        for line in process.stdout:  # type: ignore[union-attr]
            lines.put(line.strip())
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    listener = threading.Thread(target=lambda: noise.extend(process.stderr), daemon=True)  # type: ignore[arg-type]
    reader.start()
    listener.start()
    ready = False
    line: str | None = ""
    try:
        while True:
            try:
                line = lines.get(timeout=PATIENCE * limit if ready else WARM_UP)
            except queue.Empty:
                if not result.wall_seconds:
                    result.status = "timeout"
                    result.message = "" if ready else "not warm in time"
                break
            if line is None:
                break
            if line == "ready":
                ready = True
                continue
            row = json.loads(line)
            result.rd_w, result.nfev, result.steps = row["rdW"], row["nfev"], row["steps"]
            result.message = row["message"]
            if row["message"]:
                break
            result.wall_seconds.append(row["wallSeconds"])
            result.processor_seconds.append(row["processorSeconds"])
            result.status = "ok"
        if line is None:
            process.wait(10)
    finally:
        process.kill()
        process.wait()
        listener.join(1)
    if process.returncode == -signal.SIGXCPU and not result.wall_seconds:
        result.status = "timeout"
        return result
    if result.status == "failed" and not result.message:
        result.message = noise[-1].strip() if noise else f"exit code {process.returncode}"
    return result
