"""The archive as RSS 2.0 (https://www.rssboard.org/rss-specification), with the link to itself of Atom."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.feedgenerator import Rss201rev2Feed

from campaigns.models import Archive, ArchiveEntry

MOST = 50


def of_archive(archive: Archive, entries: Iterable[ArchiveEntry], language: str) -> bytes:
    """The feed of these entries, the newest first."""
    feed = Rss201rev2Feed(
        title=archive.title,
        link=archive.address(),
        description=for_xml(archive.intro) or archive.title,
        language=language,
        feed_url=archive.feed_address,
        ttl=60,
    )
    for entry in entries:
        feed.add_item(
            title=entry.subject or archive.title,
            link=archive.address("newsletters:show", message=entry.slug),
            description=entry.preheader or entry.subject,
            # The address may get other words; who has read the message must not get it again.
            unique_id=archive.address("newsletters:show", message=entry.key),
            unique_id_is_permalink=False,
            pubdate=entry.sent_at,
        )
    return feed.writeString("utf-8").encode()


def for_xml(text: str) -> str:
    """The text without the characters that XML has none of (XML 1.0, 2.2)."""
    return "".join(one for one in text if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))
