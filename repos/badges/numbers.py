"""Numbers as shields.io writes them."""

import math
from decimal import ROUND_HALF_UP, Decimal

_PREFIXES = ("", "k", "M", "G", "T", "P", "E")


def short_number(number: int) -> str:
    """999, 1k, 1.2k, 12k, 1M: one decimal below ten of a unit unless it is 0, otherwise rounded.

    The form of shields.io (badges/shields, services/text-formatters.js).
    """
    for power in range(len(_PREFIXES) - 1, 0, -1):
        if number >= 1000**power:
            scaled = number / 1000**power
            if scaled < 10 and not (decimal := _one_decimal(scaled)).endswith("0"):
                return f"{decimal}{_PREFIXES[power]}"
            rounded = math.floor(scaled + 0.5)
            # 999,999 rounds to a thousand thousands.
            unit = power + rounded // 1000
            return f"{rounded if rounded < 1000 else 1}{_PREFIXES[unit]}"
    return str(number)


def _one_decimal(value: float) -> str:
    """1.25 is 1.3, as in JavaScript; Python's own formats round a half to the even digit: 1.2."""
    return str(Decimal(value).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
