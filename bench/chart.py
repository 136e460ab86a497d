"""Bars in an SVG: enough to see at a glance what is flat and what is near its floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _LABEL, _BAR, _GAP = 900, 300, 18, 8
_COLOURS = ("#3b6ea8", "#c77d2e", "#5a8f5a", "#8b5a8f")


@dataclass(frozen=True)
class Bar:
    """One bar; ``series`` picks its colour."""

    label: str
    value: float
    series: int = 0


def bars(title: str, unit: str, rows: Sequence[Bar]) -> str:
    """Return a chart of horizontal bars from zero."""
    most = max(row.value for row in rows)
    height = 50 + len(rows) * (_BAR + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="24" font-size="16">{escape(title)} ({escape(unit)})</text>',
    ]
    for index, row in enumerate(rows):
        top = 40 + index * (_BAR + _GAP)
        length = (_WIDTH - _LABEL - 90) * row.value / most
        parts += [
            f'<text x="{_LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(row.label)}</text>',
            f'<rect x="{_LABEL}" y="{top}" width="{length:.1f}" height="{_BAR}" fill="{_COLOURS[row.series]}"/>',
            f'<text x="{_LABEL + length + 6:.1f}" y="{top + 14}">{row.value:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class Curve:
    """One line over time, in equal steps; ``series`` picks its colour."""

    label: str
    values: Sequence[float]
    series: int = 0


def course(title: str, curves: Sequence[Curve], hours: float, marks: Mapping[str, float]) -> str:
    """Return a chart of curves over some hours from zero, with lines across at named values."""
    height, bottom, left, right = 340, 300, 60, 20
    most = max(*(value for curve in curves for value in curve.values), *marks.values()) * 1.05
    across, up = (_WIDTH - left - right) / hours, (bottom - 60) / most
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="24" font-size="16">{escape(title)}</text>',
    ]
    for name, value in marks.items():
        y = bottom - value * up
        parts += [
            f'<path d="M {left} {y:.1f} H {_WIDTH - right}" stroke="#999999" stroke-dasharray="4 4"/>',
            f'<text x="{left + 4}" y="{y - 4:.1f}" font-size="12">{escape(name)}: {value:.2f}</text>',
        ]
    for place, curve in enumerate(curves):
        step = hours / len(curve.values)
        points = " ".join(
            f"{left + (index + 0.5) * step * across:.1f},{bottom - value * up:.1f}"
            for index, value in enumerate(curve.values)
        )
        colour = _COLOURS[curve.series]
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
            f'<text x="{left + 30}" y="{110 + 16 * place}" font-size="12" fill="{colour}">{escape(curve.label)}</text>',
        ]
    for hour in range(0, int(hours) + 1, 6):
        parts.append(f'<text x="{left + hour * across:.1f}" y="{bottom + 20}" text-anchor="middle">{hour}</text>')
    return "\n".join([*parts, "</svg>", ""])
