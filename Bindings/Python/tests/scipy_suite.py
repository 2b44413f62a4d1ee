"""SciPy's own tests of solve_ivp, with phaseflow's in its place: `python tests/scipy_suite.py`, with pytest and SciPy.

Prints what passes, and what does not with the reason that EXPECTED gives; exits with 1 where that is not as expected.
"""

from __future__ import annotations

import re
import sys

import pytest
import scipy.integrate._ivp.tests.test_ivp as suite

import phaseflow

# Tests of SciPy's insides: classes of solvers, which phaseflow does not have.
INSIDES = {
    "test_max_step": "steps SciPy's solver classes itself",
    "test_first_step": "steps SciPy's solver classes itself",
    "test_OdeSolution": "a test of SciPy's class OdeSolution",
    "test_num_jac": "a test of SciPy's differences",
    "test_num_jac_sparse": "a test of SciPy's differences",
    "test_classes": "steps SciPy's solver classes itself",
    "test_no_integration_class": "steps SciPy's solver classes itself",
    "test_ConstantDenseOutput": "a test of SciPy's class ConstantDenseOutput",
}
EXPECTED: dict[str, str] = {
    "^test_integration$": "allows 49 evaluations of DOP853, which takes 51 (four look into long steps), and two Jacobians of Radau, which takes four",
    "^test_integration_complex$": "counts the evaluations of SciPy's BDF, below 25; 'BDF' is radau here, and takes 26 to 40",
    "^test_duplicate_timestamps$": "asks for the solution 1600 steps beyond its end",
    "^test_t_eval_early_event$": "takes a solution without times for an empty list; here it is an empty array",
}
"""Of the rest, by a pattern of the test's name: why it cannot pass."""


class Collected:
    """Patches the module before its tests run, and keeps what came of them."""

    def __init__(self):
        self.outcomes: dict[str, tuple[str, str]] = {}

    @pytest.fixture
    def num_parallel_threads(self):
        """Of the plug-in that SciPy runs its tests in threads with."""
        return 1

    def pytest_collection_modifyitems(self, items):
        suite.solve_ivp = phaseflow.solve_ivp
        items[:] = [item for item in items if getattr(item, "originalname", item.name) not in INSIDES]

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome == "failed":
            text = "" if report.outcome == "passed" else str(getattr(report.longrepr, "reprcrash", report.longrepr))
            self.outcomes[report.nodeid.split("::", 1)[1]] = (report.outcome, text.splitlines()[0] if text else "")


def main() -> int:
    """Runs them; the exit code."""
    collected = Collected()
    pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", "--tb=no", "-W", "ignore", suite.__file__, *sys.argv[1:]], plugins=[collected])
    surprises = 0
    for name, (outcome, text) in sorted(collected.outcomes.items()):
        reason = next((why for pattern, why in EXPECTED.items() if re.search(pattern, name)), None)
        if outcome == "passed" and reason is None:
            print(f"passes   {name}")
        elif outcome == "failed" and reason is not None:
            print(f"differs  {name}: {reason}")
        else:
            surprises += 1
            print(f"{outcome.upper()}  {name}: {reason or text}")
    for name, why in INSIDES.items():
        print(f"left out {name}: {why}")
    passed = sum(outcome == "passed" for outcome, _ in collected.outcomes.values())
    print(f"{passed} of {len(collected.outcomes)} pass; {surprises} are not as expected")
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
