"""solve_ivp: against closed forms, published values, and SciPy where it is installed."""

import copy
import ctypes
import gc
import importlib.util
import pathlib
import pickle
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
import warnings

import numpy as np

import phaseflow
from phaseflow import solve_ivp

HAS_SCIPY = importlib.util.find_spec("scipy") is not None
HAS_NUMBA = importlib.util.find_spec("numba") is not None
ADAPTIVE = ["auto", "bogacki-shampine", "dormand-prince", "dop853", "radau", "rodas", "rkc", "cvode-adams", "cvode-bdf"]


def decay(t, y):
    return -y


def oscillator(t, y):
    return [y[1], -y[0]]


class Solutions(unittest.TestCase):
    def test_every_adaptive_method_follows_the_exponential(self):
        # y = exp(-t). A step's error of size tol is h^(p+1), so that the sum over 1/h steps is tol^(p/(p+1)): of order
        # two tol^(2/3), and the higher the order the nearer to tol.
        for method in ADAPTIVE:
            bound = 10 * 1e-6 ** (2 / 3) if method == "rkc" else 100 * 1e-6
            with self.subTest(method):
                found = solve_ivp(decay, (0, 3), [1.0, 2.0], method, rtol=1e-6, atol=1e-9)
                self.assertTrue(found.success, found.message)
                np.testing.assert_allclose(found.y[:, -1], np.exp(-3) * np.array([1, 2]), rtol=bound)

    def test_fixed_steps_converge_with_the_order_of_the_method(self):
        errors = [
            abs(solve_ivp(decay, (0, 1), [1.0], "rk4", step=h).y[0, -1] - np.exp(-1)) for h in (0.1, 0.05)
        ]
        self.assertAlmostEqual(np.log2(errors[0] / errors[1]), 4, delta=0.2)

    def test_robertson_has_the_published_end(self):
        # IVP test set, Robertson at t = 1e11.
        def robertson(t, y):
            a, b, c = y
            rate = 3e7 * b * b
            return [-0.04 * a + 1e4 * b * c, 0.04 * a - 1e4 * b * c - rate, rate]

        expected = [0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050]
        found = solve_ivp(robertson, (0, 1e11), [1.0, 0, 0], "Radau", rtol=1e-8, atol=1e-18)
        np.testing.assert_allclose(found.y[:, -1], expected, rtol=1e-5)

    def test_positive_components_do_not_fall_below_zero(self):
        # Dahlquist's knee, 1e-4 y' = (1 - t) y - y^2: y stays above zero, and is less than exp(-5000) at the end. A long step of BDF falls to
        # the branch that repels, y = 1 - t.
        def knee(t, y):
            return 1e4 * ((1 - t) * y - y * y)

        def run(**options):
            return solve_ivp(knee, (0, 2), [1.0], "cvode-bdf", rtol=1e-2, atol=1e-5, **options)

        fallen = run()
        self.assertEqual((fallen.success, fallen.return_code), (False, "invariantLost"))
        self.assertLess(fallen.y[0, -1], -0.9)
        for positive in (True, [0]):
            kept = run(positive=positive)
            self.assertTrue(kept.success, kept.message)
            self.assertGreaterEqual(kept.y.min(), 0)
            self.assertLess(kept.y[0, -1], 1e-2)
        with self.assertRaisesRegex(ValueError, "there is no component 1"):
            run(positive=[1])
        with self.assertRaisesRegex(ValueError, "begins at -1"):
            solve_ivp(decay, (0, 1), [-1.0], positive=True)

    def test_a_jacobian_is_used(self):
        def jacobian(t, y):
            return np.array([[0, 1], [-1, 0]])

        calls = []
        found = solve_ivp(oscillator, (0, 3), [1.0, 0], "radau", jac=lambda t, y: calls.append(t) or jacobian(t, y))
        self.assertGreater(len(calls), 0)
        constant = solve_ivp(oscillator, (0, 3), [1.0, 0], "radau", jac=jacobian(0, None))
        np.testing.assert_array_equal(constant.y, found.y)
        with self.assertRaisesRegex(ValueError, "shape"):
            solve_ivp(oscillator, (0, 3), [1.0, 0], "radau", jac=np.eye(3))

    def test_a_jacobian_is_not_transposed(self):
        # Strongly one-sided: with J transposed Newton's iteration of this problem does not converge.
        matrix = np.array([[-1.0, 1e4], [0.0, -1.0]])
        right = solve_ivp(lambda t, y: matrix @ y, (0, 1), [0.0, 1.0], "radau", jac=lambda t, y: matrix, rtol=1e-8, atol=1e-10)
        # (t 1e4, 1) exp(-t)
        np.testing.assert_allclose(right.y[:, -1], np.exp(-1) * np.array([1e4, 1]), rtol=1e-6)
        differences = solve_ivp(lambda t, y: matrix @ y, (0, 1), [0.0, 1.0], "radau", rtol=1e-8, atol=1e-10)
        self.assertLessEqual(right.statistics["accepted"], differences.statistics["accepted"] + 2)

    def test_complex_states(self):
        # y = exp(i t), with the complex Jacobian i.
        for method, jac in (("dormand-prince", None), ("radau", [[1j]])):
            found = solve_ivp(lambda t, y: 1j * y, (0, 2), [1.0 + 0j], method, rtol=1e-8, atol=1e-10, jac=jac, dense_output=True)
            self.assertEqual(found.y.dtype, np.complex128)
            np.testing.assert_allclose(found.y[0], np.exp(1j * found.t), rtol=1e-6)
            np.testing.assert_allclose(found.sol(1.3), [np.exp(1.3j)], rtol=1e-6)

    def test_backwards(self):
        found = solve_ivp(decay, (1, -1), [1.0], "dormand-prince", rtol=1e-8, atol=1e-10, dense_output=True)
        np.testing.assert_allclose(found.y[0], np.exp(1 - found.t), rtol=1e-6)
        np.testing.assert_allclose(found.sol([0.5, 0, -0.5])[0], np.exp([0.5, 1, 1.5]), rtol=1e-6)

    def test_args_and_vectorized(self):
        found = solve_ivp(lambda t, y, a, b: -a * y + b, (0, 1), [1.0], "dormand-prince", args=(2.0, 0.0), rtol=1e-8, atol=1e-10)
        self.assertAlmostEqual(found.y[0, -1], np.exp(-2), places=7)
        shapes = set()

        def vectorized(t, y):
            shapes.add(y.shape)
            return -y

        same = solve_ivp(vectorized, (0, 1), [1.0, 3.0], "dormand-prince", vectorized=True)
        np.testing.assert_array_equal(same.y, solve_ivp(decay, (0, 1), [1.0, 3.0], "dormand-prince").y)
        self.assertEqual(shapes, {(2, 1)})

    def test_the_state_that_a_function_gets_is_its_own(self):
        kept = []
        solve_ivp(lambda t, y: kept.append(y) or -y, (0, 1), [1.0], "dormand-prince")
        self.assertGreater(len({float(y[0]) for y in kept}), 3)


