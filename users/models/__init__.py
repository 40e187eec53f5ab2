"""The tables of accounts."""

from users.models.known_ip import KnownIP
from users.models.mailed_code import MailedCode
from users.models.rate_limit import RateLimit
from users.models.second_factor import RecoveryCode, SecondFactor
from users.models.session import Session
from users.models.session_epoch import SessionEpoch
from users.models.sign_up_result import SignUpResult
from users.models.user import Gender, User

__all__ = [
    "Gender",
    "KnownIP",
    "MailedCode",
    "RateLimit",
    "RecoveryCode",
    "SecondFactor",
    "Session",
    "SessionEpoch",
    "SignUpResult",
    "User",
]
