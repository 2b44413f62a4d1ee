"""Confirms references.json by programs that share nothing with it: PhaseFlow's own integrators at tight tolerances.

Run in Benchmarks/Peers: `PYTHONPATH=. ../../.venv-peers/bin/python reference/confirm.py PHASEFLOW`.
Writes what they say into references.json as `independent`, and ends with 1 if one is further off than its share.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from peers import phaseflow
from peers.problems import PROBLEMS

OUTPUT = Path(__file__).resolve().parent / "references.json"

# Integrator, rtol, and the largest relative difference in RD_w allowed. Plain integrators chatter along the kinks
# and converge like 1/steps only: theirs is a check of the solution concept, not of digits.
CONFIRMATIONS = {
    "bench-1000": [("kink-aware", 1e-9, 1e-9), ("dormand-prince", 1e-6, 3e-5), ("bogacki-shampine", 1e-6, 3e-5)],
    "four-1000": [("kink-aware", 1e-9, 1e-9), ("dormand-prince", 1e-6, 3e-5), ("bogacki-shampine", 1e-6, 3e-5)],
    "bench-40000": [("kink-aware", 1e-8, 1e-8)],
    "line-tanh": [("cvode-bdf", 1e-9, 1e-6)],
    "images-0.5": [("dormand-prince", 1e-5, 5e-5)],
    "images-1": [("dormand-prince", 1e-4, 1e-5)],
    "images-1.75": [("dormand-prince", 1e-3, 5e-5)],
}


def main(executable: str) -> None:
    content = json.loads(OUTPUT.read_text())
    bad = 0
    for problem in PROBLEMS:
        entry = content["problems"][problem.name]
        entry["independent"] = []
        for integrator, rtol, allowed in CONFIRMATIONS[problem.name]:
            r = phaseflow.run(Path(executable), integrator, "", problem, rtol, 300)
            if r.status != "ok" or r.rd_w is None:
                print(problem.name, integrator, r.status, r.message)
                bad += 1
                continue
            difference = abs(r.rd_w - entry["rdW"]) / entry["rdW"]
            bad += difference > allowed
            entry["independent"].append(
                {"program": f"phaseflow {integrator}", "rtol": rtol, "rdW": r.rd_w, "difference": difference}
            )
            print(f"{problem.name} {integrator} {rtol:g}: {r.rd_w:.12g}, off by {difference:.1e}, allowed {allowed:g}", flush=True)
    OUTPUT.write_text(json.dumps(content, indent=2) + "\n")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
