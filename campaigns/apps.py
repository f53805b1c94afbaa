from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from accounts import audit_words
        from campaigns import batches, subscribers, template_uses, usage_checks
        from campaigns.audit_words import WORDS
        from campaigns.models import Campaign
        from contacts.exports import workspace_archive
        from contacts.groups import tagging
        from delivery import batch_groups
        from kernel import trash

        audit_words.register(WORDS)
        usage_checks.register()
        template_uses.register()
        trash.register(Campaign, "campaign", _("Campaigns"), permission="campaigns.edit", page="campaigns:index")
        batch_groups.TOGETHER.add(batches.TOGETHER, "campaign")
        batch_groups.FOLLOWERS.add(batches.followers)
        tagging.MERGE_FOLLOWERS.add(subscribers.follow_tag)
        workspace_archive.register(
            "campaigns",
            "id, name, subject, preheader, translations, template_id, audience, state, created_at, started_at",
            "campaigns_campaign WHERE workspace_id = %(workspace)s AND deleted_at IS NULL ORDER BY id",
            nested="audience",
        )
        workspace_archive.register(
            "campaign_batches",
            "campaign_id, batch_id, reason, number, opened_at",
            "campaigns_campaignbatch WHERE workspace_id = %(workspace)s ORDER BY batch_id",
        )
        workspace_archive.register(
            "newsletter_archive",
            "key, is_open, title, intro, shows_all, is_indexed, signup_form_id",
            "campaigns_archive WHERE workspace_id = %(workspace)s",
        )
        workspace_archive.register(
            "newsletter_archive_entries",
            "campaign_id, key, is_shown, sent_at, subject, preheader",
            "campaigns_archiveentry WHERE workspace_id = %(workspace)s ORDER BY campaign_id",
        )
