"""`sweep`, and the reader of its stores."""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import pathlib
import sqlite3
import threading
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import numpy as np

from . import _library as lib
from ._callbacks import Guard, text_progress
from ._plugins import Activation, Observer, plugin_table
from ._run import _without_prologue, refuse, yaml_text

_NUMBERS = ("gamma", "gammaPrime", "width", "seed", "beta2Exponent", "kappa", "kappaPrime", "time", "loss", "initialLoss")
_RESULTS = ("rdW", "rdA", "rdTheta", "supW", "supA", "supTheta", "wallSeconds")


class SweepResult:
    """A sweep: a row for each run, slopes and boundaries."""

    summary: dict[str, Any]
    """What `phaseflow sweep start --json` prints: counts, failures, accuracy, `phases` with slopes and boundaries."""
    runs: list[dict[str, Any]]
    """What `phaseflow sweep export --json` prints, one for each run."""
    folder: pathlib.Path
    """The folder of the store, which :meth:`curve` and the others read."""

    def __init__(self, result: lib.Result):
        self.summary = json.loads(result.text("summary"))
        self.runs = json.loads(result.text("runs"))
        self.folder = pathlib.Path(result.text("folder"))
        self._text = result.message

    @property
    def success(self) -> bool:
        """Whether all runs are done and none failed."""
        return self.summary["done"] == self.summary["total"] and not self.summary["failures"]

    def columns(self) -> dict[str, np.ndarray]:
        """Numbers of the runs that are done as arrays by name; checks of the accuracy, which are done twice, left out."""
        rows = [run for run in self.runs if "returnCode" in run and "checks" not in run]
        names = ["run", *_NUMBERS, *_RESULTS, "nfev", "accepted", "rejected"]
        columns = {}
        for name in names:
            values = [row.get(name) for row in rows]
            if any(isinstance(value, (int, float)) for value in values):
                whole = all(isinstance(value, int) for value in values)
                columns[name] = np.array(
                    [np.nan if value is None else value for value in values], dtype=np.int64 if whole else np.float64
                )
        return columns

    def slopes(self, part: str = "w") -> list[dict[str, Any]]:
        """The exponents S of the relative distance of "w", "a" or "theta" against the width, a mapping for each cell."""
        for phase in self.summary["phases"]:
            if phase["parameters"] == part:
                return phase["slopes"]
        return []

    def curve(self, run: int) -> dict[str, np.ndarray]:
        """The recorded curves of one run, by column."""
        names, blob = self._row("SELECT columns, data FROM curve WHERE run = ?", run)
        values = np.load(io.BytesIO(blob))
        return {name: values[:, i] for i, name in enumerate(names.split(","))}

    def weights(self, run: int) -> np.ndarray:
        """The last weights of one run, [m, d + 1], of a sweep that keeps them (`keep: {weights: true}`)."""
        return np.load(io.BytesIO(self._row("SELECT data FROM weights WHERE run = ?", run)[0]))

    def neurons(self, run: int, moment: str = "final") -> tuple[np.ndarray, np.ndarray]:
        """Orientations and amplitudes of one run, "initial" or "final", of a sweep that keeps them (`keep: {neurons: N}`)."""
        blob = self._row(f"SELECT data FROM neurons WHERE moment = '{'initial' if moment == 'initial' else 'final'}' AND run = ?", run)[0]
        values = np.load(io.BytesIO(blob))
        return values[:, 0], values[:, 1]

    def _row(self, query: str, run: int):
        with contextlib.closing(sqlite3.connect(f"file:{self.folder / 'sweep.sqlite'}?mode=ro", uri=True)) as store:
            found = store.execute(query, (run,)).fetchone()
        if found is None:
            raise KeyError(f"the store keeps nothing of this kind of run {run}")
        return found

    def to_pandas(self):
        """:meth:`columns` as a pandas.DataFrame."""
        import pandas

        return pandas.DataFrame(self.columns())

    def to_xarray(self):
        """:meth:`columns` as an xarray.Dataset over gamma, gammaPrime, width and seed."""
        frame = self.to_pandas()
        axes = [name for name in ("gamma", "gammaPrime", "width", "seed") if name in frame]
        return frame.set_index(axes).to_xarray()

    def pictures(self) -> dict[str, str]:
        """The sweep's pictures as SVG texts by name; none without gnuplot."""
        return {path.stem: path.read_text() for path in sorted(self.folder.glob("*.svg"))}

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        pictures = "".join(f"<div>{_without_prologue(svg)}</div>" for svg in self.pictures().values())
        if not pictures:
            pictures = self._slope_table()
        return f"<pre>{escape(self._text)}</pre>{pictures}"

    def _slope_table(self) -> str:
        """S_w over gamma and gamma', blue where it falls with the width, red where it grows."""
        cells = {(s["gamma"], s["gammaPrime"]): s["fit"]["exponent"] for s in self.slopes("w")}
        if not cells:
            return ""
        across, down = sorted({g for g, _ in cells}), sorted({g for _, g in cells}, reverse=True)
        head = "".join(f"<th>{g:g}</th>" for g in across)
        rows = ""
        for prime in down:
            row = "".join(_slope_cell(cells.get((g, prime))) for g in across)
            rows += f"<tr><th>&gamma;' = {prime:g}</th>{row}</tr>"
        return f"<table><caption>S_w over gamma and gamma'</caption><tr><th>&gamma;</th>{head}</tr>{rows}</table>"


