"""The one user behind every way to sign up and log in."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils import timezone

from core.db.fields import EmailAddressField, IdentifierField, JSONTextField
from core.email_addresses import canonical_email, searchable_email
from core.exceptions import Forbidden
from core.field_errors import FieldErrors
from core.models import (
    ConstraintFieldErrorsMixin,
    DerivedFieldsMixin,
    full_clean_and_save,
)
from core.text import clean_identifier, search_text, strip_invisible
from users.profiles.phones import e164
from users.profiles.profile_data import validate_profile_data


class Gender(models.TextChoices):
    FEMALE = "female"
    MALE = "male"
    UNSPECIFIED = "unspecified"


# No @: a username is never an email address, so one field can take either.
validate_username = RegexValidator(
    r"\A(?=.*[A-Za-z0-9])[A-Za-z0-9._-]{1,150}\Z",
    "A username has 1 to 150 of the characters A-Z a-z 0-9 . _ - and at least one letter or digit.",
    code="invalid_username",
)


EMAIL_TAKEN = "An account with this email address exists already."
USERNAME_TAKEN = "This username is taken."
NO_NAME = "Give an email address or a username."


# Sent with `users` before a bulk update of them, within its transaction: Django has signals for
# single rows only.
users_change = Signal()


# What is stored of a value that came in.
_CLEANED: dict[str, Callable[[Any], Any]] = {
    "email": lambda email: canonical_email(email) if email else None,
    "username": lambda username: clean_identifier(username) if username else None,
    "phone": lambda phone: e164(phone) if phone else None,
    "data": validate_profile_data,
}


class StaffSecondFactorMissing(Forbidden):
    code = "second_factor_required"
    message = (
        "This installation wants staff to have a second factor: set one up with POST /auth/totp."
    )


class UserQuerySet(models.QuerySet["User"]):
    def update(self, **values: Any) -> int:
        with transaction.atomic(using=self.db):
            users_change.send(sender=self.model, users=self)
            return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # keeps templates from calling it


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def with_email(self, email: str) -> models.QuerySet["User"]:
        return self.filter(email=email)

    def with_username(self, username: str) -> models.QuerySet["User"]:
        """Whatever the case, by the index of users_username_unique."""
        name = strip_invisible(username).lower()
        return self.alias(username_lower=Lower("username")).filter(username_lower=name)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.with_username(username or "").get()

    def create_superuser(
        self, username: str, password: str, email: str | None = None, **fields: Any
    ) -> "User":
        """An administrator, for `manage.py createsuperuser`. Raises ValidationError."""
        user = self.model(
            username=username,
            email=email or None,
            # Who may use this server's command line vouches for it.
            email_verified=bool(email),
            is_staff=True,
            is_superuser=True,
            **fields,
        )
        user.set_password(password)
        full_clean_and_save(user)
        return user


class User(ConstraintFieldErrorsMixin, DerivedFieldsMixin, AbstractBaseUser, PermissionsMixin):
    email = EmailAddressField(
        null=True,
        blank=True,
        unique=True,
        error_messages={"unique": EMAIL_TAKEN},
    )
    email_verified = models.BooleanField(
        default=False, help_text="Whether its owner has proved by a code to read its mail."
    )
    username = IdentifierField(
        max_length=150, null=True, blank=True, validators=[validate_username]
    )
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    gender = models.CharField(max_length=11, choices=Gender.choices, default=Gender.UNSPECIFIED)
    birthdate = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=16, null=True, blank=True, help_text="E.164")
    avatar = models.FileField(max_length=200, null=True, blank=True)
    data = JSONTextField(default=dict, blank=True)
    organizations = models.ManyToManyField(
        "organizations.Organization",
        blank=True,
        related_name="members",
        through="organizations.Membership",
    )
    is_staff = models.BooleanField(default=False, help_text="May use the admin and staff calls.")
    is_active = models.BooleanField(
        default=True, help_text="Unset this instead of deleting the account: nobody logs in to it."
    )
    date_joined = models.DateTimeField(default=timezone.now)
    search_text = models.TextField(editable=False, default="", help_text="See core.text.")

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    # What `createsuperuser` asks for besides.
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    derived_fields = {
        "search_text": lambda user: search_text(
            user.username, searchable_email(user.email), user.first_name, user.last_name
        )
    }
    constraint_fields: ClassVar[dict[str, str]] = {
        "username_taken": "username",
        "email_not_lower_case": "email",
    }

    class Meta:
        indexes = [
            # GET /users/stats reads nothing but this.
            models.Index(fields=["id", "gender"], name="users_id_gender"),
            models.Index(fields=["gender", "id"], name="users_of_gender"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="users_username_unique",
                violation_error_code="username_taken",
                violation_error_message=USERNAME_TAKEN,
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=True) | Q(email=Lower("email")),
                name="users_email_lower_case",
                violation_error_code="email_not_lower_case",
                violation_error_message="The email address must be stored in lower case.",
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(username__isnull=False),
                name="users_email_or_username",
                violation_error_code="email_or_username_required",
                violation_error_message=NO_NAME,
            ),
        ]

    def __str__(self) -> str:
        return self.username or self.email or f"user {self.pk}"

    @property
    def has_staff_rights(self) -> bool:
        """Staff, with a second factor where the installation requires one (STAFF_SECOND_FACTOR)."""
        if not self.is_staff or settings.STAFF_SECOND_FACTOR != "required":
            return self.is_staff
        second_factor = getattr(self, "second_factor", None)
        return second_factor is not None and second_factor.confirmed_at is not None

    def require_staff_rights(self) -> None:
        """For a user whose `is_staff` is set. Raises StaffSecondFactorMissing."""
        if not self.has_staff_rights:
            raise StaffSecondFactorMissing

    def stored_password_hash(self) -> str:
        """As it is now; empty once the account is deleted. A user read through Redis has none."""
        stored = User.objects.values_list("password", flat=True)
        return stored.filter(pk=self.pk).first() or ""

    def natural_key(self) -> tuple[str]:
        return (self.username or "",)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Bring the fields into the form in which they are stored, then validate them."""
        skipped = set(exclude or ())
        errors = FieldErrors()
        for name, clean_value in _CLEANED.items():
            if name not in skipped:
                with errors.collect(name):
                    setattr(self, name, clean_value(getattr(self, name)))
        with errors.collect():
            super().clean_fields(exclude=skipped | errors.fields)
        errors.raise_if_any()

    def clean(self) -> None:
        """Not AbstractBaseUser's, which turns a missing username into the text "None"."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Log out whom it concerns."""
        # A password that is set here was set by somebody else: in the admin, on the command line.
        # Its owner changes it through users.passwords.services, which keeps the present session.
        is_new = self._state.adding
        others_set_password = self._password is not None  # type: ignore[attr-defined]  # Django's
        with transaction.atomic():
            super().save(*args, **kwargs)
            if not is_new and (others_set_password or not self.is_active):
                self.sessions.all().delete()
