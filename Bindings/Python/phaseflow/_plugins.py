"""Activations, observers and systems written in Python, as the tables of phaseflow_plugin.h."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_void_p

import numpy as np
from numpy.typing import ArrayLike

from ._callbacks import Guard
from ._library import sized

_ABI_VERSION = 1
_Evaluate = CFUNCTYPE(None, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)
_SecondDerivative = CFUNCTYPE(None, c_void_p, c_size_t, c_void_p, c_void_p)
_Kinks = CFUNCTYPE(c_size_t, c_void_p, c_size_t, c_void_p)
# A function that fails returns the address of a text; c_char_p cannot be a callback's result.
_Watch = CFUNCTYPE(c_void_p, c_void_p, c_void_p)
_Record = CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p)
_Emit = CFUNCTYPE(None, c_void_p, c_char_p, c_double)
_Finish = CFUNCTYPE(c_void_p, c_void_p, c_void_p, _Emit, c_void_p)
_Count = CFUNCTYPE(c_size_t, c_void_p)
_State = CFUNCTYPE(c_void_p, c_void_p, c_void_p)
_Derivative = CFUNCTYPE(c_void_p, c_void_p, c_double, c_void_p, c_void_p)
_Name = CFUNCTYPE(c_void_p, c_void_p, c_size_t)


class _ActivationTable(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("summary", c_char_p),
        ("parameter_count", c_size_t),
        ("parameters", c_void_p),
        ("context", c_void_p),
        ("homogeneity", c_int32),
        ("create", c_void_p),
        ("destroy", c_void_p),
        ("evaluate", _Evaluate),
        ("second_derivative", _SecondDerivative),
        ("kinks", _Kinks),
        ("slopes", c_void_p),
        ("citation", c_char_p),
    ]


class _ObserverTable(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("summary", c_char_p),
        ("parameter_count", c_size_t),
        ("parameters", c_void_p),
        ("context", c_void_p),
        ("column_count", c_size_t),
        ("columns", POINTER(c_char_p)),
        ("create", c_void_p),
        ("destroy", c_void_p),
        ("begin", _Watch),
        ("step", _Watch),
        ("record", _Record),
        ("finish", _Finish),
        ("needs_network", c_int32),
        ("step_wants_outputs", c_int32),
        ("memory_count", c_void_p),
        ("save_memory", c_void_p),
        ("restore_memory", c_void_p),
        ("citation", c_char_p),
    ]


class _SystemTable(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("summary", c_char_p),
        ("citation", c_char_p),
        ("parameter_count", c_size_t),
        ("parameters", c_void_p),
        ("context", c_void_p),
        ("create", c_void_p),
        ("destroy", c_void_p),
        ("initial_time", c_double),
        ("final_time", c_double),
        ("dimension", _Count),
        ("initial_state", _State),
        ("derivative", _Derivative),
        ("component_name", _Name),
        ("jacobian", _Derivative),
        ("jacobian_vector_product", c_void_p),
        ("spectral_radius", c_void_p),
        ("event_count", c_size_t),
        ("events", c_void_p),
        ("invariant_count", c_size_t),
        ("invariant_names", c_void_p),
        ("invariants", c_void_p),
        ("discontinuity_count", c_size_t),
        ("discontinuities", c_void_p),
        ("next_discontinuity", c_void_p),
        ("is_banded", c_int32),
        ("lower_bandwidth", c_size_t),
        ("upper_bandwidth", c_size_t),
        ("is_partitioned", c_int32),
    ]


class _PluginTable(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("abi_version", c_uint32),
        ("activation_count", c_size_t),
        ("activations", c_void_p),
        ("loss_count", c_size_t),
        ("losses", c_void_p),
        ("observer_count", c_size_t),
        ("observers", c_void_p),
        ("version", c_char_p),
        ("system_count", c_size_t),
        ("systems", c_void_p),
        ("integrator_count", c_size_t),
        ("integrators", c_void_p),
    ]


class _NetworkView(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("width", c_size_t),
        ("input_dimension", c_size_t),
        ("sample_count", c_size_t),
        ("kappa", c_double),
        ("kappa_prime", c_double),
        ("inputs", c_void_p),
        ("targets", c_void_p),
        ("predictions", c_void_p),
        ("residuals", c_void_p),
        ("loss", c_double),
    ]


class _MomentView(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("time", c_double),
        ("previous_time", c_double),
        ("dimension", c_size_t),
        ("y", c_void_p),
        ("network", POINTER(_NetworkView)),
        ("initial_time", c_double),
        ("final_time", c_double),
        ("return_code", c_char_p),
    ]


def _view(pointer: int | None, *shape: int) -> np.ndarray | None:
    """An array over memory of the library's, without a copy; valid only during the call."""
    if not pointer:
        return None
    count = int(np.prod(shape))
    return np.frombuffer((c_double * count).from_address(pointer), dtype=np.float64).reshape(shape)


