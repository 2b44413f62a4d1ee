"""`run` and `resume`, and what they give; the reader of their folders."""

from __future__ import annotations

import contextlib
import csv
import ctypes
import json
import math
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

import numpy as np

from . import _library as lib
from ._callbacks import Guard, Interrupts, text_progress
from ._plugins import Activation, Observer, System, plugin_table
from ._svg import chart


class RunResult(Mapping):
    """A run: its recorded columns by name, as arrays, and the rest as attributes.

    >>> import phaseflow
    >>> result = phaseflow.run(width=50, stop_loss=1e-2)
    >>> bool(result["loss"][-1] <= 0.0100001), result.return_code
    (True, 'stopped')
    """

    columns: dict[str, np.ndarray]
    """What was recorded, `time` first."""
    summary: dict[str, Any]
    """The contents of summary.json."""
    state: np.ndarray
    """The last state: [m, d + 1] with columns a, w_1, ..., w_d (bias last), or [N] of a system."""
    initial_state: np.ndarray
    """The first one."""
    tables: dict[str, dict[str, np.ndarray]]
    """Tables of observers, by OBSERVER-TABLE, then by column."""
    configuration: str
    """The complete configuration, YAML."""
    folder: pathlib.Path | None
    """Where it was written, if it was."""

    def __init__(self, columns, summary, state, initial_state, tables, configuration, folder):
        self.columns, self.summary, self.tables = columns, summary, tables
        self.state, self.initial_state = state, initial_state
        self.configuration, self.folder = configuration, folder
        self._result: lib.Result | None = None
        self._guard: Guard | None = None

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def time(self) -> np.ndarray:
        """The recorded times."""
        return self.columns["time"]

    @property
    def return_code(self) -> str:
        """How it ended: "success", "stopped", "stationary", ..."""
        return self.summary["returnCode"]

    @property
    def message(self) -> str:
        """One sentence on how it ended."""
        return self.summary["message"]

    @property
    def success(self) -> bool:
        """Whether it ended where it was meant to."""
        return self.return_code in ("success", "stopped", "stationary")

    @property
    def observers(self) -> dict[str, dict[str, Any]]:
        """What each observer said at the end, by its name."""
        return self.summary["observers"]

    def to_pandas(self):
        """The columns as a pandas.DataFrame, with the time as its index."""
        import pandas

        others = {name: values for name, values in self.columns.items() if name != "time"}
        return pandas.DataFrame(others, index=pandas.Index(self.time, name="time"))

    def to_xarray(self):
        """The columns as an xarray.Dataset over `time`, with numbers and texts of the summary as attributes."""
        import xarray

        plain = {key: value for key, value in self.summary.items() if isinstance(value, (int, float, str))}
        return xarray.Dataset(
            {name: ("time", values) for name, values in self.columns.items() if name != "time"},
            coords={"time": self.time},
            attrs=plain,
        )

    def draw(self, folder: str | os.PathLike) -> list[pathlib.Path]:
        """Draws the run's pictures into `folder`, PNG and SVG; returns the PNG files. It needs gnuplot."""
        if self._result is None:
            raise lib.PhaseFlowError("a run that was read back has its pictures in its folder")
        guard = Guard()
        progress = guard.progress(None)
        with Interrupts(guard):
            drawn = lib.Result(
                lib.library.phaseflow_draw_watched(self._result.pointer, os.fsencode(folder), progress, None)
            )
        guard.release()
        guard.reraise()
        if drawn.status != lib.DONE:
            raise lib.PhaseFlowError(drawn.message)
        return [pathlib.Path(name) for name in json.loads(drawn.text("files"))]

    def pictures(self) -> dict[str, str]:
        """The pictures as SVG texts by name: the program's own where gnuplot is there, else curves of the record."""
        if self.folder is not None:
            found = {path.stem: path.read_text() for path in sorted(self.folder.glob("*.svg"))}
            if found:
                return found
        if self._result is not None and shutil.which("gnuplot"):
            with tempfile.TemporaryDirectory() as folder:
                with contextlib.suppress(lib.PhaseFlowError):
                    self.draw(folder)
                    return {path.stem: path.read_text() for path in sorted(pathlib.Path(folder).glob("*.svg"))}
        names = [name for name in self.columns if name != "time"]
        first = ["loss"] if "loss" in names else names[:6]
        rest = [name for name in ("rdW", "rdA", "rdTheta") if name in names]
        return {
            group[0]: chart(self.time, {name: self.columns[name] for name in group}, ", ".join(group), "time t")
            for group in (first, rest)
            if group
        }

    def __repr__(self) -> str:
        return f"<phaseflow run: {self.return_code}, {_shortened(self.message)}; {len(self.time)} rows of {', '.join(self)}>"

    def _repr_html_(self) -> str:
        facts = [("integrator", self.summary.get("integratorChoice") or self.summary["integrator"])]
        for name, values in self.observers.items():
            shown = ", ".join(
                f"{key} {value:.5g}" for key, value in values.items() if isinstance(value, (int, float))
            )
            if shown:
                facts.append((name, shown))
        rows = "".join(f"<tr><th>{escape(a)}</th><td>{escape(str(b))}</td></tr>" for a, b in facts)
        pictures = "".join(f"<div>{_without_prologue(svg)}</div>" for svg in self.pictures().values())
        return (
            f"<p><b>{escape(self.return_code)}</b>: {escape(_shortened(self.message))}</p><table>{rows}</table>"
            f'<div style="display:flex;flex-wrap:wrap">{pictures}</div>'
        )


