"""Functions that the user gives, as addresses that the library can call: Python functions, or compiled ones."""

from __future__ import annotations

import ctypes
import functools

import numpy as np

from . import _library as lib
from ._callbacks import Guard

_capsule = ctypes.pythonapi
_capsule.PyCapsule_GetName.restype = ctypes.c_char_p
_capsule.PyCapsule_GetName.argtypes = [ctypes.py_object]
_capsule.PyCapsule_GetPointer.restype = ctypes.c_void_p
_capsule.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_capsule.PyCapsule_GetContext.restype = ctypes.c_void_p
_capsule.PyCapsule_GetContext.argtypes = [ctypes.py_object]

_pointer_type = type(lib.RightHandSide(lambda *_: 0)).__mro__[1]


def compiled(function) -> tuple[int, int | None] | None:
    """The address of a compiled function and of its user data; None for a Python function.

    Compiled are `scipy.LowLevelCallable`, Numba's `cfunc` and function pointers of ctypes. Their signature is
    `int f(double t, const double *y, double *ydot, void *user)`.
    """
    if isinstance(function, _pointer_type):
        return ctypes.c_void_p.from_buffer(function).value, None
    if isinstance(function, tuple) and type(function).__name__ == "LowLevelCallable":
        capsule = tuple.__getitem__(function, 0)
        name = _capsule.PyCapsule_GetName(capsule)
        pointer = _capsule.PyCapsule_GetPointer(capsule, name)
        return pointer, _capsule.PyCapsule_GetContext(capsule)
    if type(function).__module__.startswith("numba") and isinstance(getattr(function, "address", None), int):
        _user_type(function)
        return function.address, None
    return None


@functools.lru_cache(maxsize=64)
def _user_type(function) -> str | None:
    """The type of the numbers that a `cfunc` of Numba's takes as `user`, "float64", if it says one.

    A TypeError for one of another signature, whose call would do anything.
    """
    signature = getattr(function, "_sig", None)
    if signature is None:
        return None
    returned, taken = str(signature.return_type), [str(kind) for kind in signature.args]
    if (
        returned not in ("int32", "int64")
        or taken[:3] != ["float64", "float64*", "float64*"]
        or len(taken) != 4
        or not taken[3].endswith("*")
    ):
        raise TypeError(
            f"the cfunc is {returned}({', '.join(taken)}); its signature must be "
            '"int32(float64, CPointer(float64), CPointer(float64), CPointer(float64))", or voidptr for the last'
        )
    return None if taken[3] == "void*" else taken[3][:-1]


def user_data(function, args: tuple | None, function_data: int | None) -> int | None:
    """What a compiled function gets as `user`: its own, or the address of the one array in `args`."""
    if not args:
        return function_data
    (data,) = args if len(args) == 1 else (None,)
    if isinstance(data, np.ndarray):
        wanted = _user_type(function) if hasattr(function, "_sig") else None
        if wanted is not None and data.dtype.name != wanted:
            raise TypeError(
                f"args has an array of {data.dtype}, the compiled function takes one of {wanted}; "
                f"give it as np.array(..., dtype=np.{wanted})"
            )
        return lib.address(data)
    if isinstance(data, (ctypes.c_void_p, int)):
        return getattr(data, "value", data)
    raise TypeError("a compiled function takes one argument in `args`, an array or an address: args=(parameters,)")


class State:
    """The memory in which the user's functions get `y` and leave `f`: real numbers, or complex ones as pairs."""

    def __init__(self, y0: np.ndarray):
        self.is_complex = np.iscomplexobj(y0)
        self.start = np.ascontiguousarray(y0).view(np.float64).copy()
        self.count = len(self.start)
        self.components = len(y0)
        """The user's numbers: half as many where they are complex."""

    def shaped(self, values: np.ndarray) -> np.ndarray:
        """Rows of the library's numbers as rows of the user's."""
        return values.view(np.complex128) if self.is_complex else values

    # Made where Python functions ask for them.
    @functools.cached_property
    def y(self) -> np.ndarray:
        return np.empty(self.components, np.complex128 if self.is_complex else np.float64)

    @functools.cached_property
    def ydot(self) -> np.ndarray:
        return np.empty_like(self.y)

    @property
    def addresses(self) -> tuple[int, int]:
        return lib.address(self.y), lib.address(self.ydot)


