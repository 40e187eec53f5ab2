"""Codes of authenticator apps (RFC 6238: SHA-1, 6 digits, 30 seconds) and recovery codes."""

import hmac
import secrets
from datetime import datetime

import pyotp

from users.codes.digits import normalize_digits

OTP_DIGITS = 6
STEP_SECONDS = 30
RECOVERY_CODE_COUNT = 10
# No 0, 1, i, l, o, which look alike. 31 characters: 10 of them make 49 bits.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_RECOVERY_CODE_LENGTH = 10


def matching_step(secret: str, otp: str, now: datetime) -> int | None:
    """The number of the 30 seconds whose code `otp` (6 digits) is: the present ones, or those just
    before or after, since clocks differ. None for any other code."""
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(totp.generate_otp(step), otp):
            return step
    return None


def normalize_otp(value: object) -> str | None:
    return normalize_digits(value, length=OTP_DIGITS)


def new_recovery_codes() -> list[str]:
    """Ten codes, in the form that people are shown: `abcde-fghjk`."""
    half = _RECOVERY_CODE_LENGTH // 2
    return [f"{_random_text(half)}-{_random_text(half)}" for _ in range(RECOVERY_CODE_COUNT)]


def normalize_recovery_code(text: str) -> str | None:
    """Without spaces and hyphens, in lower case; None when it cannot be one."""
    code = "".join(text.split()).replace("-", "").lower()
    if len(code) != _RECOVERY_CODE_LENGTH or not set(code) <= set(_ALPHABET):
        return None
    return code


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
