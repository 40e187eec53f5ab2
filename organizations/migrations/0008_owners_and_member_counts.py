"""Owners for existing organizations, and counts that the database keeps by itself.

Triggers, and not code of the application: memberships end in many ways (an account is deleted, staff
edit them), and the lock that counting takes on the organization's row is what makes two owners who
delete their accounts at one instant come one after the other.
"""

from typing import Any

from django.db import migrations

# Whoever takes over: an owner, if there is one left, else the admin, else the member who has been
# there longest.
_SUCCESSOR = """
    SELECT id FROM users_user_organizations WHERE organization_id = OLD.organization_id
    ORDER BY CASE role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END, id LIMIT 1
"""

_SQLITE = (
    """
    CREATE TRIGGER organizations_member_joined AFTER INSERT ON users_user_organizations BEGIN
        UPDATE organizations_organization SET member_count = member_count + 1
        WHERE id = NEW.organization_id;
    END
    """,
    """
    CREATE TRIGGER organizations_member_left AFTER DELETE ON users_user_organizations BEGIN
        UPDATE organizations_organization SET member_count = member_count - 1
        WHERE id = OLD.organization_id;
    END
    """,
    f"""
    CREATE TRIGGER organizations_owner_left AFTER DELETE ON users_user_organizations
    WHEN OLD.role = 'owner' BEGIN
        UPDATE users_user_organizations SET role = 'owner' WHERE id = ({_SUCCESSOR});
    END
    """,  # noqa: S608  # our own text
)
_SQLITE_REVERSE = (
    "DROP TRIGGER organizations_member_joined",
    "DROP TRIGGER organizations_member_left",
    "DROP TRIGGER organizations_owner_left",
)

_POSTGRESQL = (
    f"""
    CREATE FUNCTION organizations_count_members() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            UPDATE organizations_organization SET member_count = member_count + 1
            WHERE id = NEW.organization_id;
        ELSE
            UPDATE organizations_organization SET member_count = member_count - 1
            WHERE id = OLD.organization_id;
            IF OLD.role = 'owner' THEN
                UPDATE users_user_organizations SET role = 'owner' WHERE id = ({_SUCCESSOR});
            END IF;
        END IF;
        RETURN NULL;
    END $$
    """,  # noqa: S608  # our own text
    """
    CREATE TRIGGER organizations_members_change AFTER INSERT OR DELETE ON users_user_organizations
    FOR EACH ROW EXECUTE FUNCTION organizations_count_members()
    """,
)
_POSTGRESQL_REVERSE = (
    "DROP TRIGGER organizations_members_change ON users_user_organizations",
    "DROP FUNCTION organizations_count_members()",
)

# After the triggers: who joins concurrently waits for this transaction, or is counted here.
_FILL = (
    """
    UPDATE organizations_organization SET member_count = (
        SELECT COUNT(*) FROM users_user_organizations
        WHERE organization_id = organizations_organization.id
    )
    """,
    """
    UPDATE users_user_organizations SET role = 'owner' WHERE EXISTS (
        SELECT 1 FROM organizations_organization
        WHERE id = users_user_organizations.organization_id
        AND creator_id = users_user_organizations.user_id
    )
    """,
    """
    UPDATE users_user_organizations SET role = 'owner' WHERE id IN (
        SELECT MIN(id) FROM users_user_organizations GROUP BY organization_id
        HAVING SUM(CASE role WHEN 'owner' THEN 1 ELSE 0 END) = 0
    )
    """,
)


def create(apps: Any, schema_editor: Any) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in (*(_SQLITE if is_sqlite else _POSTGRESQL), *_FILL):
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in _SQLITE_REVERSE if is_sqlite else _POSTGRESQL_REVERSE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0007_roles_and_invitations")]

    operations = [migrations.RunPython(create, drop)]