def right_hand_side(function, state: State, args: tuple, vectorized: bool, guard: Guard) -> int:
    """`f(t, y, *args)`."""
    y, ydot, caught = state.y, state.ydot, guard.caught
    if vectorized:
        plain = function

        def function(t, y, *args):
            return np.ravel(plain(t, y[:, np.newaxis], *args))

    def first(t, y, *args):
        nonlocal evaluate
        value = function(t, y, *args)
        _check_value(value, state)
        evaluate = function
        return value

    evaluate = first
    if args:

        def call(t, _y, _ydot, _user):
            try:
                ydot[:] = evaluate(t, y.copy(), *args)
                return 0
            except BaseException as error:
                return caught(error)

    else:

        def call(t, _y, _ydot, _user):
            try:
                ydot[:] = evaluate(t, y.copy())
                return 0
            except BaseException as error:
                return caught(error)

    return guard.address(lib.RightHandSide(call))


def _check_value(value, state: State):
    """Raises for what is no `f(t, y)`, of which NumPy would make something all the same."""
    n = state.components
    if value is None:
        raise TypeError(f"fun returned None; let it return f(t, y), {n} numbers")
    if np.size(value) != n:
        raise ValueError(f"fun returned an array of shape {np.shape(value)}; y has the shape ({n},)")
    if not state.is_complex and np.iscomplexobj(value):
        raise TypeError("fun returned complex numbers, and y0 is real; give y0 as complex numbers")


def jacobian(function, state: State, args: tuple, guard: Guard) -> int:
    """`jac(t, y, *args)`, a matrix, dense or sparse; or a constant one."""
    n = state.count
    constant = None if callable(function) else _dense(function, state)

    def call(t, _y, target, _user):
        try:
            matrix = constant if constant is not None else _dense(function(t, state.y.copy(), *args), state)
            columns = np.frombuffer((ctypes.c_double * (n * n)).from_address(target)).reshape(n, n)
            columns[:] = matrix.T
            return 0
        except BaseException as error:
            return guard.caught(error)

    return guard.address(lib.RightHandSide(call))


def _dense(matrix, state: State) -> np.ndarray:
    matrix = matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
    n = state.components
    if matrix.shape != (n, n):
        raise ValueError(f"`jac` is expected to have shape {(n, n)}, but actually has {matrix.shape}.")
    if not state.is_complex:
        return matrix
    # d(u + iv) -> (Re, -Im; Im, Re), the parts of each component side by side.
    real = np.empty((2 * n, 2 * n))
    real[0::2, 0::2], real[0::2, 1::2] = matrix.real, -matrix.imag
    real[1::2, 0::2], real[1::2, 1::2] = matrix.imag, matrix.real
    return real


def event(function, state: State, args: tuple, guard: Guard) -> lib.EventRequest:
    """An event with SciPy's attributes `terminal` (whether, or at which crossing) and `direction`."""
    terminal = getattr(function, "terminal", None)
    terminal = 0 if terminal is None else terminal
    if terminal != int(terminal) or terminal < 0:
        raise ValueError("The `terminal` attribute of each event must be a boolean or positive integer.")
    direction = int(np.sign(getattr(function, "direction", 0)))
    found = compiled(function)
    if found is not None:
        pointer, user = found
        return lib.sized(
            lib.EventRequest,
            function=pointer,
            user=user_data(function, args, user),
            direction=direction,
            terminal=int(terminal),
        )
    y = state.y

    def call(t, _y, target, _user):
        try:
            value = function(t, y.copy(), *args)
            ctypes.c_double.from_address(target).value = value if isinstance(value, float) else float(np.real(value))
            return 0
        except BaseException as error:
            return guard.caught(error)

    return lib.sized(
        lib.EventRequest,
        function=guard.address(lib.RightHandSide(call)),
        direction=direction,
        terminal=int(terminal),
    )
