"""The problems: data, width, scaling, start and end time, the same for every library."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Problem:
    """A flow (12) of a two-layer network from a Gaussian start, to a stated time.

    `data` is what `phaseflow run --data` takes: a name known there, or a file of this folder.
    """

    name: str
    title: str
    data: str
    activation: str
    width: int
    gamma: float
    t_end: float
    rtols: tuple[float, ...]
    limit: float
    """Seconds of processor time that one integration may take."""
    gamma_prime: float = 0.0
    seed: int = 1
    implicit: bool = False
    """Whether implicit peers are tried too: they form Jacobians of (3 m)^2 numbers."""
    images: int = 0
    """How many images of Fashion-MNIST the data are; 0 for points of a line."""

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs with the bias coordinate appended, shape [n, d], and targets, shape [n].

        Of images the coordinates of their span: what is orthogonal to all inputs does not move, and every peer is spared it.
        """
        if self.images:
            inputs, y = fashion(self.images)
            return inputs @ span(self.images), y
        if self.data == "bench-points":
            x, y = [-1.0, -0.33, 0.33, 1.0], [0.8, 0.2, 0.6, 0.3]
        elif self.data == "four-points":
            x = [-1 / 2, -1 / 6, 1 / 6, 1 / 2]
            y = [1 / 4, 1 / 36, 1 / 36, 1 / 4]
        else:
            with open(HERE / self.data, newline="") as file:
                rows = list(csv.reader(file))[1:]
            x, y = [float(r[0]) for r in rows], [float(r[1]) for r in rows]
        return np.column_stack([x, np.ones(len(x))]), np.array(y)

    def data_argument(self) -> str:
        """The value of `--data`."""
        return str(HERE / self.data) if self.data.endswith(".csv") else self.data

    def start(self) -> np.ndarray:
        """Standard normal, shape [m, d + 1], columns a, w_1 .. w_d (bias last)."""
        columns = 1 + fashion(self.images)[0].shape[1] if self.images else 3
        return np.random.default_rng(self.seed).standard_normal((self.width, columns))

    def integrated_start(self) -> np.ndarray:
        """The start in the coordinates of ``points``, shape [m, 1 + their number]."""
        start = self.start()
        if not self.images:
            return start
        return np.column_stack([start[:, 0], start[:, 1:] @ span(self.images)])

    @property
    def kappa(self) -> float:
        return float(self.width) ** -self.gamma

    @property
    def kappa_prime(self) -> float:
        return float(self.width) ** -self.gamma_prime



@lru_cache
def fashion(n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first n images of Debian's package dataset-fashion-mnist, as `phaseflow` reads them: pixels in [0, 1], bias, label."""
    folder = Path("/usr/share/datasets/fashion-mnist")
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(16 + 784 * n)[16:], np.uint8).reshape(n, 784) / 255
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(8 + n)[8:], np.uint8).astype(float)
    return np.column_stack([pixels, np.ones(n)]), labels


@lru_cache
def span(n: int) -> np.ndarray:
    """An orthonormal basis of the span of the inputs, shape [785, n]."""
    return np.linalg.qr(fashion(n)[0].T)[0]


TIGHT = (1e-2, 1e-3, 1e-4, 1e-5)
REACH = (*TIGHT, 1e-6)  # far enough that a peer meets the accuracy of the loosest kink-aware run

PROBLEMS = [
    Problem("bench-1000", "bench points, ReLU, m = 1000, t = 1.1e8", "bench-points", "relu", 1000, 1.75, 1.1e8, REACH, 60),
    Problem("four-1000", "the paper's four points, ReLU, m = 1000, t = 1.4e8", "four-points", "relu", 1000, 1.75, 1.4e8, REACH, 60),
    Problem("bench-40000", "bench points, ReLU, m = 40,000, t = 9e10", "bench-points", "relu", 40000, 1.75, 9e10, (1e-2, 1e-3, 1e-4), 60),
    Problem("line-tanh", "50 points on a line, tanh, m = 1000, t = 1e11", "line50.csv", "tanh", 1000, 1.75, 1e11, (1e-3, 1e-4, 1e-5, 1e-6), 120, implicit=True),
    *(
        Problem(
            f"images-{gamma:g}", f"45 images, ReLU, m = 1000, gamma = {gamma:g}, t = {t_end:g}", "fashion-mnist:45", "relu",
            1000, gamma, t_end, (1e-1, 1e-2, 1e-3, 1e-4), 60, images=45,
        )
        for gamma, t_end in [(0.5, 20.0), (1.0, 9e3), (1.75, 3e6)]
    ),
]  # fmt: skip


def problem(name: str) -> Problem:
    for p in PROBLEMS:
        if p.name == name:
            return p
    raise SystemExit(f"unknown problem {name!r}; there are {', '.join(p.name for p in PROBLEMS)}")


def atol(rtol: float) -> float:
    """The field's default ratio (1e-3 and 1e-6), for everyone."""
    return 1e-3 * rtol