class Output(unittest.TestCase):
    def test_requested_times_and_no_others(self):
        times = [0.25, 0.5, 2]
        found = solve_ivp(decay, (0, 3), [1.0], "dormand-prince", t_eval=times, rtol=1e-8, atol=1e-10)
        np.testing.assert_array_equal(found.t, times)
        np.testing.assert_allclose(found.y[0], np.exp(-np.array(times)), rtol=1e-6)
        ends = solve_ivp(decay, (0, 3), [1.0], "dormand-prince", t_eval=[0, 3])
        np.testing.assert_array_equal(ends.t, [0, 3])

    def test_dense_output_is_that_of_the_steps(self):
        for method in ADAPTIVE:
            with self.subTest(method):
                times = np.linspace(0.1, 2.9, 37)
                found = solve_ivp(oscillator, (0, 3), [1.0, 0], method, dense_output=True, rtol=1e-6, atol=1e-8)
                wanted = solve_ivp(oscillator, (0, 3), [1.0, 0], method, t_eval=times, rtol=1e-6, atol=1e-8)
                # The same polynomials, through other points: up to rounding.
                np.testing.assert_allclose(found.sol(times), wanted.y, rtol=1e-11, atol=1e-12)
                np.testing.assert_array_equal(found.sol(found.t), found.y)
                self.assertEqual(found.sol(0.3).shape, (2,))

    def test_what_cannot_be_is_a_value_error(self):
        for arguments, message in [
            ({"t_eval": [0.5, 0.1]}, "sorted"),
            ({"t_eval": [5.0]}, "within"),
            ({"y0": [[1.0]]}, "1-dimensional"),
            ({"y0": [np.nan]}, "finite"),
            ({"method": "dormand-price"}, "dormand-prince"),
            ({"atol": -1}, "positive"),
            ({"atol": [1e-6, 1e-6]}, "shape"),
            ({"max_step": -1}, "positive"),
            ({"first_step": 10}, "bounds"),
            ({"method": "rkc(norm: mox)"}, "mox"),
            ({"t_span": (0,)}, r"two numbers, \(start, end\), not \(0,\)"),
            ({"t_span": 1}, "two numbers"),
            ({"t_span": (0, np.nan)}, r"finite, not \(0.0, nan\)"),
            ({"t_span": (0, np.inf)}, "only with events"),
            ({"t_span": (-np.inf, 0), "events": decay}, "finite"),
            ({"rtol": -1}, "positive, not -1.0"),
            ({"rtol": "tight"}, "a number, not 'tight'"),
            ({"max_steps": -3}, "positive"),
            ({"method": "rk4", "step": -0.1}, "positive"),
            ({"method": "dop853", "step": 0.1}, "chooses its steps itself"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                solve_ivp(**{"fun": decay, "t_span": (0, 1), "y0": [1.0], **arguments})
        with self.assertRaisesRegex(TypeError, "tuple"):
            solve_ivp(decay, (0, 1), [1.0], args=3)

    def test_an_event_may_end_what_has_no_end(self):
        def half(t, y):
            return y[0] - 0.5

        half.terminal = True
        found = solve_ivp(decay, (0, np.inf), [1.0], "dop853", rtol=1e-9, atol=1e-12, events=half)
        self.assertLess(abs(found.t[-1] - np.log(2)), 1e-8)

    def test_tolerances_by_component(self):
        loose = solve_ivp(oscillator, (0, 20), [1.0, 0], "dormand-prince", rtol=1e-10, atol=1e-3)
        tight = solve_ivp(oscillator, (0, 20), [1.0, 0], "dormand-prince", rtol=1e-10, atol=[1e-9, 1e-9])
        self.assertLess(abs(tight.y[0, -1] - np.cos(20)), 1e-6)
        self.assertGreater(abs(loose.y[0, -1] - np.cos(20)), 1e-5)

    def test_steps_are_limited(self):
        found = solve_ivp(decay, (0, 1), [1.0], "dop853", max_step=0.05)
        self.assertLessEqual(np.diff(found.t).max(), 0.05 * (1 + 1e-12))
        stopped = solve_ivp(decay, (0, 1), [1.0], "dop853", max_step=0.05, max_steps=3)
        self.assertEqual((stopped.status, stopped.return_code, len(stopped.t)), (-1, "maxSteps", 4))

    def test_a_right_hand_side_that_is_no_number(self):
        found = solve_ivp(lambda t, y: [np.nan if t > 0.5 else 1.0], (0, 1), [0.0], "dormand-prince")
        self.assertEqual((found.success, found.status), (False, -1))
        self.assertLessEqual(found.t[-1], 0.5)


    def test_arrays_are_the_callers_own(self):
        found = solve_ivp(decay, (0, 1), [1.0], dense_output=True)
        before = found.sol(1.0)
        found.y[:] = 7
        found.t += 1
        np.testing.assert_array_equal(found.sol(1.0), before)

    def test_copies_and_pickles(self):
        found = solve_ivp(decay, (0, 1), [1.0], dense_output=True)
        again = copy.deepcopy(found)
        again.y[:] = 7
        np.testing.assert_array_equal(again.sol(0.5), found.sol(0.5))
        self.assertNotEqual(found.y[0, -1], 7)
        with self.assertRaisesRegex(TypeError, "cannot be pickled"):
            pickle.dumps(found)
        found = solve_ivp(decay, (0, 1), [1.0])
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).y, found.y)

    def test_statistics_are_those_of_a_run(self):
        names = set(phaseflow.run(system="lorenz", t_end=0.1).summary["statistics"])
        self.assertLessEqual(names - {"processorSeconds"}, set(solve_ivp(decay, (0, 1), [1.0]).statistics) | {"wallSeconds"})

    def test_a_call_leaves_nothing_to_the_garbage_collector(self):
        solve_ivp(decay, (0, 1), [1.0])
        gc.collect()
        solve_ivp(decay, (0, 1), [1.0], events=lambda t, y: y[0] - 0.5, jac=[[-1.0]])
        self.assertEqual(gc.collect(), 0)


