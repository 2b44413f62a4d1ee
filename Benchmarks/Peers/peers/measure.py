"""Starts a measurement in a process of its own, on one core, and ends it when its time is up."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .problems import HERE, Problem, atol

WARM_UP = 180.0
"""Seconds that importing and compiling may take; not counted."""


@dataclass
class Measurement:
    """One method at one tolerance. `status`: ok, timeout, skipped (a looser tolerance timed out), failed, missing."""

    problem: str
    library: str
    method: str
    rtol: float
    status: str
    limit: float
    version: str = ""
    wall_seconds: list[float] = field(default_factory=list)
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
        return min(self.wall_seconds) if self.wall_seconds else None

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

    if not hasattr(pin_to_quiet_core, "cores"):
        pin_to_quiet_core.cores = os.sched_getaffinity(0)  # type: ignore[attr-defined]
    before = idle()
    time.sleep(0.3)
    after = idle()
    cores = [c for c in pin_to_quiet_core.cores if c in after]  # type: ignore[attr-defined]
    if cores:
        os.sched_setaffinity(0, {max(cores, key=lambda c: after[c] - before.get(c, 0))})


def run_peer(library: str, method: str, version: str, problem: Problem, rtol: float, limit: float) -> Measurement:
    """One peer at one tolerance; a run that exceeds `limit` seconds is ended."""
    pin_to_quiet_core()
    result = Measurement(problem.name, library, method, rtol, "failed", limit, version)
    command = [sys.executable, "-m", "peers.worker", library, method, problem.name, repr(rtol)]
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
    try:
        while True:
            try:
                line = lines.get(timeout=limit + 1 if ready else WARM_UP)
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
            result.status = "ok"
    finally:
        process.kill()
        process.wait()
        listener.join(1)
    if result.status == "failed" and not result.message:
        result.message = noise[-1].strip() if noise else f"exit code {process.returncode}"
    return result