def _shortened(message: str) -> str:
    """A message whose long numbers have five digits, for people."""
    return re.sub(r"\d+\.\d{5,}(?:e[-+]?\d+)?", lambda number: f"{float(number[0]):.5g}", message)


def _without_prologue(svg: str) -> str:
    """An SVG file's text as a part of a page."""
    return svg[svg.index("<svg") :]


def run(
    configuration: str | os.PathLike | Mapping[str, Any] | None = None,
    *,
    data: str | tuple[Any, Any] | None = None,
    out: str | os.PathLike | None = None,
    progress: bool | Callable = False,
    checkpoint_interval: float | None = None,
    **settings: Any,
) -> RunResult:
    """Integrates one flow, or one ODE, as `phaseflow run` does.

    Parameters
    ----------
    configuration
        A YAML file, or a mapping, whose keys the keywords replace.
    data
        A data set's name or file; or `(x, y)`, arrays of shapes [n] or [n, k] and [n], without the bias coordinate.
    out
        A new folder for the results and pictures; without it nothing is written. Arrays given as data are then kept beside
        it, as OUT.data.csv, so that the run can be replayed.
    progress
        True for a line on standard error, or a function that gets an object with `fraction`, `time`, `loss`, `steps`, and
        may return False to end the run.
    settings
        The keys of `phaseflow run --help`, with `_` for `-`: `width=1000, gamma=1.75, gamma_prime=0, stop_loss=1e-8`.
        `observe` takes names and :class:`Observer` objects, `activation` a name or an :class:`Activation`, `system` a name
        or a :class:`System`, `initial_state` a file or an array [m, d + 1], `record` a text or the times themselves.

    Returns a :class:`RunResult`, also of an integration that failed (`success` is False). Exceptions of your own
    functions arrive as they are, and so does KeyboardInterrupt; a wrong value is a ValueError, an unknown key a TypeError.

    >>> import phaseflow
    >>> result = phaseflow.run(data=([-1, 0, 1], [1, 0, 1]), width=100, gamma=0.5, stop_loss=1e-3)
    >>> result.success, result.state.shape
    (True, (100, 3))
    """
    guard = Guard()
    options = lib.sized(lib.Options, progress_interval=0.1, checkpoint_interval=checkpoint_interval or 0.0)
    own: list[Any] = []
    keys = {name.replace("_", "-"): value for name, value in settings.items()}
    if isinstance(configuration, Mapping):
        keys = {**{str(name).replace("_", "-"): value for name, value in configuration.items()}, **keys}
        configuration = None
    with tempfile.TemporaryDirectory() as scratch:
        beside = os.fspath(out) if out is not None else os.path.join(scratch, "run")
        if data is not None:
            keys["data"] = data
        if isinstance(keys.get("data"), (tuple, list, np.ndarray)):
            keys["data"] = _give_data(options, keys["data"], beside if out is not None else None, guard)
        if isinstance(keys.get("record"), (list, tuple, np.ndarray)):
            keys["record"] = "times:" + ",".join(repr(float(time)) for time in keys["record"])
        if isinstance(keys.get("initial-state"), np.ndarray):
            file = beside + ".initial.npy"
            np.save(file, np.ascontiguousarray(keys["initial-state"], dtype=np.float64))
            keys["initial-state"] = file
        for key, kind in (("activation", Activation), ("system", System)):
            if isinstance(keys.get(key), kind):
                own.append(keys[key])
                keys[key] = keys[key].name
        if isinstance(keys.get("observe"), (list, tuple, Observer)):
            observers = keys["observe"] if not isinstance(keys["observe"], Observer) else [keys["observe"]]
            own += [observer for observer in observers if isinstance(observer, Observer)]
            keys["observe"] = [o.name if isinstance(o, Observer) else o for o in observers]
        text = yaml_text(keys)
        if configuration is not None:
            options.base_file = os.fsencode(configuration)
        return _call(lib.library.phaseflow_run, text.encode(), options, own, out, progress, guard)


def resume(
    folder: str | os.PathLike,
    *,
    plugins: list[Activation | Observer | System] = (),
    progress: bool | Callable = False,
    checkpoint_interval: float | None = None,
) -> RunResult:
    """Goes on with the run in `folder`, which was killed or interrupted, with the plug-ins of your own that it had."""
    options = lib.sized(lib.Options, progress_interval=0.1, checkpoint_interval=checkpoint_interval or 0.0)
    guard = Guard()
    return _call(lib.library.phaseflow_resume, os.fsencode(folder), options, list(plugins), None, progress, guard)


