"""Numbers and names as the chart pages write them."""

from django import template

register = template.Library()


@register.filter
def grouped(number: float | None) -> str:
    """1234.0 is "1,234", 12.5 is "12.5", None a dash."""
    if number is None:
        return "–"  # noqa: RUF001  # the sign for "no figure"
    return f"{round(number):,}" if number == round(number) or number >= 100 else f"{number:,}"


@register.filter
def counted(number: float | None, noun: str) -> str:
    """ "1 view", "0.5 views", "1,234 views"."""
    return f"{grouped(number)} {noun if number == 1 else f'{noun}s'}"
