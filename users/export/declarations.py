"""What the export holds of the tables of accounts."""

from core.personal_data import ExportedTable, export, leave_out, same_names

export(
    ExportedTable(
        member="sessions.csv",
        model="users.Session",
        columns=same_names(
            "id", "created_at", "last_used_at", "expires_at", "ip_address", "user_agent"
        ),
        order=("created_at", "pk"),
    )
)
leave_out("users.User_groups", reason="Named in profile.json.")
leave_out("users.User_user_permissions", reason="Named in profile.json.")
leave_out("users.KnownIP", reason="Keyed hashes, from which no address can be read.")
leave_out("users.MailedCode", reason="Hashes of codes that work for some minutes.")
leave_out("users.SignUpResult", reason="The response to the sign-up, encrypted for a day.")
leave_out("users.SecondFactor", reason="A secret; profile.json tells since when it is asked for.")
leave_out("users.RecoveryCode", reason="Hashes of secrets; profile.json tells how many are left.")
leave_out("admin.LogEntry", reason="What staff did to data of others, kept by the installation.")
