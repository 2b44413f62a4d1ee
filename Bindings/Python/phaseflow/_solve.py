"""`solve_ivp`, with SciPy's names."""

from __future__ import annotations

import ctypes
import functools
import json
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _functions as functions
from . import _library as lib
from ._callbacks import Guard, Interrupts, text_progress

SCIPY_METHODS = {
    "RK23": "bogacki-shampine",
    "RK45": "dormand-prince",
    "DOP853": "dop853",
    "Radau": "radau",
    "BDF": "radau",
    "LSODA": "auto",
}
"""What SciPy's names of methods stand for here. "BDF" asks for a method for stiff problems; `cvode-bdf` is one of the kind, but at
tolerances as loose as SciPy's default its global error is far beyond them, and `radau` keeps them."""

SCIPY_MESSAGES = {
    "success": "The solver successfully reached the end of the integration interval.",
    "stopped": "A termination event occurred.",
}
"""What SciPy says of an integration that ended so."""

# Of texts without space around them.
_read_json = json.JSONDecoder().raw_decode

_SMALLEST_RTOL = 100 * np.finfo(float).eps


class OdeResult(dict):
    """A dictionary whose keys are attributes too, as SciPy's.

    `t` [k], `y` [n, k], `sol` (an :class:`OdeSolution` or None), `t_events`, `y_events` (a list of arrays for each event, or
    None), `nfev`, `njev`, `nlu`, `status` (0 the end, 1 a terminal event, -1 failed), `message`, `success`; beyond SciPy's
    `return_code`, `statistics` (a dictionary), `choice` (which method "auto" took, and why), `remarks`.
    """

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__

    def __dir__(self):
        return list(self)

    def __repr__(self):
        width = max(map(len, self), default=0)
        with np.printoptions(threshold=20, edgeitems=2, precision=4):
            return "\n".join(f"{key:>{width}}: {_indented(value, width + 2)}" for key, value in self.items())


def _indented(value, columns: int) -> str:
    return repr(value).replace("\n", "\n" + " " * columns)


class OdeSolution:
    """The solution at any time, by the method's own dense output: `sol(t)` has shape [n] for a number, [n, k] for k of them.

    Beyond the interval the first and the last step's polynomials go on.
    """

    def __init__(self, result: lib.Result | None, state: functions.State, steps: np.ndarray):
        self._result, self._state = result, state
        self.ts = steps
        """The ends of the steps, the start included."""
        self.t_min, self.t_max = float(min(steps[0], steps[-1])), float(max(steps[0], steps[-1]))

    def __call__(self, t: ArrayLike) -> np.ndarray:
        if np.ndim(t) > 1:
            raise ValueError("`t` must be a float or a 1-D array.")
        times = np.ascontiguousarray(t, dtype=np.float64)
        rows = np.empty((times.size, self._state.count))
        if self._result is None:
            rows[:] = self._state.start
        elif times.size:
            lib.library.phaseflow_result_evaluate(
                self._result.pointer, times.size, lib.address(times), lib.address(rows)
            )
        values = self._state.shaped(rows)
        return values[0] if np.ndim(t) == 0 else values.T