def _call(function, argument: bytes, options: lib.Options, own, out, progress, guard: Guard) -> RunResult:
    pointer = plugin_table(own, guard)
    if pointer is not None:
        options.plugin_count, options.plugins = 1, pointer
    if out is not None:
        options.out = os.fsencode(out)
    options.progress = guard.progress(text_progress("run") if progress is True else progress or None)
    with Interrupts(guard):
        result = lib.Result(function(argument, ctypes.byref(options)))
    guard.reraise()
    refuse(result, "run")
    if result.text("summary") is None:
        raise lib.PhaseFlowError(result.message)
    return _of(result, guard)


def refuse(result: lib.Result, function: str) -> None:
    """Raises for a mistake of the caller's."""
    if result.status != lib.WRONG_USAGE:
        return
    if "unknown key" in result.message:
        message = result.message[result.message.index("unknown key") :]
        raise TypeError(f"{function}() got an {message}".replace("-", "_"))
    raise ValueError(result.message)


def _of(result: lib.Result, guard: Guard) -> RunResult:
    arrays = result.arrays()
    columns = {name.removeprefix("column."): values for name, values in arrays.items() if name.startswith("column.")}
    tables = {}
    for name, values in arrays.items():
        if name.startswith("table."):
            table = name.removeprefix("table.")
            heads = json.loads(result.text("columns." + table))
            tables[table] = {head: values[:, i] for i, head in enumerate(heads)}
    folder = result.text("folder")
    made = RunResult(
        columns,
        json.loads(result.text("summary")),
        arrays["state"],
        arrays["initialState"],
        tables,
        result.text("configuration"),
        None if folder is None else pathlib.Path(folder),
    )
    # The result may call plug-ins again, for its pictures.
    made._result, made._guard = result, guard
    return made


def read_run(folder: str | os.PathLike) -> RunResult:
    """Reads a folder written by `phaseflow run --out`.

    >>> import phaseflow, tempfile
    >>> place = tempfile.mkdtemp()
    >>> written = phaseflow.run(width=20, stop_loss=1e-2, out=place + "/r")
    >>> bool((phaseflow.read_run(place + "/r")["loss"] == written["loss"]).all())
    True
    """
    folder = pathlib.Path(folder)
    if not (folder / "summary.json").exists():
        raise FileNotFoundError(f"{folder} is no folder of a finished run: it has no summary.json")
    tables = {
        path.stem: _read_csv(path) for path in sorted(folder.glob("*-*.csv")) if not path.name.startswith("checkpoint")
    }
    prefix = "neurons" if (folder / "neurons-final.npy").exists() else "state"
    return RunResult(
        _read_csv(folder / "trajectory.csv"),
        json.loads((folder / "summary.json").read_text()),
        np.load(folder / f"{prefix}-final.npy"),
        np.load(folder / f"{prefix}-initial.npy"),
        tables,
        (folder / "config.yaml").read_text(),
        folder,
    )


def _read_csv(path: pathlib.Path) -> dict[str, np.ndarray]:
    with path.open(newline="") as file:
        names = next(csv.reader(file))
        values = np.loadtxt(file, delimiter=",", ndmin=2)
    if values.size == 0:
        return {name: np.empty(0) for name in names}
    return {name: np.ascontiguousarray(values[:, i]) for i, name in enumerate(names)}


def _give_data(options: lib.Options, data, beside: str | None, guard: Guard) -> str:
    """Hands arrays to the library, or writes them beside the results to be; returns the data set's name."""
    if len(data) != 2 or isinstance(data, np.ndarray):
        raise ValueError("data must be the name of a data set, a file, or a pair of arrays: data=(x, y)")
    x, y = data
    inputs = np.ascontiguousarray(x, dtype=np.float64)
    targets = np.ascontiguousarray(y, dtype=np.float64)
    if inputs.ndim == 1:
        inputs = inputs[:, np.newaxis]
    if inputs.ndim != 2 or targets.ndim != 1 or len(inputs) != len(targets):
        raise ValueError(
            f"data=(x, y) must have shapes [n] or [n, k], and [n], not {np.shape(x)} and {np.shape(y)}"
        )
    if beside is not None:
        file = beside + ".data.csv"
        with open(file, "w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow([f"x{j + 1}" for j in range(inputs.shape[1])] + ["y"])
            writer.writerows([*map(repr, row.tolist()), repr(value)] for row, value in zip(inputs, targets.tolist()))
        return file
    options.sample_count, options.input_count = inputs.shape
    options.inputs, options.targets = lib.address(guard.keep(inputs)), lib.address(guard.keep(targets))
    return "arrays"


def yaml_text(keys: Mapping[str, Any]) -> str:
    """YAML of plain values; None is left out."""
    return "".join(f"{key}: {_scalar(value)}\n" for key, value in keys.items() if value is not None)


def _scalar(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(str(k).replace('_', '-'))}: {_scalar(v)}" for k, v in value.items())
        return "{" + inner + "}"
    if isinstance(value, (list, tuple, range)):
        return "[" + ", ".join(map(_scalar, value)) + "]"
    if isinstance(value, (bool, int, float, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, type):
        raise TypeError(f"{value.__name__} is a class; give an object of it, {value.__name__}()")
    raise TypeError(f"a setting cannot be {value!r}; it takes a number, a text, True or False, or a list of them")
