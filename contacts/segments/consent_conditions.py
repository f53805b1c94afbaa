"""Conditions on consent: per channel, and on topics."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contacts.models import Channel, Consent, Contact, Topic
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_CONSENT, Context, Input, Operator, Sql, Subject, register
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
    yield from _dates()
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


def _dates() -> Iterator[Subject]:
    labels = [
        ("given", Channel.EMAIL, _("Date of e-mail consent")),
        ("given", Channel.SMS, _("Date of SMS consent")),
        ("given", Channel.WHATSAPP, _("Date of WhatsApp consent")),
        ("given", Channel.TRACKING, _("Date of consent to open tracking")),
        ("withdrawn", Channel.EMAIL, _("Date of unsubscribing from e-mail")),
        ("withdrawn", Channel.SMS, _("Date of unsubscribing from SMS")),
        ("withdrawn", Channel.WHATSAPP, _("Date of unsubscribing from WhatsApp")),
    ]
    for change, channel, label in labels:
        yield Subject(f"consent:{change}:{channel}", label, GROUP_CONSENT, comparisons.moment(_newest(change, channel)))


def _newest(change: str, channel: str) -> comparisons.Expression:
    """When consent was last given, or withdrawn, according to the ledger. Who agrees to a topic agrees to the channel;
    who declines a topic does not unsubscribe from the channel."""
    states = {
        "given": f"w.state = '{Consent.State.GRANTED}'",
        "withdrawn": f"w.state = '{Consent.State.WITHDRAWN}' AND w.topic_id IS NULL",
    }

    def value(ctx: Context) -> str:
        return (
            f"(SELECT max(w.at) FROM contacts_consent w WHERE w.workspace_id = {ctx.param(ctx.workspace_id)} "  # noqa: S608
            f"AND w.contact_id = c.id AND w.channel = {ctx.param(str(channel))} AND {states[change]})"
        )

    return value
