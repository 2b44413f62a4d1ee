"""Runs and sweeps as HDF5 and Parquet files, by h5py and pyarrow where these are installed."""

from __future__ import annotations

import json
import os

import numpy as np

from ._run import RunResult
from ._sweep import SweepResult


def to_hdf5(result: RunResult | SweepResult, path: str | os.PathLike) -> None:
    """Writes a result to a new HDF5 file.

    Of a run: the group `record` with a data set for each column, `state`, `initial_state`, a group for each table of an
    observer, and the summary and the configuration as JSON and YAML in attributes. Of a sweep: the group `runs` with a
    data set for each column, the group `curves` with a group for each run that keeps some, and the summary.
    """
    import h5py

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
    import pyarrow
    import pyarrow.parquet

    columns = result.columns if isinstance(result, RunResult) else result.columns()
    table = pyarrow.table({name: np.asarray(values) for name, values in columns.items()})
    metadata = {"phaseflow.summary": json.dumps(result.summary)}
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), path)
