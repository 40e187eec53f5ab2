"""The chart of a repository as one SVG picture: views and unique visitors, releases marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from repos.badges.numbers import short_number
from repos.traffic.line_paths import line_paths

WIDTH, HEIGHT = 720, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 58, 30
_PLOT_WIDTH = WIDTH - _LEFT - _RIGHT
_PLOT_HEIGHT = HEIGHT - _TOP - _BOTTOM
_LABEL_CHARACTERS = 14

# The picture has a ground of its own: `prefers-color-scheme` is that of the reader's system, not of
# the page around the picture, and lines without a ground would vanish on the other one.
_STYLE = (
    "text{font:11px Verdana,DejaVu Sans,Geneva,sans-serif;fill:#59616a}"
    ".ground{fill:#fff;stroke:#d0d7de}.title{font-size:13px;font-weight:600;fill:#1b2026}"
    ".rule{stroke:#e2dfd9}.axis{stroke:#59616a}.total{stroke:#2c6cb0}.unique{stroke:#b54e07}"
    ".area{fill:#2c6cb0;fill-opacity:.15}.mark{stroke:#6639ba}.marked{fill:#6639ba}"
    ".gap{fill:#8a8174;fill-opacity:.13}"
    "path.total,path.unique{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    "@media(prefers-color-scheme:dark){text{fill:#a3abb4}.ground{fill:#1b1f25;stroke:#31373f}"
    ".title{fill:#e9e7e2}.rule{stroke:#31373f}.axis{stroke:#a3abb4}.total{stroke:#67aef2}"
    ".unique{stroke:#f2a25c}.area{fill:#67aef2}.mark{stroke:#c4a6ff}.marked{fill:#c4a6ff}"
    ".gap{fill:#c9bfae}}"
)


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: a value, or None where nothing is known, for each step of the axis.

    `marks`: position on the axis and text. `unit` says what a step stands for.
    """

    title: str
    unit: str
    first: date
    last: date
    total: Sequence[float | None]
    unique: Sequence[float | None]
    marks: Sequence[tuple[int, str]] = ()


def chart_svg(chart: Chart) -> str:
    """Self-contained: no script, no font, nothing outside."""
    title = f"{chart.title}: views and unique visitors"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{_escaped(title)}</title>'
        f"<desc>{_escaped(_description(chart))}</desc><style>{_STYLE}</style>"
        f'<rect class="ground" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>'
        f'<text class="title" x="14" y="22">{_escaped(_cut(title, 60))}</text>'
        f"{_legend(chart)}{_plot(chart) if _is_drawable(chart) else _nothing()}</svg>\n"
    )


def message_svg(message: str) -> str:
    """A picture of the same size that says why there is no chart."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="40"'
        f' viewBox="0 0 {WIDTH} 40" role="img"><title>{_escaped(message)}</title>'
        f'<style>{_STYLE}</style><rect class="ground" x=".5" y=".5" width="{WIDTH - 1}"'
        f' height="39" rx="8"/><text x="14" y="24">{_escaped(message)}</text></svg>\n'
    )


def _description(chart: Chart) -> str:
    if not _is_drawable(chart):
        return "No traffic is stored yet."
    marks = ", ".join(text for _, text in chart.marks)
    return (
        f"{chart.unit} from {chart.first} to {chart.last}; at most"
        f" {short_number(round(_highest(chart)))} views.{f' Releases: {marks}.' if marks else ''}"
    )


def _is_drawable(chart: Chart) -> bool:
    return any(value is not None for value in (*chart.total, *chart.unique))


def _nothing() -> str:
    return f'<text x="{_LEFT}" y="{_TOP + _PLOT_HEIGHT // 2}">No traffic is stored yet.</text>'


def _legend(chart: Chart) -> str:
    return (
        f'<text x="{WIDTH - 14}" y="22" text-anchor="end">{_escaped(chart.unit)}</text>'
        f'<path class="total" d="M14 35h18"/><text x="38" y="39">views</text>'
        f'<path class="unique" d="M88 35h18"/><text x="112" y="39">unique visitors</text>'
    )


def _plot(chart: Chart) -> str:
    bottom = _TOP + _PLOT_HEIGHT
    top_value = _round_up(_highest(chart))
    rules = "".join(
        f'<path class="rule" d="M{_LEFT} {bottom - _PLOT_HEIGHT * n // 2}h{_PLOT_WIDTH}"/>'
        f'<text x="{_LEFT - 6}" y="{bottom - _PLOT_HEIGHT * n // 2 + 4}" text-anchor="end">'
        f"{short_number(top_value * n // 2)}</text>"
        for n in range(3)
    )
    return (
        f"{rules}{_gaps(chart)}{_series(chart, top_value)}{_marks(chart)}"
        f'<path class="axis" d="M{_LEFT} {bottom}h{_PLOT_WIDTH}"/>'
        f'<text x="{_LEFT}" y="{HEIGHT - 10}">{chart.first}</text>'
        f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 10}" text-anchor="end">{chart.last}</text>'
    )


def _series(chart: Chart, top_value: int) -> str:
    parts: list[str] = []
    bottom = _TOP + _PLOT_HEIGHT
    for name, values in (("total", chart.total), ("unique", chart.unique)):
        for line, area in line_paths(
            values,
            x=lambda position: _x(position, len(chart.total)),
            y=lambda value: bottom - value / top_value * _PLOT_HEIGHT,
            bottom=bottom,
        ):
            if name == "total":
                parts.append(f'<path class="area" d="{area}"/>')
            parts.append(f'<path class="{name}" d="{line}"/>')
    return "".join(parts)


def _gaps(chart: Chart) -> str:
    """Shaded where nothing was collected."""
    count = len(chart.total)
    missing = [
        position
        for position in range(count)
        if chart.total[position] is None and chart.unique[position] is None
    ]
    half = _PLOT_WIDTH / max(count - 1, 1) / 2
    return "".join(
        f'<rect class="gap" x="{max(_x(position, count) - half, _LEFT):.1f}" y="{_TOP}"'
        f' width="{2 * half:.1f}" height="{_PLOT_HEIGHT}"/>'
        for position in missing
    )


def _marks(chart: Chart) -> str:
    """A line for each, with a text where there is room; `desc` lists them all."""
    parts: list[str] = []
    free_from = float(_LEFT)
    for position, text in chart.marks:
        x = _x(position, len(chart.total))
        parts.append(
            f'<path class="mark" stroke-dasharray="3 3" d="M{x:.1f} {_TOP}v{_PLOT_HEIGHT}"/>'
        )
        shown = _cut(text, _LABEL_CHARACTERS)
        width = 7 * len(shown)
        start = min(x + 3, WIDTH - _RIGHT - width)
        if start >= free_from:
            parts.append(
                f'<text class="marked" x="{start:.1f}" y="{_TOP + 10}">{_escaped(shown)}</text>'
            )
            free_from = start + width + 4
    return "".join(parts)


def _x(position: int, count: int) -> float:
    return _LEFT + _PLOT_WIDTH * (position / (count - 1) if count > 1 else 0.5)


def _highest(chart: Chart) -> float:
    return max(value for value in (*chart.total, *chart.unique) if value is not None)


def _round_up(value: float) -> int:
    """The next of 2, 4, 10, 20, 40, 100 …: halves of it are round, too."""
    power = 1
    while True:
        for step in (2, 4, 10):
            if step * power >= value:
                return step * power
        power *= 10


def _escaped(text: str) -> str:
    """XML takes no control characters, not even escaped (XML 1.0, 2.2)."""
    return escape("".join(one if one.isprintable() else " " for one in text))


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
