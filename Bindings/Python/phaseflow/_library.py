"""The C library `libphaseflow.so`: its structures and functions as ctypes sees them."""

from __future__ import annotations

import ctypes
import math
import os
import pathlib
import sys
import warnings
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_double,
    c_int32,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)

import numpy as np

INTERFACE_VERSION = 1

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


class PhaseFlowError(RuntimeError):
    """A call of the library that failed, where no exception of the caller's own was the reason."""


# Functions of the caller's. Arrays are addresses: making arrays of pointers costs more than the call.
RightHandSide = CFUNCTYPE(c_int32, c_double, c_void_p, c_void_p, c_void_p)
ProgressFunction = CFUNCTYPE(c_int32, c_void_p, c_void_p)
LogFunction = CFUNCTYPE(None, c_char_p, c_void_p)


class Array(Structure):
    """`phaseflow_array`."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("values", c_void_p),
        ("rank", c_size_t),
        ("shape", c_size_t * 3),
    ]


class Progress(Structure):
    """`phaseflow_progress`."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("fraction", c_double),
        ("time", c_double),
        ("loss", c_double),
        ("steps", c_uint64),
        ("done", c_uint64),
        ("total", c_uint64),
        ("failed", c_uint64),
    ]


class EventRequest(Structure):
    """`phaseflow_event_request`."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("function", c_void_p),
        ("user", c_void_p),
        ("direction", c_int32),
        ("terminal", c_int32),
    ]


class SolveOptions(Structure):
    """`phaseflow_solve_options`."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("integrator", c_char_p),
        ("rtol", c_double),
        ("atol", c_double),
        ("atols", c_void_p),
        ("first_step", c_double),
        ("max_step", c_double),
        ("step", c_double),
        ("max_steps", c_uint64),
        ("jacobian", c_void_p),
        ("is_banded", c_int32),
        ("lower_bandwidth", c_size_t),
        ("upper_bandwidth", c_size_t),
        ("event_count", c_size_t),
        ("events", c_void_p),
        ("time_count", c_size_t),
        ("times", c_void_p),
        ("dense_output", c_int32),
        ("progress", c_void_p),
        ("progress_user", c_void_p),
        ("progress_interval", c_double),
        ("y_buffer", c_void_p),
        ("ydot_buffer", c_void_p),
        ("positive_count", c_size_t),
        ("positive", c_void_p),
    ]


