"""What there is: integrators and other plug-ins, and the keys of a run."""

from __future__ import annotations

import functools
import json
from typing import Any

from . import _library as lib


@functools.cache
def _catalog() -> lib.Result:
    return lib.Result(lib.library.phaseflow_catalog(None))


@functools.cache
def plugins() -> dict[str, list[dict[str, Any]]]:
    """All built-in plug-ins by kind: `name`, `usage`, `summary`, `parameters`, `citation`."""
    return json.loads(_catalog().text("plugins"))


def integrators() -> dict[str, str]:
    """The names that `method=` and `integrator=` take, each with one line about it.

    >>> "dormand-prince" in integrators()
    True
    """
    return {entry["name"]: entry["summary"] for entry in plugins()["integrators"]}


def settings() -> dict[str, dict[str, Any]]:
    """The keywords of :func:`run`, each with its JSON Schema: type, default, description.

    >>> settings()["gamma_prime"]["description"]
    "The exponent of kappa' = m^-gamma'."
    """
    schema = json.loads(_catalog().text("runSchema"))
    return {name.replace("-", "_"): value for name, value in schema["properties"].items()}
