"""Keila: one file of all contacts, the workspace's own data as JSON. https://github.com/pentacent/keila"""

from contacts.imports.programs.program import LEAVE_OUT, Program, Shape

PROGRAM = Program(
    name="Keila",
    shapes=(
        Shape(
            needs=("Email", "Data", "Status"),
            signs="First name, Last name, Data, Status, External ID",
            least=4,
        ),
        Shape(
            needs=("Email", "Data", "External ID"),
            signs="First name, Last name, Data, External ID",
            least=4,
        ),
    ),
    columns={
        "email": "Email",
        "external_id": "External ID",
        "first_name": "First name",
        "last_name": "Last name",
        "email_consent": "Status",
        "created_at": "Inserted at",
        LEAVE_OUT: "ID, Updated at",
    },
    states={"Status": {"active": "granted", "unsubscribed": "withdrawn", "unreachable": "bounced"}},
)