def _copy(pointer: int | None, *shape: int) -> np.ndarray | None:
    view = _view(pointer, *shape)
    return None if view is None else view.copy()


class NetworkMoment:
    """The network at one time.

    `width` m, `input_dimension` d (the bias coordinate 1 is the last one), `kappa`, `kappa_prime`, `inputs` [n, d],
    `targets` [n]; `a` [m] and `w` [m, d]; `loss` R, `predictions` and `residuals` [n], which in `step` are there only where
    :attr:`Observer.wants_outputs_in_steps` is True.
    """

    def __init__(self, view: _NetworkView, y: np.ndarray):
        m, d, n = view.width, view.input_dimension, view.sample_count
        self.width, self.input_dimension, self.sample_count = m, d, n
        self.kappa, self.kappa_prime, self.loss = view.kappa, view.kappa_prime, view.loss
        self.inputs, self.targets = _copy(view.inputs, n, d), _copy(view.targets, n)
        self.predictions, self.residuals = _copy(view.predictions, n), _copy(view.residuals, n)
        self.a, self.w = y[:m], y[m:].reshape(d, m).T


class Moment:
    """The solution at one time: `time`, `previous_time` (where the step began that ended here), `y` [N], `network` (a
    :class:`NetworkMoment`, None for a system), `initial_time`, `final_time`, `return_code` (in `finish`)."""

    def __init__(self, pointer: int):
        view = _MomentView.from_address(pointer)
        self.time, self.previous_time = view.time, view.previous_time
        self.initial_time, self.final_time = view.initial_time, view.final_time
        self.return_code = None if view.return_code is None else view.return_code.decode()
        self.y = _copy(view.y, view.dimension)
        self.network = NetworkMoment(view.network.contents, self.y) if view.network else None


class Observer:
    """Watches a run; subclass it and override what you need.

    >>> class LargestWeight(Observer):
    ...     name = "largest-weight"
    ...     columns = ("largestA",)
    ...     def record(self, moment):
    ...         return [abs(moment.network.a).max()]
    ...     def finish(self, moment):
    ...         return {"a": self.record(moment)[0]}
    >>> import phaseflow
    >>> result = phaseflow.run(width=20, stop_loss=1e-2, observe=[LargestWeight()])
    >>> len(result["largestA"]) == len(result["time"])
    True

    Calls come in this order: `begin` at the start; `step` after each accepted step, if you override it; `record` at each
    recorded time; `finish` at the end. An observer never changes the steps taken.
    """

    name = "python-observer"
    """The key in the summary: small letters, digits and '-'."""
    columns: Sequence[str] = ()
    """What `record` adds to the record."""
    needs_network = False
    """Whether runs of systems refuse it."""
    wants_outputs_in_steps = False
    """Whether `step` needs predictions, residuals and loss; they cost as much as an evaluation of the right-hand side."""

    def begin(self, moment: Moment) -> None:
        """The start."""

    def step(self, moment: Moment) -> None:
        """The end of an accepted step."""

    def record(self, moment: Moment) -> Sequence[float]:
        """One number for each of :attr:`columns`."""
        return ()

    def finish(self, moment: Moment) -> dict[str, float]:
        """What goes into the summary."""
        return {}


