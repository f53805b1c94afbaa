"""Conditions on consent: per channel, and on topics."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Topic
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_CONSENT, Input, Operator, Sql, Subject, register
from contacts.segments.person_conditions import column


def _topics() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Topic.objects.present().values_list("pk", "name")]


@register
def consents() -> Iterator[Subject]:
    statuses = [
        ("status", _("E-mail consent")),
        ("sms_status", _("SMS consent")),
        ("whatsapp_status", _("WhatsApp consent")),
        ("tracking_status", _("Consent to open tracking")),
    ]
    for name, label in statuses:
        operators = comparisons.choice(
            column(name), lambda: [(key, str(label)) for key, label in Contact.Status.choices]
        )
        yield Subject(f"consent:{name}", label, GROUP_CONSENT, operators[:2])
    topics = Input("topic", "choice", options=_topics)

    def chose(condition: str) -> Sql:
        return lambda ctx, args: (
            f"EXISTS (SELECT FROM contacts_topicchoice w WHERE w.workspace_id = {ctx.param(ctx.workspace_id)} "
            f"AND w.contact_id = c.id AND w.channel = 'email' "
            f"AND w.topic_id = {ctx.param(int(args['topic']))}{condition})"
        )

    not_asked = chose("")
    yield Subject(
        "topic",
        _("Topic"),
        GROUP_CONSENT,
        (
            Operator("wanted", _("was chosen"), _("“%(topic)s” was chosen"), chose(" AND w.wanted"), (topics,)),
            Operator(
                "declined", _("was declined"), _("“%(topic)s” was declined"), chose(" AND NOT w.wanted"), (topics,)
            ),
            Operator(
                "open",
                _("was neither chosen nor declined"),
                _("“%(topic)s” was neither chosen nor declined"),
                lambda ctx, args: f"NOT {not_asked(ctx, args)}",
                (topics,),
            ),
        ),
    )
