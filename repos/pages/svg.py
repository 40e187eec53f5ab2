"""The charts as plain SVG, for readers without JavaScript."""

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe

WIDTH = 600
HEIGHT = 150


def render_sparkline(total: Sequence[float | None], unique: Sequence[float | None]) -> SafeString:
    """Two lines over each other, broken where nothing was collected; the upper one is filled."""
    highest = max((value for value in (*total, *unique) if value is not None), default=0) or 1
    lines, areas = _paths(total, highest)
    unique_lines, _ = _paths(unique, highest)
    return mark_safe(  # noqa: S308  # numbers only
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="area" d="{areas}"/><path class="total" d="{lines}"/>'
        f'<path class="unique" d="{unique_lines}"/></svg>'
    )


def _paths(values: Sequence[float | None], highest: float) -> tuple[str, str]:
    """The line, and the area below it."""
    step = WIDTH / max(len(values) - 1, 1)
    lines: list[str] = []
    areas: list[str] = []
    for run in _runs(values):
        points = [
            f"{position * step:.1f} {HEIGHT - value / highest * (HEIGHT - 4) - 2:.1f}"
            for position, value in run
        ]
        # A day between two gaps is a dot: a line of no length with round ends.
        lines.append("M" + "L".join(points if len(points) > 1 else points * 2))
        first, last = run[0][0] * step, run[-1][0] * step
        areas.append(f"M{first:.1f} {HEIGHT}L{'L'.join(points)}L{last:.1f} {HEIGHT}Z")
    return "".join(lines), "".join(areas)


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = []
    previous = None
    for position, value in enumerate(values):
        if value is not None:
            if previous is None:
                runs.append([])
            runs[-1].append((position, value))
        previous = value
    return runs