class Activation:
    """An activation `sigma`, applied to whole blocks: NumPy's functions do.

    >>> import numpy as np, phaseflow
    >>> swish = Activation(
    ...     "swish", lambda z: z / (1 + np.exp(-z)),
    ...     lambda z: (1 + np.exp(-z) * (1 + z)) / (1 + np.exp(-z)) ** 2)
    >>> phaseflow.run(width=20, activation=swish, stop_loss=1e-2).success
    True

    Parameters
    ----------
    name
        Small letters, digits and '-'.
    value, derivative, second_derivative
        Functions of an array, of any length, that return an array; the second derivative by central differences of the first
        where it is not given.
    homogeneity
        `p` such that `sigma(c z) = c^p sigma(z)` for all `c > 0`; 0 if there is none.
    kinks
        Where the derivative jumps, ascending.
    """

    def __init__(
        self,
        name: str,
        value: Callable[[np.ndarray], ArrayLike],
        derivative: Callable[[np.ndarray], ArrayLike],
        second_derivative: Callable[[np.ndarray], ArrayLike] | None = None,
        *,
        homogeneity: int = 0,
        kinks: Sequence[float] = (),
    ):
        self.name, self.value, self.derivative = name, value, derivative
        self.second_derivative = second_derivative or self._difference
        self.homogeneity, self.kinks = homogeneity, tuple(map(float, kinks))

    def _difference(self, z: np.ndarray) -> np.ndarray:
        # The cube root of the rounding unit balances truncation and rounding.
        h = 6e-6 * np.maximum(1, abs(z))
        return (np.asarray(self.derivative(z + h)) - np.asarray(self.derivative(z - h))) / (2 * h)


class System:
    """An ODE of your own for :func:`phaseflow.run`, with pictures, observers and records; :func:`phaseflow.solve_ivp` is the
    short way.

    >>> import phaseflow
    >>> spring = System("spring", lambda t, y: (y[1], -y[0]), [1, 0], final_time=10, component_names=("x", "v"))
    >>> result = phaseflow.run(system=spring, rtol=1e-8)
    >>> bool(abs(result["x"][-1] - np.cos(10)) < 1e-5)
    True
    """

    def __init__(
        self,
        name: str,
        derivative: Callable[[float, np.ndarray], ArrayLike],
        initial_state: ArrayLike,
        *,
        initial_time: float = 0.0,
        final_time: float | None = None,
        component_names: Sequence[str] | None = None,
        jacobian: Callable[[float, np.ndarray], ArrayLike] | None = None,
    ):
        self.name, self.derivative, self.jacobian = name, derivative, jacobian
        self.initial_state = np.array(initial_state, dtype=np.float64)
        self.initial_time = float(initial_time)
        self.final_time = self.initial_time if final_time is None else float(final_time)
        self.component_names = None if component_names is None else list(component_names)
        if self.initial_state.ndim != 1:
            raise ValueError("initial_state must be 1-dimensional")
        if self.component_names is not None and len(self.component_names) != len(self.initial_state):
            raise ValueError(f"{len(self.initial_state)} unknowns and {len(self.component_names)} names")


def plugin_table(things: Sequence[Activation | Observer | System], guard: Guard) -> int | None:
    """The address of a list of one table that brings `things`; None without any."""
    if not things:
        return None
    for thing in things:
        if not re.fullmatch("[a-z][a-z0-9-]*", thing.name):
            raise ValueError(f"the name {thing.name!r} must be small letters, digits and '-', first a letter")
    table = sized(_PluginTable, abi_version=_ABI_VERSION)
    for field, kind, make in [
        ("activation", Activation, _activation_table),
        ("observer", Observer, _observer_table),
        ("system", System, _system_table),
    ]:
        tables = [guard.keep(make(thing, guard)) for thing in things if isinstance(thing, kind)]
        pointers = (c_void_p * max(1, len(tables)))(*[ctypes.addressof(t) for t in tables])
        setattr(table, field + "_count", len(tables))
        setattr(table, field + "s", ctypes.addressof(guard.keep(pointers)))
    pointer = (c_void_p * 1)(ctypes.addressof(guard.keep(table)))
    return ctypes.addressof(guard.keep(pointer))