def _slope_cell(value: float | None) -> str:
    if value is None:
        return "<td></td>"
    strength = min(1.0, abs(value))
    colour = f"rgba({'213,94,0' if value > 0 else '0,114,178'},{strength:.2f})"
    return f'<td style="background:{colour}">{value:+.2f}</td>'


def sweep(
    definition: str | os.PathLike | Mapping[str, Any] | None = None,
    *,
    out: str | os.PathLike,
    quick: bool = False,
    workers: int | None = None,
    retry_failed: bool = False,
    checkpoint_interval: float | None = None,
    progress: bool | Callable = False,
    **keys: Any,
) -> SweepResult:
    """Starts a sweep in the folder `out`, or goes on with it: whatever stopped it, the same call resumes.

    Parameters
    ----------
    definition
        A preset ("figure-2" to "figure-7", "figure-10", "three-layer-slopes", "three-layer",
        "initial-condensation"), a YAML file, or a mapping.
    quick
        A preset at a size that ends in under two minutes.
    workers
        Runs at the same time; as many as there are cores without it.
    keys
        The keys of a sweep's file, with `_` for `-`: `base=dict(data="four-points", rtol=1e-2)`,
        `axes=dict(gamma=[0.5, 1, 1.5], width=[100, 400])`. An :class:`Activation` may stand in `base`.

    >>> import phaseflow, tempfile
    >>> result = phaseflow.sweep(
    ...     out=tempfile.mkdtemp() + "/s", base=dict(data="four-points", rtol=1e-2, asi=True),
    ...     axes=dict(gamma=[0.5, 1.75], width=[50, 100]), accuracy=dict(sample=0))
    >>> result.success, len(result.runs)
    (True, 4)
    """
    guard = Guard()
    options = lib.sized(
        lib.Options,
        out=os.fsencode(out),
        quick=quick,
        workers=workers or 0,
        retry_failed=retry_failed,
        checkpoint_interval=checkpoint_interval or 0.0,
    )
    plain = {name.replace("_", "-"): value for name, value in keys.items()}
    if isinstance(definition, Mapping):
        plain, definition = {**{str(k).replace("_", "-"): v for k, v in definition.items()}, **plain}, None
    own: list[Activation | Observer] = []
    if isinstance(plain.get("base"), Mapping):
        plain["base"] = _named(plain["base"], own)
    if definition is None:
        text = yaml_text(plain)
    elif plain:
        raise TypeError(f"sweep() takes a definition or keys of one, not both: {', '.join(keys)}")
    else:
        path = pathlib.Path(definition)
        text = path.read_text() if path.suffix in (".yaml", ".yml") or path.exists() else os.fspath(definition)
    pointer = plugin_table(own, guard)
    if pointer is not None:
        options.plugin_count, options.plugins = 1, pointer
    options.progress = guard.progress(text_progress("sweep") if progress is True else progress or None)

    # Progress comes from another thread; Python hears Ctrl-C in this one only.
    made: list[int] = []
    done = threading.Event()

    def work():
        made.append(lib.library.phaseflow_sweep(text.encode(), ctypes.byref(options)))
        done.set()

    threading.Thread(target=work, daemon=True).start()
    # Not `join`: one that is interrupted takes the thread for ended.
    while not done.is_set():
        try:
            done.wait(0.1)
        except KeyboardInterrupt as interrupt:
            guard.caught(interrupt)
    result = lib.Result(made[0])
    guard.reraise()
    refuse(result, "sweep")
    if result.text("summary") is None:
        raise lib.PhaseFlowError(result.message)
    return SweepResult(result)


def _named(base: Mapping[str, Any], own: list) -> dict[str, Any]:
    """The shared settings with objects replaced by their names."""
    named = {}
    for key, value in base.items():
        items = value if isinstance(value, (list, tuple)) else [value]
        own += [item for item in items if isinstance(item, (Activation, Observer))]
        names = [item.name if isinstance(item, (Activation, Observer)) else item for item in items]
        named[key] = names if isinstance(value, (list, tuple)) else names[0]
    return named


def read_sweep(folder: str | os.PathLike) -> SweepResult:
    """Reads the store of a sweep, also of one that is still going on."""
    result = lib.Result(lib.library.phaseflow_read_sweep(os.fsencode(folder)))
    refuse(result, "read_sweep")
    if result.text("summary") is None:
        raise lib.PhaseFlowError(result.message)
    return SweepResult(result)
