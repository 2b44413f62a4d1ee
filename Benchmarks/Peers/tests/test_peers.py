"""Checks of the benchmark itself. In Benchmarks/Peers: `../../.venv-peers/bin/python -m unittest discover tests`."""

from __future__ import annotations

import unittest
from dataclasses import replace

import numpy as np

from peers.flow import jax_flow, largest_rate, numpy_flow, numpy_jacobian, pack, torch_flow
from peers.measure import Measurement
from peers.precision import Seconds, ratio, seconds_at
from peers.problems import PROBLEMS, Problem


def small_problems() -> list[Problem]:
    """The problems with seven neurons and a model of order one, so that differences have digits."""
    return [replace(p, width=7, gamma=0.5) for p in PROBLEMS]


def risk(problem: Problem, u: np.ndarray) -> float:
    """R (10), neuron by neuron from its definition."""
    x, y = problem.points()
    theta = u.reshape(-1, problem.width)
    activation = np.tanh if problem.activation == "tanh" else lambda h: np.maximum(h, 0)
    f = [problem.kappa * sum(a * activation(w @ p) for a, w in zip(theta[0], theta[1:].T)) for p in x]
    return float(np.mean((np.array(f) - y) ** 2) / 2)


class Flows(unittest.TestCase):
    def test_flow_is_the_mobility_times_the_gradient_of_the_risk(self) -> None:
        for problem in small_problems():
            problem = replace(problem, gamma_prime=0.3)
            u = pack(problem.integrated_start())
            m = problem.width
            mobility = np.concatenate([np.full(m, 1 / problem.kappa_prime), np.full(u.size - m, problem.kappa_prime)])
            # Central differences: truncation h^2 = 1e-10, rounding 1e-16 / h = 1e-11.
            h, gradient = 1e-5, np.empty_like(u)
            for j in range(u.size):
                step = np.zeros_like(u)
                step[j] = h
                gradient[j] = (risk(problem, u + step) - risk(problem, u - step)) / (2 * h)
            np.testing.assert_allclose(numpy_flow(problem)(0, u), -mobility * gradient, atol=1e-9)

    def test_three_libraries_have_the_same_flow(self) -> None:
        import jax
        import torch

        jax.config.update("jax_enable_x64", True)
        for problem in PROBLEMS:
            u = pack(problem.integrated_start())
            expected = numpy_flow(problem)(0, u)
            # Sums of m terms in another order.
            tolerance = 1e-12 * np.abs(expected).max()
            np.testing.assert_allclose(np.asarray(jax_flow(problem)(0, u)), expected, atol=tolerance, rtol=0)
            np.testing.assert_allclose(torch_flow(problem)(0, torch.from_numpy(u)).numpy(), expected, atol=tolerance, rtol=0)

    def test_jacobian_is_the_derivative_of_the_flow(self) -> None:
        problem = next(p for p in small_problems() if p.activation == "tanh")
        u = pack(problem.integrated_start())
        f, h = numpy_flow(problem), 1e-6
        j = numpy_jacobian(problem)(0, u)
        for column in range(u.size):
            step = np.zeros_like(u)
            step[column] = h
            np.testing.assert_allclose(j[:, column], (f(0, u + step) - f(0, u - step)) / (2 * h), atol=1e-9)


    def test_learning_rates_come_from_a_bound_on_the_jacobian(self) -> None:
        for problem in (p for p in small_problems() if p.images):
            u = pack(problem.integrated_start())
            f, h = numpy_flow(problem), 1e-7
            columns = [(f(0, u + h * e) - f(0, u - h * e)) / (2 * h) for e in np.eye(u.size)]
            # Self-adjoint in the metric of the mobility, which is the identity here.
            largest = np.abs(np.linalg.eigvalsh(np.column_stack(columns))).max()
            self.assertLessEqual(largest, 1.001 * largest_rate(problem, u))
            self.assertGreater(3 * largest, largest_rate(problem, u))


class EqualAccuracy(unittest.TestCase):
    def rows(self, *points: tuple[float, float], timeout: bool = False) -> list[Measurement]:
        made = [Measurement("p", "l", "m", 1e-3, "ok", 60, wall_seconds=[t], error=e) for t, e in points]
        return made + ([Measurement("p", "l", "m", 1e-4, "timeout", 60)] if timeout else [])

    def test_time_is_a_power_of_the_error_between_two_runs(self) -> None:
        # seconds = 1 / sqrt(error)
        found = seconds_at(self.rows((10, 1e-2), (100, 1e-4)), 1e-3)
        self.assertEqual(found.relation, "=")
        self.assertAlmostEqual(found.value, 10**1.5)

    def test_a_slower_run_that_is_less_accurate_does_not_count(self) -> None:
        found = seconds_at(self.rows((1, 1e-2), (2, 5e-2), (100, 1e-4)), 1e-3)
        self.assertAlmostEqual(found.value, 10.0)

    def test_bounds_are_marked(self) -> None:
        self.assertEqual(seconds_at(self.rows((1, 1e-5)), 1e-3), Seconds(1, "<="))
        self.assertEqual(seconds_at(self.rows((1, 1e-2)), 1e-3), Seconds(1, ">"))
        self.assertEqual(seconds_at(self.rows((1, 1e-2), timeout=True), 1e-3), Seconds(60, ">"))
        self.assertIsNone(seconds_at([], 1e-3))
        self.assertEqual(ratio(Seconds(60, ">"), Seconds(1, "=")), "> 60")
        self.assertEqual(ratio(Seconds(6, "="), Seconds(1, "<=")), "> 6")
        self.assertEqual(ratio(Seconds(6, "<="), Seconds(1, "=")), "≤ 6")
        self.assertEqual(ratio(Seconds(6, "<="), Seconds(1, "<=")), "~6")


if __name__ == "__main__":
    unittest.main()