def _activation_table(activation: Activation, guard: Guard) -> _ActivationTable:
    def fill(count, z, targets):
        inputs = _view(z, count)
        inputs.flags.writeable = False
        for target, function in targets:
            _view(target, count)[:] = function(inputs)

    filled = _again(guard, fill)

    def filled_or_nan(count, z, *targets):
        try:
            filled(count, z, targets)
        except BaseException as error:
            # What is not finite ends the run.
            guard.caught(error)
            for target, _ in targets:
                _view(target, count)[:] = np.nan

    def evaluate(_instance, count, z, value, derivative):
        filled_or_nan(count, z, (value, activation.value), (derivative, activation.derivative))

    def second_derivative(_instance, count, z, result):
        filled_or_nan(count, z, (result, activation.second_derivative))

    def kinks(_instance, capacity, points):
        if capacity >= len(activation.kinks) > 0:
            _view(points, len(activation.kinks))[:] = activation.kinks
        return len(activation.kinks)

    return sized(
        _ActivationTable,
        name=activation.name.encode(),
        summary=b"written in Python",
        homogeneity=activation.homogeneity,
        evaluate=_Evaluate(evaluate),
        second_derivative=_SecondDerivative(second_derivative),
        kinks=_Kinks(kinks),
    )


def _again(guard: Guard, body):
    """A function that Ctrl-C cannot leave undone: the run then ends in order, and can be resumed."""

    def call(*arguments):
        try:
            body(*arguments)
        except KeyboardInterrupt as interrupt:
            guard.caught(interrupt)
            body(*arguments)

    return call


def _failing(guard: Guard):
    """Turns a function into one that returns the address of a reason after an exception, else None."""

    def wrap(body):
        def call(*arguments):
            try:
                body(*arguments)
                return None
            except KeyboardInterrupt as interrupt:
                guard.caught(interrupt)
                return None
            except BaseException as error:
                guard.caught(error)
                reason = ctypes.create_string_buffer(f"{type(error).__name__}: {error}".encode())
                return ctypes.addressof(guard.keep(reason))

        return call

    return wrap


def _observer_table(observer: Observer, guard: Guard) -> _ObserverTable:
    failing = _failing(guard)
    columns = [name.encode() for name in observer.columns]

    def record(_instance, moment, values):
        numbers = list(observer.record(Moment(moment)))
        if len(numbers) != len(columns):
            raise ValueError(f"observer {observer.name!r} has {len(columns)} columns and recorded {len(numbers)} values")
        if numbers:
            _view(values, len(numbers))[:] = numbers

    def finish(_instance, moment, emit, sink):
        for key, value in (observer.finish(Moment(moment)) or {}).items():
            emit(sink, str(key).encode(), float(value))

    table = sized(
        _ObserverTable,
        name=observer.name.encode(),
        summary=b"written in Python",
        column_count=len(columns),
        columns=guard.keep((c_char_p * max(1, len(columns)))(*columns)),
        begin=_Watch(failing(lambda _instance, moment: observer.begin(Moment(moment)))),
        record=_Record(failing(_again(guard, record))),
        finish=_Finish(failing(finish)),
        needs_network=observer.needs_network,
        step_wants_outputs=observer.wants_outputs_in_steps,
    )
    if type(observer).step is not Observer.step:
        table.step = _Watch(failing(lambda _instance, moment: observer.step(Moment(moment))))
    return table


def _system_table(system: System, guard: Guard) -> _SystemTable:
    failing = _failing(guard)
    n = len(system.initial_state)

    def initial_state(_instance, y):
        _view(y, n)[:] = system.initial_state

    def derivative(_instance, t, y, dy):
        _view(dy, n)[:] = system.derivative(t, _copy(y, n))

    def jacobian(_instance, t, y, target):
        _view(target, n, n)[:] = np.asarray(system.jacobian(t, _copy(y, n))).T

    table = sized(
        _SystemTable,
        name=system.name.encode(),
        summary=b"written in Python",
        initial_time=system.initial_time,
        final_time=system.final_time,
        dimension=_Count(lambda _instance: n),
        initial_state=_State(failing(initial_state)),
        derivative=_Derivative(failing(_again(guard, derivative))),
    )
    if system.component_names is not None:
        texts = [guard.keep(ctypes.create_string_buffer(name.encode())) for name in system.component_names]
        table.component_name = _Name(lambda _instance, i: ctypes.addressof(texts[i]))
    if system.jacobian is not None:
        table.jacobian = _Derivative(failing(_again(guard, jacobian)))
    return table
