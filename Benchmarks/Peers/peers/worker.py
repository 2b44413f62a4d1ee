"""One integration in a process of its own, so that it can be ended: `python -m peers.worker LIBRARY METHOD PROBLEM RTOL LIMIT`.

Prints `ready` when compiled and warm, then one JSON line a repetition. A repetition that takes more than the
problem's limit of processor time ends the process (SIGXCPU).
"""

from __future__ import annotations

import json
import math
import resource
import sys
import time

from .flow import relative_distance
from .libraries import prepare
from .problems import problem as find

REPEATS = 3
SHORT = 8.0
"""Seconds; longer runs are not repeated."""


def main(library: str, method: str, name: str, rtol: str, limit: str) -> None:
    problem = find(name)
    integrate = prepare(library, method, problem, float(rtol))
    print("ready", flush=True)
    for _ in range(REPEATS):
        before, processor = time.perf_counter(), time.process_time()
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(processor + float(limit)), resource.RLIM_INFINITY))
        outcome = integrate()
        wall, used = time.perf_counter() - before, time.process_time() - processor
        row = {
            "wallSeconds": wall,
            "processorSeconds": used,
            "rdW": relative_distance(problem, outcome.state),
            "nfev": outcome.nfev,
            "steps": outcome.steps,
            "message": outcome.message,
        }
        print(json.dumps(row), flush=True)
        if used > SHORT or outcome.message:
            break


if __name__ == "__main__":
    main(*sys.argv[1:])