def solve_ivp(
    fun: Callable,
    t_span: Sequence[float],
    y0: ArrayLike,
    method: str = "auto",
    t_eval: ArrayLike | None = None,
    dense_output: bool = False,
    events: Callable | Sequence[Callable] | None = None,
    vectorized: bool = False,
    args: tuple | None = None,
    *,
    rtol: float = 1e-3,
    atol: ArrayLike = 1e-6,
    jac: Any = None,
    jac_sparsity: Any = None,
    lband: int | None = None,
    uband: int | None = None,
    first_step: float | None = None,
    max_step: float = np.inf,
    min_step: float = 0.0,
    step: float | None = None,
    max_steps: int | None = None,
    positive: bool | Sequence[int] = False,
    progress: bool | Callable = False,
) -> OdeResult:
    """Integrates `y' = fun(t, y)`, `y(t_span[0]) = y0`, to `t_span[1]`.

    Arguments and result are those of `scipy.integrate.solve_ivp`; methods are all that :func:`phaseflow.integrators` lists,
    with parameters as in `"rkc(norm: max)"`, and SciPy's names (:data:`SCIPY_METHODS`).

    Parameters
    ----------
    fun
        `fun(t, y, *args)`, an array of shape [n]. Or a compiled function: `scipy.LowLevelCallable`, Numba's `cfunc` or a
        function pointer of ctypes, of signature `int f(double t, const double *y, double *ydot, void *user)`, called at
        the speed of C; `args` then is one array, whose address it gets as `user`. It returns 0, or another number to end.
    t_span, y0
        The interval, which may run backwards, and the start, real or complex.
    t_eval
        Where the solution is wanted; every accepted step without it.
    events
        Functions `g(t, y, *args)` whose sign changes are located, several in one step too; attributes `terminal` (whether it
        ends there, or at which crossing) and `direction`. A zero exactly at the start is no event.
    rtol, atol
        Tolerances; `atol` may be an array, of an array `rtol` the smallest counts.
    jac
        `jac(t, y, *args)`, or a constant matrix; dense, sparse, or compiled like `fun`, in columns.
    jac_sparsity, lband, uband
        The band of the Jacobian; of a sparsity pattern only its band is used.
    step
        The step of a method with fixed steps.
    positive
        True, or the components that begin at zero or above and cannot fall below: they are kept there, and a remark tells how
        far that changed the solution.
    progress
        True for a line on standard error, or a function that gets an object with `fraction`, `time`, `steps`, and may return
        False to end.

    Exceptions of your functions arrive as they are; so does KeyboardInterrupt.

    >>> import numpy as np
    >>> solution = solve_ivp(lambda t, y: -y, (0, 5), [1.0], method="dormand-prince", rtol=1e-8, atol=1e-10)
    >>> solution.success, bool(abs(solution.y[0, -1] - np.exp(-5)) < 1e-8)
    (True, True)
    """
    t0, t_end = _two_numbers(t_span)
    if min_step:
        warnings.warn("The following arguments have no effect for a chosen solver: `min_step`", stacklevel=2)
    start, times = _checked_start(y0), _checked_times(t_eval, t0, t_end)
    args = _checked_args(args)
    event_list = None if events is None else list(events) if isinstance(events, Sequence) else [events]
    state = functions.State(start)
    if start.size == 0 or t0 == t_end:
        return _nothing_to_do(state, t0, t_end, times, dense_output, event_list)
    # A terminal event may end what has no other end.
    if not np.isfinite(t0) or np.isnan(t_end) or (np.isinf(t_end) and not event_list):
        raise ValueError(f"`t_span` must be finite, not ({t0}, {t_end}); only with events may the end be infinite.")

    guard = Guard()
    options = lib.sized(
        lib.SolveOptions,
        integrator=_integrator(method).encode(),
        rtol=_checked_rtol(rtol),
        first_step=_checked_step("first_step", first_step, t_end - t0),
        max_step=_checked_step("max_step", max_step if max_step != np.inf else None, np.inf),
        step=_checked_step("step", step, np.inf),
        max_steps=_checked_count(max_steps),
        dense_output=bool(dense_output),
        progress_interval=0.1,
    )
    _give_atol(options, atol, state, guard)
    if times is not None:
        options.time_count, options.times = len(times), lib.address(guard.keep(times))
    _give_band(options, state, jac_sparsity, lband, uband)
    _give_positive(options, positive, state, guard)

    found = functions.compiled(fun)
    is_python = found is None
    if is_python:
        pointer, user = functions.right_hand_side(fun, state, args, vectorized, guard), None
    else:
        pointer, user = found[0], functions.user_data(fun, args, found[1])
    if jac is not None:
        compiled_jacobian = functions.compiled(jac)
        options.jacobian = compiled_jacobian[0] if compiled_jacobian else functions.jacobian(jac, state, args, guard)
    if event_list:
        requests = _event_requests(len(event_list))(
            *[functions.event(event, state, args, guard) for event in event_list]
        )
        options.event_count, options.events = len(event_list), ctypes.addressof(guard.keep(requests))
    if is_python:
        options.y_buffer, options.ydot_buffer = state.addresses
    elif jac is not None or event_list:
        options.y_buffer = lib.address(state.y)
    show = text_progress("solve_ivp") if progress is True else progress or None
    options.progress = guard.progress(show)

    with Interrupts(guard):
        result = lib.Result(
            lib.library.phaseflow_solve(
                pointer, user, state.count, t0, t_end, lib.address(state.start), ctypes.byref(options)
            )
        )
    guard.release()
    guard.reraise()
    if result.status == lib.WRONG_USAGE:
        raise ValueError(result.message)
    solution = _result(result, state, event_list, dense_output)
    if jac is not None and not callable(jac):
        solution.njev = 0
    return solution


