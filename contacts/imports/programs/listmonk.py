"""listmonk: its subscribers, whose attributes are JSON. https://listmonk.app/docs/concepts/"""

from contacts.imports.programs.program import LEAVE_OUT, Program, Shape

PROGRAM = Program(
    name="listmonk",
    shapes=(
        Shape(
            needs=("email", "uuid", "attributes, attribs", "status"),
            signs="uuid, name, attributes, attribs, status, created_at, updated_at, lists",
            least=4,
        ),
        # As it is documented for its own import.
        Shape(
            needs=("email", "name", "attributes"),
            signs="name, attributes",
            least=2,
        ),
    ),
    columns={
        "email": "email",
        "full_name": "name",
        "lists": "lists",
        "email_consent": "status",
        "created_at": "created_at",
        LEAVE_OUT: "id, uuid, updated_at",
    },
    # A subscriber who is disabled gets no campaigns; one on the blocklist is unsubscribed from everything.
    states={"status": {"enabled": "granted", "disabled": "withdrawn", "blocklisted": "withdrawn"}},
)
