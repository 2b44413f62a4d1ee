"""Seconds at equal accuracy, from work-precision points."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .measure import Measurement


@dataclass(frozen=True)
class Seconds:
    """A time with its relation: "=" interpolated, "<=" even the fastest run is better than asked, ">" not reached."""

    value: float
    relation: str

    def __str__(self) -> str:
        return ("" if self.relation == "=" else "≤ " if self.relation == "<=" else "> ") + f"{self.value:.3g}"


def seconds_at(rows: list[Measurement], error: float) -> Seconds | None:
    """Seconds at a given relative error: log time against log error, linear between the runs that count.

    A run counts if none faster is as accurate. None: the method has no run at all.
    """
    done = sorted(((r.best, max(r.error, 1e-16)) for r in rows if r.status == "ok" and r.error is not None), key=lambda p: p[0])
    front: list[tuple[float, float]] = []
    for time, e in done:
        if not front or e < front[-1][1]:
            front.append((time, e))
    spent = [r.limit for r in rows if r.status == "timeout"]
    if not front:
        return Seconds(max(spent), ">") if spent else None
    if front[0][1] <= error:
        return Seconds(front[0][0], "<=")
    for (t0, e0), (t1, e1) in zip(front, front[1:]):
        if e1 <= error:
            share = math.log(error / e0) / math.log(e1 / e0)
            return Seconds(t0 * (t1 / t0) ** share, "=")
    return Seconds(max([front[-1][0], *spent]), ">")


def ratio(peer: Seconds | None, ours: Seconds | None) -> str:
    """How many times as long the peer takes, with what is known about it."""
    if peer is None or ours is None or ours.relation == ">":
        return "-"
    value = f"{peer.value / ours.value:.3g}"
    lower, upper = peer.relation == ">" or ours.relation == "<=", peer.relation == "<="
    if lower and upper:
        return f"~{value}"
    return ("> " if lower else "≤ " if upper else "") + value