@functools.lru_cache(maxsize=16)
def _event_requests(count: int):
    return lib.EventRequest * count


def _result(result: lib.Result, state, event_list, dense_output) -> OdeResult:
    arrays = result.arrays()
    if "t" not in arrays:
        raise lib.PhaseFlowError(result.message)
    statistics, _ = _read_json(result.text("statistics"))
    status = {"success": 0, "stationary": 0, "stopped": 1}.get(result.code, -1)
    message = SCIPY_MESSAGES.get(result.code) or result.message
    sol = None
    if dense_output and len(arrays["steps"]) > 1:
        sol = OdeSolution(result, state, arrays["steps"])
    return OdeResult(
        message=message,
        success=status >= 0,
        status=status,
        t=arrays["t"],
        y=state.shaped(arrays["y"]).T,
        sol=sol,
        t_events=None if event_list is None else [arrays[f"event.{i}.t"] for i in range(len(event_list))],
        y_events=None if event_list is None else [_at_event(arrays, state, i) for i in range(len(event_list))],
        nfev=statistics["nfev"],
        njev=statistics["njev"],
        nlu=statistics["nsetups"],
        return_code=result.code,
        statistics=statistics,
        choice=result.text("choice"),
        remarks=_remarks(result.text("remarks")),
    )


def _remarks(text: str | None) -> list[str]:
    if text is None or text == "[]":
        return []
    return [remark["text"] for remark in json.loads(text)]


def _at_event(arrays, state, i: int) -> np.ndarray:
    states = state.shaped(arrays[f"event.{i}.y"])
    # SciPy's shape where there was none.
    return states if len(states) else np.empty(0)


def _nothing_to_do(state, t0, t_end, times, dense_output, event_list) -> OdeResult:
    """For no unknowns, or an interval of no length."""
    shown = np.array([t0, t_end]) if times is None else times
    rows = np.repeat(state.start[np.newaxis], len(shown), axis=0)
    none = None if event_list is None else [np.empty(0) for _ in event_list]
    return OdeResult(
        message=SCIPY_MESSAGES["success"],
        success=True,
        status=0,
        t=shown,
        y=state.shaped(rows).T if state.count else np.empty((0, len(shown))),
        sol=OdeSolution(None, state, np.array([t0, t_end])) if dense_output else None,
        t_events=none,
        y_events=none,
        nfev=0,
        njev=0,
        nlu=0,
        return_code="success",
        statistics={},
        choice=None,
        remarks=[],
    )


def _integrator(method) -> str:
    if not isinstance(method, str):
        raise ValueError(
            "`method` must be the name of a method, see phaseflow.integrators(), or one of "
            + ", ".join(SCIPY_METHODS)
        )
    return SCIPY_METHODS.get(method, method)


def _two_numbers(t_span) -> tuple[float, float]:
    try:
        t0, t_end = map(float, t_span)
    except (TypeError, ValueError):
        raise ValueError(f"`t_span` must be two numbers, (start, end), not {t_span!r}.") from None
    return t0, t_end


def _checked_start(y0) -> np.ndarray:
    start = np.asarray(y0)
    if start.dtype.kind not in "iufc":
        raise ValueError("`y0` must be an array of numbers.")
    start = start.astype(np.complex128 if start.dtype.kind == "c" else np.float64)
    if start.ndim != 1:
        raise ValueError("`y0` must be 1-dimensional.")
    if not np.isfinite(start).all():
        raise ValueError("All components of the initial state `y0` must be finite.")
    return start


