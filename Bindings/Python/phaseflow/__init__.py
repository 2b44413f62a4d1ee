"""PhaseFlow for Python: ODEs, the gradient flow of neural networks, phase diagrams.

>>> import phaseflow
>>> solution = phaseflow.solve_ivp(lambda t, y: -y, (0, 1), [1.0])
>>> result = phaseflow.run(data="four-points", gamma=1.75, width=100)
>>> result.success
True

Everything is done by `libphaseflow.so`; this package turns arrays and functions into its arguments and back.
"""

from . import _library
from ._catalog import integrators, plugins, settings
from ._export import to_hdf5, to_parquet, to_tensorboard
from ._library import PhaseFlowError
from ._plugins import Activation, Moment, NetworkMoment, Observer, System
from ._run import RunResult, read_run, resume, run
from ._solve import SCIPY_METHODS, OdeResult, OdeSolution, solve_ivp
from ._sweep import SweepResult, read_sweep, sweep

__version__: str = _library.library.phaseflow_version().decode()

__all__ = [
    "SCIPY_METHODS",
    "Activation",
    "Moment",
    "NetworkMoment",
    "Observer",
    "OdeResult",
    "OdeSolution",
    "PhaseFlowError",
    "RunResult",
    "SweepResult",
    "System",
    "integrators",
    "plugins",
    "read_run",
    "read_sweep",
    "resume",
    "run",
    "settings",
    "solve_ivp",
    "sweep",
    "to_hdf5",
    "to_parquet",
    "to_tensorboard",
]
