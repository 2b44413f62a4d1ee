"""Curves as a small SVG, for notebooks on machines without gnuplot."""

from __future__ import annotations

from html import escape

import numpy as np

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")


def _is_logarithmic(values: np.ndarray) -> bool:
    positive = values[values > 0]
    return len(positive) > 0 and positive.max() > 100 * positive.min() and np.mean(values > 0) > 0.9


def _ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    if logarithmic:
        step = max(1, round((high - low) / 5))
        return [float(k) for k in range(int(np.ceil(low)), int(np.floor(high)) + 1, step)]
    raw = (high - low) / 5
    power = 10.0 ** np.floor(np.log10(raw))
    step = power * min((1, 2, 5, 10), key=lambda k: abs(k * power - raw))
    return list(np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step)


def _axis(values: list[np.ndarray]) -> tuple[bool, float, float]:
    merged = np.concatenate(values)
    merged = merged[np.isfinite(merged)]
    logarithmic = _is_logarithmic(merged)
    scale = np.log10(merged[merged > 0]) if logarithmic else merged
    low, high = (float(scale.min()), float(scale.max())) if len(scale) else (0.0, 1.0)
    return logarithmic, low, high if high > low else low + 1


def chart(x: np.ndarray, curves: dict[str, np.ndarray], title: str, x_label: str) -> str:
    """The SVG text of curves over `x`; axes are logarithmic where the numbers span more than two decades."""
    width, height, left, bottom, top = 360, 240, 60, 36, 22
    log_x, x_low, x_high = _axis([x])
    log_y, y_low, y_high = _axis(list(curves.values()))
    inner_width, inner_height = width - left - 10, height - bottom - top

    def place(values, logarithmic, low, high):
        with np.errstate(all="ignore"):
            scaled = np.log10(values) if logarithmic else np.asarray(values, dtype=float)
        return (scaled - low) / (high - low)

    def label(value, logarithmic):
        return f"1e{value:g}" if logarithmic else f"{value:.4g}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{left + inner_width / 2}" y="14" text-anchor="middle">{escape(title)}</text>',
        f'<text x="{left + inner_width / 2}" y="{height - 4}" text-anchor="middle">{escape(x_label)}</text>',
        f'<rect x="{left}" y="{top}" width="{inner_width}" height="{inner_height}" fill="none" stroke="#888"/>',
    ]
    for tick in _ticks(x_low, x_high, log_x):
        at = left + inner_width * (tick - x_low) / (x_high - x_low)
        parts.append(f'<text x="{at:.1f}" y="{height - bottom + 14}" text-anchor="middle">{label(tick, log_x)}</text>')
    for tick in _ticks(y_low, y_high, log_y):
        at = top + inner_height * (1 - (tick - y_low) / (y_high - y_low))
        parts.append(f'<text x="{left - 4}" y="{at + 4:.1f}" text-anchor="end">{label(tick, log_y)}</text>')
    for (name, y), colour in zip(curves.items(), _COLOURS):
        across = left + inner_width * place(x, log_x, x_low, x_high)
        up = top + inner_height * (1 - place(y, log_y, y_low, y_high))
        usable = np.isfinite(across) & np.isfinite(up)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across[usable], up[usable]))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
    for k, name in enumerate(curves):
        y = top + 14 * (k + 1)
        parts.append(f'<text x="{width - 16}" y="{y}" text-anchor="end" fill="{_COLOURS[k % 6]}">{escape(name)}</text>')
    return "\n".join(parts) + "\n</svg>"
