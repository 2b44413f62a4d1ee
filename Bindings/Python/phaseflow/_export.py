"""Runs and sweeps as HDF5, Parquet and TensorBoard files, by h5py, pyarrow and tensorboard where these are installed; and
the programs by which `phaseflow export` does the same."""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import sys
from collections.abc import Callable

import numpy as np

from ._run import RunResult, read_run
from ._sweep import SweepResult, read_sweep


def _needed(module: str):
    """The module, or a word on where it comes from."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise ModuleNotFoundError(
            f"this needs {package}, which is not installed: pip install {package}, "
            'or pip install "phaseflow[formats]" for all formats', name=error.name
        ) from None


def to_hdf5(result: RunResult | SweepResult, path: str | os.PathLike) -> None:
    """Writes a result to a new HDF5 file.

    Of a run: the group `record` with a data set for each column, `state`, `initial_state`, a group for each table of an
    observer, and the summary and the configuration as JSON and YAML in attributes. Of a sweep: the group `runs` with a
    data set for each column, the group `curves` with a group for each run that keeps some, and the summary.
    """
    h5py = _needed("h5py")

    with h5py.File(path, "w-") as file:
        file.attrs["summary"] = json.dumps(result.summary)
        if isinstance(result, RunResult):
            file.attrs["configuration"] = result.configuration
            _group(file, "record", result.columns)
            file["state"], file["initial_state"] = result.state, result.initial_state
            for name, columns in result.tables.items():
                _group(file, name, columns)
            return
        columns = result.columns()
        _group(file, "runs", columns)
        for run in columns.get("run", ()):
            try:
                _group(file, f"curves/{run}", result.curve(int(run)))
            except KeyError:
                continue


def _group(file, name: str, columns: dict[str, np.ndarray]) -> None:
    group = file.create_group(name, track_order=True)
    for column, values in columns.items():
        group[column] = values


def to_parquet(result: RunResult | SweepResult, path: str | os.PathLike) -> None:
    """Writes a run's record, or a sweep's runs, to a Parquet file, a column for each; the summary stands as JSON in its
    metadata under `phaseflow.summary`."""
    pyarrow = _needed("pyarrow")
    _needed("pyarrow.parquet")

    columns = result.columns if isinstance(result, RunResult) else result.columns()
    table = pyarrow.table({name: np.asarray(values) for name, values in columns.items()})
    metadata = {"phaseflow.summary": json.dumps(result.summary)}
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), path)


def to_tensorboard(result: RunResult, path: str | os.PathLike) -> None:
    """Writes a run's record to a new event file of TensorBoard's: a scalar for each column but the time, against the number
    of the row, stamped with the time `t` of the flow in place of the clock's."""
    _needed("tensorboard")
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter

    if not isinstance(result, RunResult):
        raise TypeError("TensorBoard shows runs, not sweeps")
    columns = dict(result.columns)
    times = columns.pop("time")
    with open(path, "xb") as file:
        writer = RecordWriter(file)
        writer.write(event_pb2.Event(file_version="brain.Event:2").SerializeToString())
        for row, t in enumerate(times):
            values = [
                summary_pb2.Summary.Value(tag=name, simple_value=float(column[row])) for name, column in columns.items()
            ]
            event = event_pb2.Event(wall_time=float(t), step=row, summary=summary_pb2.Summary(value=values))
            writer.write(event.SerializeToString())
        writer.flush()


def _program(write: Callable) -> int:
    """`phaseflow-export-FORMAT FOLDER FILE`, as `phaseflow export` calls it."""
    if len(sys.argv) != 3:
        print(f"usage: {os.path.basename(sys.argv[0])} FOLDER FILE", file=sys.stderr)
        return 2
    folder, path = sys.argv[1:]
    read = read_sweep if (pathlib.Path(folder) / "sweep.sqlite").exists() else read_run
    try:
        write(read(folder), path)
    except (ImportError, OSError, TypeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def hdf5_program() -> int:
    return _program(to_hdf5)


def parquet_program() -> int:
    return _program(to_parquet)


def tensorboard_program() -> int:
    return _program(to_tensorboard)
