"""What the export of one's own data holds of organizations."""

from core.personal_data import ExportedTable, export, leave_out, same_names

export(
    ExportedTable(
        member="organizations.json",
        model="organizations.Membership",
        columns={
            "id": "organization_id",
            "name": "organization__name",
            "description": "organization__description",
            "role": "role",
        },
        order=("organization_id",),
    ),
    ExportedTable(
        member="created_organizations.json",
        model="organizations.Organization",
        owner="creator",
        columns=same_names("id", "name", "description", "created_at"),
    ),
)
leave_out(
    "organizations.Invitation",
    reason="Addresses that others were invited at; an invitation to oneself came by mail.",
)
