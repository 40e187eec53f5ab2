"""What the export of one's own data tells of organizations."""

from core.personal_data import ExportedTable, export, same
from users.models import User

export(
    ExportedTable(
        member="organizations.json",
        model=User.organizations.through._meta.label,
        columns={
            "id": "organization_id",
            "name": "organization__name",
            "description": "organization__description",
        },
        order=("organization_id",),
    ),
    ExportedTable(
        member="created_organizations.json",
        model="organizations.Organization",
        owner="creator",
        columns=same("id", "name", "description", "created_at"),
    ),
)
