"""Permissions of a model that gets another name."""

from typing import Any

from django.db.migrations import RunPython

_ACTIONS = ("add", "change", "delete", "view")


def rename_permissions(app_label: str, before: str, after: str) -> RunPython:
    """For a migration beside RenameModel, with the models' names in lower case: staff keep what
    they are allowed to do, on the way back too."""
    return RunPython(_renaming(app_label, before, after), _renaming(app_label, after, before))


def _renaming(app_label: str, before: str, after: str) -> Any:
    def rename(apps: Any, schema_editor: Any) -> None:
        permissions = (
            apps.get_model("auth", "Permission")
            .objects.using(schema_editor.connection.alias)
            .filter(content_type__app_label=app_label)
        )
        for action in _ACTIONS:
            outdated = permissions.filter(codename=f"{action}_{before}")
            if permissions.filter(codename=f"{action}_{after}").exists():
                # Left by a way back that did not rename them.
                outdated.delete()
            else:
                outdated.update(codename=f"{action}_{after}")

    return rename
