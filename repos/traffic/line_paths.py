"""Path data of the lines of a chart (SVG 1.1, 8.3), broken where nothing is known."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby


def line_paths(
    values: Sequence[float | None],
    *,
    x: Callable[[int], float],
    y: Callable[[float], float],
    bottom: float,
) -> Iterator[tuple[str, str]]:
    """The line and the area below it, down to `bottom`, of each run of known values.

    `x` and `y` give the place of a position and of a value in the drawing.
    """
    for run in _known_runs(values):
        points = [f"{x(position):.1f} {y(value):.1f}" for position, value in run]
        first, last = x(run[0][0]), x(run[-1][0])
        area = f"M{first:.1f} {bottom}L{'L'.join(points)}L{last:.1f} {bottom}Z"
        # A day between two gaps is a dot: a line of no length with round ends.
        yield "M" + "L".join(points if len(points) > 1 else points * 2), area


def _known_runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Positions and values, in runs without a gap."""
    for is_known, run in groupby(enumerate(values), key=lambda step: step[1] is not None):
        if is_known:
            yield [(position, value) for position, value in run if value is not None]