def _checked_times(t_eval, t0: float, t_end: float) -> np.ndarray | None:
    if t_eval is None:
        return None
    times = np.array(t_eval, dtype=np.float64)
    if times.ndim != 1:
        raise ValueError("`t_eval` must be 1-dimensional.")
    if np.any(times < min(t0, t_end)) or np.any(times > max(t0, t_end)):
        raise ValueError("Values in `t_eval` are not within `t_span`.")
    gaps = np.diff(times)
    if (t_end > t0 and np.any(gaps <= 0)) or (t_end < t0 and np.any(gaps >= 0)):
        raise ValueError("Values in `t_eval` are not properly sorted.")
    return times


def _checked_args(args) -> tuple:
    if args is None:
        return ()
    try:
        return tuple(args)
    except TypeError:
        raise TypeError(
            "Supplied 'args' cannot be unpacked. Please supply `args` as a tuple (e.g. `args=(...,)`)"
        ) from None


def _checked_rtol(rtol) -> float:
    # Of several the smallest counts.
    try:
        smallest = float(rtol if isinstance(rtol, (float, int)) else np.min(np.asarray(rtol, dtype=np.float64)))
    except (TypeError, ValueError):
        raise ValueError(f"`rtol` must be a number, not {rtol!r}.") from None
    if not smallest >= 0:
        raise ValueError(f"`rtol` must be positive, not {smallest}.")
    if smallest < _SMALLEST_RTOL:
        warnings.warn(
            f"At least one element of `rtol` is too small. Setting `rtol = {_SMALLEST_RTOL:.3g}`.", stacklevel=3
        )
        return _SMALLEST_RTOL
    return smallest


def _give_atol(options, atol, state, guard):
    values = atol if isinstance(atol, (float, int)) else np.asarray(atol, dtype=np.float64)
    if np.any(values < 0) if isinstance(values, np.ndarray) else values < 0:
        raise ValueError("`atol` must be positive.")
    if np.ndim(values) == 0:
        options.atol = float(values)
        return
    if values.shape != (state.components,):
        raise ValueError("`atol` has wrong shape.")
    values = guard.keep(np.repeat(values, 2) if state.is_complex else np.ascontiguousarray(values))
    options.atols = lib.address(values)


def _give_positive(options, positive, state, guard):
    if positive is False or positive is None:
        return
    if state.is_complex:
        raise ValueError("`positive` is for real states.")
    chosen = range(state.count) if positive is True else positive
    indices = np.array([int(i) for i in chosen], dtype=np.uintp)
    options.positive_count, options.positive = len(indices), lib.address(guard.keep(indices))


def _give_band(options, state, jac_sparsity, lband, uband):
    if jac_sparsity is not None:
        pattern = jac_sparsity.toarray() if hasattr(jac_sparsity, "toarray") else np.asarray(jac_sparsity)
        n = state.components
        if pattern.shape != (n, n):
            raise ValueError(f"`jac_sparsity` is expected to have shape {(n, n)}, but actually has {pattern.shape}.")
        rows, columns = np.nonzero(pattern)
        distances = rows - columns
        lband, uband = max(0, distances.max(initial=0)), max(0, (-distances).max(initial=0))
        if lband + uband + 1 >= n:
            return
    if lband is None and uband is None:
        return
    lower, upper = int(lband or 0), int(uband or 0)
    # The parts of a complex component stand side by side.
    wide = (lambda k: 2 * k + 1) if state.is_complex else (lambda k: k)
    options.is_banded, options.lower_bandwidth, options.upper_bandwidth = 1, wide(lower), wide(upper)


def _checked_count(max_steps: int | None) -> int:
    if max_steps is None:
        return 0
    if max_steps <= 0:
        raise ValueError("`max_steps` must be positive.")
    return int(max_steps)


def _checked_step(name: str, value: float | None, most: float) -> float:
    if value is None:
        return 0.0
    if value <= 0:
        raise ValueError(f"`{name}` must be positive.")
    if value > abs(most):
        raise ValueError(f"`{name}` exceeds bounds.")
    return float(value)
