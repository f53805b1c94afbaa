from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "delivery"

    def ready(self) -> None:
        from accounts import audit_words, context
        from contacts.exports import workspace_archive
        from contacts.groups import tagging
        from contacts.imports import undo_guards
        from contacts.privacy import erasure, subject_data
        from delivery import banners, discovery, growth, privacy, subscribers
        from delivery import engagement_conditions as _engagement  # noqa: F401  (registers itself)
        from delivery.audit_words import WORDS
        from delivery.channels.email import message_checks
        from delivery.models import Hit, Message, SeedList, Sender
        from delivery.sources.audience import AudienceSource
        from delivery.sources.listed import ListedSource
        from delivery.sources.retry import RetrySource
        from delivery.sources.source import SOURCES
        from delivery.sources.tester import TesterSource
        from kernel import partitions, trash
        from templates_app.checks.running import CHECKS, LATER

        audit_words.register(WORDS)
        discovery.discover()
        tagging.MERGE_FOLLOWERS.add(subscribers.follow_tag)
        trash.register(Sender, "sender", _("Senders"), permission="sending.manage", page="delivery:senders")
        trash.register(SeedList, "seed_list", _("Seed lists"), permission="campaigns.edit", page="delivery:seed_lists")
        workspace_archive.register(
            "seed_lists",
            "id, name, addresses",
            "delivery_seedlist WHERE workspace_id = %(workspace)s AND deleted_at IS NULL ORDER BY id",
        )
        for what, statement in privacy.ERASURE.items():
            erasure.STATEMENTS.add(statement, what)
        subject_data.register("messages", privacy.messages, Message)
        subject_data.register("opens_and_clicks", privacy.opens_and_clicks, Hit)
        workspace_archive.register(
            "messages",
            "batch_id, batch=b.name, channel=b.channel, contact_id, state=t.state, reason=t.reason, settled_at, "
            "delivered_at, opened_at, clicked_at, bounced_at, unsubscribed_at",
            "delivery_message t JOIN delivery_batch b ON b.id = t.batch_id WHERE t.workspace_id = %(workspace)s",
        )
        undo_guards.GUARDS.add(
            "EXISTS (SELECT FROM delivery_message m WHERE m.workspace_id = c.workspace_id AND m.contact_id = c.id)",
            "delivery_message",
        )
        for table in growth.TABLES:
            partitions.TABLES.add(table, table.table)
        SOURCES.add(AudienceSource(), "audience")
        SOURCES.add(ListedSource(), "listed")
        SOURCES.add(RetrySource(), "retry")
        SOURCES.add(TesterSource(), "tester")
        context.BANNERS.add(banners.banners)
        LATER.add(message_checks.spam_score_page, "spam_score")
        CHECKS.add(message_checks.size, "size")
        CHECKS.add(message_checks.support, "support")
