"""Campaigns as users of templates, for the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count, QuerySet
from django.utils.translation import ngettext

from campaigns.models import Campaign, CampaignBatch
from contacts.models.name_key import NameKey
from kernel.links import HasSlug, workspace_url
from templates_app.models import MessageTemplate
from templates_app.uses import USES, Thing, Use


def register() -> None:
    USES.add(Use(_in_words, _counts, _things, _worded, _sent), "campaigns")


def _in_words(n: int) -> str:
    return ngettext("%(n)d campaign", "%(n)d campaigns", n) % {"n": n}


def _counts(ids: Sequence[int]) -> Mapping[int, int]:
    rows = Campaign.objects.present().filter(template_id__in=ids).order_by().values_list("template_id")
    return dict(rows.annotate(n=Count("pk")))


def _things(template: MessageTemplate, workspace: HasSlug, most: int) -> list[Thing]:
    rows = Campaign.objects.present().filter(template=template).order_by("-pk").values_list("pk", "name")[:most]
    return [Thing(name, workspace_url(workspace, "campaigns:show", pk=pk)) for pk, name in rows]


def _worded(words: Sequence[str]) -> QuerySet:
    found = Campaign.objects.present().exclude(template=None).annotate(folded=NameKey("subject"))
    for word in words:
        found = found.filter(folded__contains=word)
    return found.values("template_id")


def _sent(version_ids: Sequence[int], workspace: HasSlug) -> Mapping[int, list[Thing]]:
    found: dict[int, list[Thing]] = {}
    parts = CampaignBatch.objects.filter(version_id__in=version_ids, campaign__deleted_at=None)
    rows = parts.order_by("campaign_id").values_list("version_id", "campaign_id", "campaign__name").distinct()
    for version_id, pk, name in rows:
        found.setdefault(version_id, []).append(Thing(name, workspace_url(workspace, "campaigns:show", pk=pk)))
    return found
