"""The charts as plain SVG, for readers without JavaScript and for paper."""

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe

from repos.traffic.line_paths import line_paths

WIDTH = 600
HEIGHT = 150
SPARK_WIDTH = 120
SPARK_HEIGHT = 24


def render_chart(
    total: Sequence[float | None],
    unique: Sequence[float | None] = (),
    *,
    marks: Sequence[int] = (),
    lowest: float = 0,
) -> SafeString:
    """Two lines over each other, broken where nothing was collected; the upper one is filled where
    the ground is zero. `marks`: positions of upright lines. `lowest`: the value at the ground."""
    highest = max((value for value in (*total, *unique) if value is not None), default=0)
    scale = _Scale(WIDTH, HEIGHT, len(total), lowest, highest)
    lines, areas = scale.paths(total)
    unique_lines, _ = scale.paths(unique)
    upright = "".join(f"M{scale.x(position):.1f} 0V{HEIGHT}" for position in marks)
    return mark_safe(  # noqa: S308  # numbers only
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        + (f'<path class="area" d="{areas}"/>' if lowest == 0 else "")
        + (f'<path class="mark" d="{upright}"/>' if upright else "")
        + f'<path class="total" d="{lines}"/>'
        + (f'<path class="unique" d="{unique_lines}"/>' if unique_lines else "")
        + "</svg>"
    )


def render_sparkline(values: Sequence[float | None]) -> SafeString:
    """A line in the size of a word; the text beside it says what it shows."""
    highest = max((value for value in values if value is not None), default=0)
    lines, areas = _Scale(SPARK_WIDTH, SPARK_HEIGHT, len(values), 0, highest).paths(values)
    return mark_safe(  # noqa: S308  # numbers only
        f'<svg class="spark" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}"'
        f' preserveAspectRatio="none" aria-hidden="true"><path class="area" d="{areas}"/>'
        f'<path class="total" d="{lines}"/></svg>'
    )


class _Scale:
    def __init__(self, width: int, height: int, steps: int, lowest: float, highest: float) -> None:
        self._step = width / max(steps - 1, 1)
        self._height = height
        self._lowest = lowest
        self._extent = (highest - lowest) or 1

    def x(self, position: int) -> float:
        return position * self._step

    def y(self, value: float) -> float:
        """Two pixels inside: a line at the edge keeps its whole width."""
        share = (value - self._lowest) / self._extent
        return self._height - share * (self._height - 4) - 2

    def paths(self, values: Sequence[float | None]) -> tuple[str, str]:
        """The line, and the area below it."""
        paths = list(line_paths(values, x=self.x, y=self.y, bottom=self._height))
        return "".join(line for line, _ in paths), "".join(area for _, area in paths)
