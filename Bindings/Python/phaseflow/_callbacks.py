"""Functions of the user's that the library calls: exceptions are kept, and raised when the call is over."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Callable

from . import _library as lib


class Guard:
    """Catches what the user's functions raise during one call of the library."""

    def __init__(self):
        self.error: BaseException | None = None
        self._kept: list[object] = []

    def caught(self, error: BaseException) -> int:
        """Keeps the first exception; the code that ends the library's call."""
        if self.error is None:
            self.error = error
        return 1

    def keep(self, thing):
        """Keeps something alive for as long as the call; returns it."""
        self._kept.append(thing)
        return thing

    def release(self):
        """Lets go of what was kept, which refers to this object in turn."""
        self._kept.clear()

    def address(self, function) -> int:
        """The address of a ctypes function, kept alive."""
        # Not `cast`, which makes the function refer to itself.
        return ctypes.c_void_p.from_buffer(self.keep(function)).value

    def reraise(self):
        """Raises what was caught as it was, with its traceback."""
        if self.error is not None:
            error, self.error = self.error, None
            raise error

    def progress(self, show: Callable[[lib.Progress], object] | None) -> int:
        """The address of a function that lets Ctrl-C be heard, tells `show`, and ends the call after an exception."""

        def tell(pointer, _user):
            try:
                if self.error is not None:
                    return 1
                if show is not None:
                    return 1 if show(lib.Progress.from_address(pointer)) is False else 0
                return 0
            except BaseException as error:
                return self.caught(error)

        return self.address(lib.ProgressFunction(tell))


try:
    # CPython's own, without the search of an enumeration for the handler's name, which takes longer than all else here.
    from _signal import getsignal as _getsignal
    from _signal import signal as _signal
except ImportError:
    _getsignal, _signal = signal.getsignal, signal.signal

_SIGINT = int(signal.SIGINT)


class Interrupts:
    """Ctrl-C during a call of the library: raised at once where the user's own function is running, else it ends the call
    at the next look at the clock.

    Python's own handler would raise it in the few instructions between the library and the user's function too, where
    it would be lost.
    """

    def __init__(self, guard: Guard):
        self._guard = guard
        self._before = None

    def __enter__(self):
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and _getsignal(_SIGINT) is signal.default_int_handler:
            self._before = _signal(_SIGINT, self._handle)
        return self

    def _handle(self, _number, frame):
        self._guard.caught(KeyboardInterrupt())
        if not frame.f_globals.get("__name__", "").startswith("phaseflow."):
            raise KeyboardInterrupt

    def __exit__(self, *_):
        if self._before is not None:
            _signal(_SIGINT, self._before)


def text_progress(name: str) -> Callable[[lib.Progress], None]:
    """Writes one line on standard error, again and again; in a notebook it is the cell's output."""
    state = {"shown": False}

    def show(progress: lib.Progress):
        parts = [f"{name}: {100 * progress.fraction:3.0f} %"]
        if progress.total:
            parts.append(f"{progress.done} of {progress.total} runs")
        else:
            parts.append(f"t = {progress.time:.4g}")
            if progress.loss == progress.loss:
                parts.append(f"R = {progress.loss:.3e}")
            parts.append(f"{progress.steps} steps")
        sys.stderr.write("\r" + "  ".join(parts) + "    ")
        sys.stderr.flush()
        state["shown"] = True

    return show
