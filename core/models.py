"""Storing what must be unique, races included."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, models, transaction

from core.db.sqlite.base import DatabaseWrapper as SQLite


class ConstraintFieldErrorsMixin(models.Model):
    """A model whose constraints report under a field, as `unique=True` would.

    Django reports a constraint on an expression, like `Lower("username")`, for the whole model.
    `constraint_fields` maps its `violation_error_code` to the field that the caller can mend.
    """

    constraint_fields: ClassVar[dict[str, str]] = {}

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        try:
            super().validate_constraints(exclude=exclude)
        except ValidationError as error:
            by_field: dict[str, list[ValidationError]] = {}
            for field, items in error.error_dict.items():
                for item in items:
                    attr = self.constraint_fields.get(item.code or "", field)
                    by_field.setdefault(attr, []).append(item)
            raise ValidationError(by_field) from error


class DerivedFieldsMixin(models.Model):
    """A model with stored copies of other fields, in the form in which they are compared, searched
    or ordered.

    `derived_fields` says how to make each from the instance. They are made again at each validation
    and each save; only who stores by `bulk_create` or `update` calls `set_derived_fields()`.
    """

    derived_fields: ClassVar[dict[str, Callable[[Any], str]]] = {}

    class Meta:
        abstract = True

    def set_derived_fields(self) -> None:
        for name, derive in self.derived_fields.items():
            setattr(self, name, derive(self))

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.set_derived_fields()
        super().clean_fields(exclude=exclude)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """A form excludes what it does not show, yet the names that are unique are among these.

        An empty one was made of nothing, because the form has rejected what it is made of.
        """
        made = {name for name in self.derived_fields if getattr(self, name)}
        empty = self.derived_fields.keys() - made
        super().validate_constraints(exclude=(set(exclude or ()) - made) | empty)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_derived_fields()
        if (update_fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*update_fields, *self.derived_fields}
        super().save(*args, **kwargs)


def full_clean_and_save(
    instance: models.Model, *, update_fields: Iterable[str] | None = None
) -> None:
    """Validate and save, in a savepoint. Raises ValidationError with the constraints' sentences.

    `update_fields` as in `Model.save()`: the others keep what somebody else may have stored since.

    Who loses a race gets the sentence that any later caller gets: after the IntegrityError the
    other row is there to be found.
    """
    instance.full_clean()
    try:
        with transaction.atomic():
            instance.save(update_fields=update_fields)
    except IntegrityError:
        instance.full_clean()
        raise


def close_all_connections() -> None:
    """Close every connection of this process, those that PostgreSQL's pool keeps included."""
    for each in connections.all(initialized_only=True):
        each.close()
        if each.vendor == "postgresql":
            each.close_pool()  # type: ignore[attr-defined]  # not in Django's stubs


@contextmanager
def nowait() -> Iterator[None]:
    """A small write that fails with OperationalError rather than wait for a lock."""
    database = connections[DEFAULT_DB_ALIAS]
    if isinstance(database, SQLite):
        with database.nowait(), transaction.atomic():
            yield
    else:
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            yield