class Events(unittest.TestCase):
    def test_crossings_are_located(self):
        # x = cos t crosses zero at pi/2 + k pi.
        def crosses(t, y):
            return y[0]

        found = solve_ivp(oscillator, (0, 10), [1.0, 0], "dop853", events=crosses, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.t_events[0], np.pi / 2 + np.pi * np.arange(3), rtol=1e-9)
        np.testing.assert_allclose(found.y_events[0], [[0, -1], [0, 1], [0, -1]], atol=1e-8)
        crosses.direction = 1
        rising = solve_ivp(oscillator, (0, 10), [1.0, 0], "dop853", events=[crosses], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(rising.t_events[0], [1.5 * np.pi], rtol=1e-9)

    def test_the_second_crossing_ends_it(self):
        def crosses(t, y):
            return y[0]

        crosses.terminal = 2
        found = solve_ivp(oscillator, (0, 10), [1.0, 0], "dop853", events=crosses, rtol=1e-10, atol=1e-12, dense_output=True)
        self.assertEqual((found.status, len(found.t_events[0])), (1, 2))
        self.assertAlmostEqual(found.t[-1], 1.5 * np.pi, places=8)
        self.assertAlmostEqual(found.sol.t_max, 1.5 * np.pi, places=8)
        crosses.terminal = 1.5
        with self.assertRaisesRegex(ValueError, "terminal"):
            solve_ivp(oscillator, (0, 10), [1.0, 0], events=crosses)

    def test_none_found(self):
        found = solve_ivp(decay, (0, 1), [1.0], events=[lambda t, y: 1.0, lambda t, y: t - 0.5])
        self.assertEqual([len(t) for t in found.t_events], [0, 1])
        self.assertIsNone(solve_ivp(decay, (0, 1), [1.0]).t_events)


class Exceptions(unittest.TestCase):
    def test_they_arrive_as_they_are(self):
        class Mine(Exception):
            pass

        error = Mine("own")

        def fails(*_):
            raise error

        for arguments in (
            {"fun": fails},
            {"fun": decay, "events": fails},
            {"fun": decay, "jac": fails, "method": "radau"},
            {"fun": decay, "progress": fails, "method": "euler", "step": 1e-6},
        ):
            with self.subTest(list(arguments)), self.assertRaises(Mine) as caught:
                solve_ivp(**{"t_span": (0, 1), "y0": [1.0], **arguments})
            self.assertIs(caught.exception, error)

    def test_ctrl_c_in_a_function_of_the_user(self):
        def interrupts(t, y):
            if t > 0.5:
                signal.raise_signal(signal.SIGINT)
            return -y

        with self.assertRaises(KeyboardInterrupt):
            solve_ivp(interrupts, (0, 1), [1.0], "dormand-prince")
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_what_fun_must_return(self):
        for value, error, message in [
            (None, TypeError, "fun returned None"),
            (1.0, ValueError, r"shape \(\); y has the shape \(2,\)"),
            ([1.0, 2, 3], ValueError, r"shape \(3,\)"),
            ([1j, 0], TypeError, "give y0 as complex numbers"),
        ]:
            with self.subTest(value), self.assertRaisesRegex(error, message):
                solve_ivp(lambda t, y: value, (0, 1), [1.0, 2.0])

    def test_progress_can_end_it(self):
        told = []
        found = solve_ivp(
            decay, (0, 1), [1.0], "euler", step=1e-6, progress=lambda p: told.append((p.fraction, p.steps)) or False
        )
        self.assertEqual((found.status, found.return_code, len(told)), (-1, "interrupted", 1))
        self.assertTrue(0 < told[0][0] < 1 and told[0][1] > 0)

    def test_signals_stay_pythons(self):
        # Of the signals of crashes none is caught, by the runtime's own reports for example.
        status = pathlib.Path("/proc/self/status").read_text()
        caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
        import faulthandler

        if faulthandler.is_enabled():
            self.skipTest("faulthandler is on")
        for number in (signal.SIGSEGV, signal.SIGILL, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE):
            self.assertEqual(caught >> (number - 1) & 1, 0, number)


SOURCE = """
int decay(double t, const double *y, double *ydot, void *user) {
  (void)t;
  ydot[0] = -(user ? *(double *)user : 1.0) * y[0];
  return 0;
}
int fails(double t, const double *y, double *ydot, void *user) {
  (void)y; (void)user;
  ydot[0] = 0;
  return t > 0.5 ? 7 : 0;
}
int height(double t, const double *y, double *g, void *user) {
  (void)t; (void)user;
  *g = y[0] - 0.5;
  return 0;
}
int slope(double t, const double *y, double *jacobian, void *user) {
  (void)t; (void)y;
  jacobian[0] = -(user ? *(double *)user : 1.0);
  return 0;
}
"""


@unittest.skipUnless(shutil.which("cc"), "no C compiler")
class Compiled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        source = pathlib.Path(cls.folder.name, "f.c")
        source.write_text(SOURCE)
        library = source.with_suffix(".so")
        subprocess.run(["cc", "-O2", "-fPIC", "-shared", "-o", library, source], check=True)
        cls.library = ctypes.CDLL(str(library))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_a_function_of_ctypes_gives_the_bits_of_one_in_python(self):
        same = solve_ivp(lambda t, y: -1.0 * y, (0, 2), [1.0], "dormand-prince")
        found = solve_ivp(self.library.decay, (0, 2), [1.0], "dormand-prince")
        np.testing.assert_array_equal(found.y, same.y)
        parameter = np.array([3.0])
        faster = solve_ivp(self.library.decay, (0, 1), [1.0], "radau", args=(parameter,), jac=self.library.slope, rtol=1e-8, atol=1e-10)
        self.assertAlmostEqual(faster.y[0, -1], np.exp(-3), places=6)

    def test_events_of_both_kinds(self):
        found = solve_ivp(self.library.decay, (0, 2), [1.0], "dop853", events=[self.library.height, lambda t, y: y[0] - 0.25], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose([t[0] for t in found.t_events], [np.log(2), np.log(4)], rtol=1e-9)

    def test_a_code_ends_it(self):
        found = solve_ivp(self.library.fails, (0, 1), [1.0], "dormand-prince")
        self.assertEqual((found.status, found.return_code), (-1, "failed"))
        self.assertIn("returned 7", found.message)

    def test_ctrl_c_is_heard(self):
        threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            solve_ivp(self.library.decay, (0, 1e9), [1.0], "euler", step=1e-6)

    @unittest.skipUnless(HAS_SCIPY, "no SciPy")
    def test_low_level_callable(self):
        import scipy

        function = self.library.decay
        function.argtypes = [ctypes.c_double, ctypes.POINTER(ctypes.c_double), ctypes.POINTER(ctypes.c_double), ctypes.c_void_p]
        function.restype = ctypes.c_int
        rate = ctypes.c_double(2.0)
        data = ctypes.cast(ctypes.pointer(rate), ctypes.c_void_p)
        found = solve_ivp(scipy.LowLevelCallable(function, data), (0, 1), [1.0], "dop853", rtol=1e-9, atol=1e-12)
        self.assertAlmostEqual(found.y[0, -1], np.exp(-2), places=8)

    @unittest.skipUnless(HAS_NUMBA, "no Numba")
    def test_numba(self):
        import numba

        @numba.cfunc("int32(float64, CPointer(float64), CPointer(float64), voidptr)")
        def function(t, y, ydot, user):
            ydot[0] = -2 * y[0]
            return 0

        found = solve_ivp(function, (0, 1), [1.0], "dop853", rtol=1e-9, atol=1e-12)
        self.assertAlmostEqual(found.y[0, -1], np.exp(-2), places=8)

    @unittest.skipUnless(HAS_NUMBA, "no Numba")
    def test_a_cfunc_of_another_signature_is_refused(self):
        # Called all the same it would read and write anywhere, or leave its status to chance.
        import numba

        @numba.cfunc("float64(float64)")
        def other(t):
            return t

        @numba.cfunc("void(float64, CPointer(float64), CPointer(float64), voidptr)")
        def void(t, y, ydot, user):
            ydot[0] = -y[0]

        for function in (other, void):
            with self.assertRaisesRegex(TypeError, "its signature must be"):
                solve_ivp(function, (0, 1), [1.0])

    @unittest.skipUnless(HAS_NUMBA, "no Numba")
    def test_user_data_of_another_type_is_refused(self):
        import numba

        @numba.cfunc("int32(float64, CPointer(float64), CPointer(float64), CPointer(float64))")
        def decays(t, y, ydot, rate):
            ydot[0] = -rate[0] * y[0]
            return 0

        found = solve_ivp(decays, (0, 1), [1.0], "dop853", args=(np.array([2.0]),), rtol=1e-9, atol=1e-12)
        self.assertAlmostEqual(found.y[0, -1], np.exp(-2), places=8)
        with self.assertRaisesRegex(TypeError, "an array of int64, the compiled function takes one of float64"):
            solve_ivp(decays, (0, 1), [1.0], args=(np.array([2]),))


@unittest.skipUnless(HAS_SCIPY, "no SciPy")
class BesideSciPy(unittest.TestCase):
    def test_the_same_solution_under_the_same_names(self):
        from scipy.integrate import solve_ivp as scipys

        def lorenz(t, y):
            return [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]]

        # To t = 5 errors grow by about exp(0.9 * 5); every method is within a thousand tolerances.
        exact = scipys(lorenz, (0, 5), [1.0, 1, 1], "DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
        for method in phaseflow.SCIPY_METHODS:
            with self.subTest(method):
                keys = {"rtol": 1e-8, "atol": 1e-10, "t_eval": [1.0, 5.0]}
                theirs = scipys(lorenz, (0, 5), [1.0, 1, 1], method, **keys)
                ours = solve_ivp(lorenz, (0, 5), [1.0, 1, 1], method, **keys)
                self.assertEqual(ours.y.shape, theirs.y.shape)
                self.assertEqual((ours.status, ours.success, ours.message), (theirs.status, theirs.success, theirs.message))
                np.testing.assert_allclose(ours.y[:, -1], exact, rtol=1e-5 if method not in ("BDF", "RK23") else 1e-3)
                self.assertTrue(set(theirs) <= set(ours))


if __name__ == "__main__":
    warnings.simplefilter("error")
    unittest.main()