class Options(Structure):
    """`phaseflow_options`."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("plugin_count", c_size_t),
        ("plugins", c_void_p),
        ("sample_count", c_size_t),
        ("input_count", c_size_t),
        ("inputs", c_void_p),
        ("targets", c_void_p),
        ("out", c_char_p),
        ("progress", c_void_p),
        ("progress_user", c_void_p),
        ("progress_interval", c_double),
        ("checkpoint_interval", c_double),
        ("workers", c_size_t),
        ("retry_failed", c_int32),
        ("quick", c_int32),
        ("base_file", c_char_p),
    ]


def sized(structure: type[Structure], **fields) -> Structure:
    """A structure that knows its size, with what is given."""
    return structure(struct_size=ctypes.sizeof(structure), **fields)


def _candidates() -> list[pathlib.Path]:
    """Where the library may be: named by the environment, beside this file, installed on the system."""
    named = os.environ.get("PHASEFLOW_LIBRARY")
    if named:
        return [pathlib.Path(named)]
    here = pathlib.Path(__file__).parent / "lib"
    name = "libphaseflow.dylib" if sys.platform == "darwin" else "libphaseflow.so"
    return [here / name, pathlib.Path(sys.prefix) / "lib" / name]


def _load(name: str) -> ctypes.CDLL:
    """Opens the library without its runtime's reports of crashes: signals stay Python's."""
    given = os.environ.get("SWIFT_BACKTRACE")
    os.environ.setdefault("SWIFT_BACKTRACE", "enable=no")
    try:
        return ctypes.CDLL(name)
    finally:
        if given is None:
            del os.environ["SWIFT_BACKTRACE"]


def _open() -> ctypes.CDLL:
    for path in _candidates():
        if path.exists():
            return _load(os.fspath(path))
    try:
        return _load("libphaseflow.so.0")
    except OSError:
        places = ", ".join(str(path) for path in _candidates())
        raise ImportError(
            f"libphaseflow.so is not at {places}, nor installed on the system; "
            "install the wheel, or let PHASEFLOW_LIBRARY name the file"
        ) from None


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    result, text = c_void_p, c_char_p
    for name, returns, arguments in [
        ("interface_version", c_uint32, []),
        ("version", text, []),
        ("result_status", c_int32, [result]),
        ("result_text", text, [result, text]),
        ("result_array_count", c_size_t, [result]),
        ("result_array", c_int32, [result, c_size_t, POINTER(Array)]),
        ("result_free", None, [result]),
        ("result_evaluate", c_int32, [result, c_size_t, c_void_p, c_void_p]),
        ("set_log", None, [c_void_p, c_void_p]),
        (
            "solve",
            result,
            [c_void_p, c_void_p, c_size_t, c_double, c_double, c_void_p, POINTER(SolveOptions)],
        ),
        ("run", result, [text, POINTER(Options)]),
        ("resume", result, [text, POINTER(Options)]),
        ("draw_watched", result, [result, text, c_void_p, c_void_p]),
        ("sweep", result, [text, POINTER(Options)]),
        ("read_sweep", result, [text]),
        ("catalog", result, [POINTER(Options)]),
    ]:
        function = getattr(library, "phaseflow_" + name)
        function.restype, function.argtypes = returns, arguments
    return library


library = _declare(_open())
if library.phaseflow_interface_version() != INTERFACE_VERSION:
    raise ImportError(
        f"libphaseflow.so speaks version {library.phaseflow_interface_version()} of its interface, "
        f"this package {INTERFACE_VERSION}"
    )


@LogFunction
def _warn(message, _user):
    warnings.warn(message.decode(), RuntimeWarning, stacklevel=2)


library.phaseflow_set_log(ctypes.cast(_warn, c_void_p), None)


class Result:
    """What a call gave. Its arrays are views of the library's memory, which lives as long as any of them."""

    def __init__(self, pointer: int):
        self._pointer = pointer
        self.status: int = library.phaseflow_result_status(pointer)
        self.code: str = self.text("returnCode") or ""

    def __del__(self):
        pointer, self._pointer = getattr(self, "_pointer", None), None
        if pointer and library is not None:
            library.phaseflow_result_free(pointer)

    def __deepcopy__(self, _memory) -> Result:
        # Nothing of it changes but the memory of its arrays, of which NumPy makes copies itself.
        return self

    def __reduce__(self):
        raise TypeError(
            "the memory of the library cannot be pickled; of a dense output keep values, solution.sol(times), "
            "and of a run the folder, run(..., out=...) and read_run(...)"
        )

    @property
    def pointer(self) -> int:
        """For further calls of the library."""
        return self._pointer

    @property
    def message(self) -> str:
        """One sentence on how the call ended."""
        return self.text("message") or ""

    def text(self, name: str) -> str | None:
        """A text of the result; None if there is none of that name."""
        found = library.phaseflow_result_text(self._pointer, name.encode())
        return None if found is None else found.decode()

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays by name, without a copy."""
        arrays = {}
        found = sized(Array)
        reference = ctypes.byref(found)
        for i in range(library.phaseflow_result_array_count(self._pointer)):
            library.phaseflow_result_array(self._pointer, i, reference)
            arrays[found.name.decode()] = self._view(found)
        return arrays

    def _view(self, found: Array) -> np.ndarray:
        shape = tuple(found.shape[: found.rank])
        if not math.prod(shape):
            return np.empty(shape)
        return np.asarray(_Memory(self, found.values, shape))


class _Memory:
    """Memory of a result as NumPy asks for it: the base of the array, which keeps the result."""

    __slots__ = ("__array_interface__", "_result")

    def __init__(self, result: Result, address: int, shape: tuple[int, ...]):
        self._result = result
        self.__array_interface__ = {"shape": shape, "typestr": _FLOAT64, "data": (address, False), "version": 3}


_FLOAT64 = np.dtype(np.float64).str


def address(array: np.ndarray) -> int:
    """Where an array's first number is."""
    # The attribute `ctypes` makes an object each time.
    return array.__array_interface__["data"][0]
