"""The archive as everybody sees it: the messages as nobody gets them, and nothing where it is off."""

import email.utils
import re
from html import unescape
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.archive import filing, for_nobody
from campaigns.models import Archive, ArchiveEntry, Campaign
from contacts.models import SignupForm
from delivery.models import Control
from kernel.tenancy import scope
from tests import factories
from tests.campaigns.archive.showing import give_form, open_archive, path, send, text

ATOM = "{http://www.w3.org/2005/Atom}"


def pages(news) -> list[str]:
    return [news.index, news.feed, news.page, news.message]


def test_the_list_says_when_and_what_each_message_was(news):
    page = text(news.index)
    assert "Hi, good news" in page and news.page in page and str(timezone.now().year) in page
    assert f'<link rel="alternate" type="application/rss+xml" title="News" href="{news.archive.feed_address}">' in (
        re.sub(r"\s+", " ", page).replace(" >", ">")
    )


def test_nothing_in_it_is_a_persons(news, people):
    """Every value of every contact, and every sign of a link that is somebody's, is looked for on every page."""
    everything = "".join(unescape(text(address)) for address in pages(news))
    assert "Hello reader!" in everything
    for person in people:
        assert person.email not in everything and person.first_name not in everything
    for start in ("/u/", "/p/", "/v/", "/o/", "/c/"):
        assert start not in everything, start
    assert "https://shop.example/?who=&n=1" in everything
    assert "nowhere.invalid" not in everything and "fanfare_" not in everything


def test_its_addresses_have_no_numbers_of_ours(news):
    assert re.fullmatch(r"/archive/acme/[a-z2-9]{10}/\d{4}-\d\d-\d\d-hi-good-news-[a-z2-9]{10}/", news.page)


def test_links_to_leave_are_left_out_with_what_parts_them(news):
    html = text(news.message)
    assert "Unsubscribe" not in html and "Preferences" not in html and "&middot;" not in html and "·" not in html
    assert '<p><a href="https://shop.example/about">About</a></p>' in re.sub(r">\s+<", "><", html)
    assert f'href="{news.archive.address()}' in html, "view online leads to the page itself"


def test_links_to_leave_lead_to_the_form_where_there_is_one(acme, news):
    form = give_form(news.archive)
    assert text(news.message).count(f'href="{form.address}"') == 2
    assert form.address in text(news.index) and form.address in text(news.page)
    with scope(acme):
        form.is_open = False
        form.save()
    assert form.address not in text(news.message) + text(news.index) + text(news.page)
    with scope(acme):
        SignupForm.objects.update(is_open=True)
        form.discard()
    assert form.address not in text(news.message)


@pytest.mark.parametrize(
    "source, left",
    [
        ('<a href="{N}">A</a> · <a href="x">B</a>', '<a href="x">B</a>'),
        ('<a href="x">B</a> | <a href="{N}">A</a>', '<a href="x">B</a>'),
        ('<a href="x">B</a> &middot; <a href="{N}">A</a> &middot; <a href="y">C</a>',
         '<a href="x">B</a> &middot; <a href="y">C</a>'),
        ('<a class="b" href="{N}?a=1"><b>A</b></a>', ""),
        ('<v:roundrect href="{N}" class="x">', '<v:roundrect class="x">'),
        ("Leave: {N}", "Leave:"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_goes(source, left):
    found = for_nobody._without_nowhere(source.replace("{N}", for_nobody.NOWHERE))
    assert " ".join(found.split()) == left


def test_the_message_runs_in_a_sandbox_with_the_policy_of_the_web_copy(news):
    response = Client().get(news.message)
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox") and "script-src" not in policy and "default-src 'none'" in policy
    assert "allow-same-origin" not in policy and "allow-scripts" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN" and response["Referrer-Policy"] == "no-referrer"
    frame = re.search(r"<iframe[^>]*>", text(news.page))
    assert frame and 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame[0]
    assert '<base target="_blank">' in text(news.message), "its links leave the frame"


EVIL = '"><script>alert(1)</script> & {{ "<img src=x onerror=alert(2)>" }}'


def test_markup_in_titles_and_subjects_is_text(acme, people):
    archive = open_archive(acme, title=EVIL[:110], intro=EVIL)
    send(acme, subject=EVIL, preheader=EVIL)
    with scope(acme), timezone.override(acme.zone):
        archive.workspace = acme
        entry = filing.shown(archive).get()
        addresses = [archive.address(), archive.address("newsletters:show", message=entry.slug)]
        feed = archive.feed_address
    for address in addresses:
        page = text(path(address))
        assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;" in page
    item = ElementTree.fromstring(text(path(feed))).find("channel/item")
    assert item is not None and item.findtext("title", "").startswith('"><script>alert(1)</script> & ')


@pytest.mark.parametrize("switch", ["closed", "stopped", "trashed", "another key", "another slug"])
def test_nothing_is_shown_at_once_where_it_is_off(acme, beta, news, switch):
    etags = {address: Client().get(address)["ETag"] for address in pages(news)}
    addresses = pages(news)
    if switch == "closed":
        with scope(acme):
            Archive.objects.update(is_open=False)
    elif switch == "stopped":
        Control.objects.create(kind="workspace", workspace=acme, reason="Spam")
    elif switch == "trashed":
        with scope(acme):
            news.campaign.discard()
        assert "good news" not in text(news.index) + text(news.feed)
        addresses = [news.page, news.message]
    elif switch == "another key":
        addresses = [address.replace(news.archive.key, "a" * 10) for address in addresses]
    else:
        addresses = [address.replace("/acme/", "/beta/") for address in addresses]
    for address in addresses:
        response = Client().get(address, headers={"if-none-match": etags.get(address, "*")})
        assert response.status_code == 404 and "good news" not in response.content.decode(), address


def test_a_stop_of_everybody_or_of_another_shows_it_still(beta, news):
    Control.objects.create(kind="all", reason="Maintenance")
    Control.objects.create(kind="workspace", workspace=beta, reason="Spam")
    assert "good news" in text(news.index)


def test_two_workspaces_show_their_own(acme, beta, news):
    other = open_archive(beta, title="Theirs")
    with scope(beta):
        factories.contacts(1)
    send(beta, subject="Beta's message")
    with scope(beta):
        entry = filing.shown(other).get()
        address = path(other.address())
    assert "Beta&#x27;s message" in text(address) and "good news" not in text(address)
    assert "Beta" not in text(news.index)
    text(news.index + entry.slug + "/", 404)
    text(news.index + entry.key + "/message.html", 404)


@pytest.mark.parametrize("shows_all, is_shown, seen", [
    (True, None, True), (True, True, True), (True, False, False),
    (False, None, False), (False, True, True), (False, False, False),
])  # fmt: skip
def test_who_decides_what_is_shown(acme, news, shows_all, is_shown, seen):
    with scope(acme):
        Archive.objects.update(shows_all=shows_all)
        ArchiveEntry.objects.update(is_shown=is_shown)
    assert ("good news" in text(news.index)) == ("good news" in text(news.feed)) == seen
    text(news.page, 200 if seen else 404)
    text(news.message, 200 if seen else 404)


def test_an_address_with_other_words_leads_to_the_right_one(news):
    response = Client().get(f"{news.index}2020-01-01-old-words-{news.entry.key}/")
    assert response.status_code == 302 and path(response["Location"]) == news.page
    assert path(Client().get(f"{news.index}{news.entry.key}/")["Location"]) == news.page
    text(news.index + "nothing/", 404)


def test_search_engines_come_only_where_the_workspace_says_so(acme, news):
    assert all(Client().get(address)["X-Robots-Tag"] == "noindex" for address in pages(news))
    assert 'name="robots" content="noindex"' in text(news.index) + text(news.page)
    with scope(acme):
        Archive.objects.update(is_indexed=True)
    for address in (news.index, news.page):
        response = Client().get(address)
        assert "X-Robots-Tag" not in response and 'content="index, follow"' in response.content.decode()
    assert Client().get(news.message)["X-Robots-Tag"] == "noindex", "the page around it is what is listed"


def test_the_feed_keeps_the_rules_of_rss(news):
    response = Client().get(news.feed)
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    channel = root.find("channel")
    assert root.tag == "rss" and root.get("version") == "2.0" and channel is not None
    for name in ("title", "link", "description", "language", "lastBuildDate", "ttl"):
        assert len(channel.findall(name)) == 1 and channel.findtext(name), name
    itself = channel.find(f"{ATOM}link")
    assert itself is not None and itself.attrib == {"rel": "self", "href": news.archive.feed_address}
    (item,) = channel.findall("item")
    assert item.findtext("title") == "Hi, good news" and item.findtext("description") == "For only"
    assert path(item.findtext("link", "")) == news.page
    guid = item.find("guid")
    assert guid is not None and guid.get("isPermaLink") == "false" and guid.text
    assert guid.text.endswith(f"/{news.entry.key}/")
    at = email.utils.parsedate_to_datetime(item.findtext("pubDate", ""))
    assert abs((at - news.entry.sent_at).total_seconds()) < 1


def test_a_feed_has_no_characters_that_xml_has_not(acme, news):
    with scope(acme):
        Archive.objects.update(intro="a\x01b\x0b\ufffe")
        ArchiveEntry.objects.update(subject=for_nobody.tidied("a\x01b\u2028\ud800c", has_gaps=False))
    root = ElementTree.fromstring(Client().get(news.feed).content)
    assert root.findtext("channel/item/title") == "a b c"


def test_who_has_it_already_gets_nothing_again(acme, news):
    for address in pages(news):
        first = Client().get(address)
        assert first["Cache-Control"] == "public, no-cache" and not first.cookies
        again = Client().get(address, headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304 and not again.content and again["ETag"] == first["ETag"], address
    feed = Client().get(news.feed)
    again = Client().get(news.feed, headers={"if-modified-since": feed["Last-Modified"]})
    assert again.status_code == 304
    with scope(acme):
        earlier = Archive.objects.get()
        Archive.objects.update(changed_at=timezone.now() - timezone.timedelta(hours=1))
    since = Client().get(news.feed)["Last-Modified"]
    with scope(acme):
        Campaign.objects.get(pk=news.campaign.pk).discard()
    changed = Client().get(news.feed, headers={"if-modified-since": since})
    assert changed.status_code == 200 and b"good news" not in changed.content and earlier.is_open


def test_fifty_are_listed_and_cost_what_one_does(acme, news):
    with CaptureQueriesContext(connection) as one:
        text(news.index)
    with scope(acme):
        now = timezone.now()
        copies = [
            Campaign(name=f"C{n}", state="sent", started_at=now - timezone.timedelta(days=10 * n)) for n in range(60)
        ]
        made = Campaign.objects.bulk_create(copies)
        ArchiveEntry.objects.bulk_create(
            ArchiveEntry(campaign=c, batch=news.entry.batch, sent_at=c.started_at, subject=f"Subject {c.name}.")
            for c in made
        )
    with CaptureQueriesContext(connection) as many:
        page = text(news.index)
    assert len(many) == len(one) and page.count("<time") == 50 and "Subject C48." in page and "C49" not in page
    assert text(news.feed).count("<item>") == 50
    onward = unescape(re.search(r'href="(\?cursor=[^"]+)"', page)[1])
    assert text(news.index + onward).count("<time") == 11
    assert page.count('class="archive-year"') >= 2


def test_the_pages_speak_the_workspaces_language(acme, news):
    acme.language = "fr"
    acme.save()
    assert (
        'lang="fr"' in text(news.index)
        and 'lang="fr"' in text(news.page)
        and "<language>fr</language>" in (text(news.feed))
    )


def test_only_reading_is_possible(news):
    for address in pages(news):
        assert Client().post(address).status_code == 405
        assert Client().head(address).status_code == 200


@pytest.mark.parametrize(
    "written, listed",
    [
        ("Hi {{ first_name }}, news", "Hi, news"),
        ("{{ first_name }}, it's time", "It's time"),
        ("{% if first_name %}Dear {{ first_name }}{% else %}Dear reader{% endif %}!", "Dear reader!"),
        ("- a list -", "- a list -"),
        ("{Hi|Hi} there", "Hi there"),
        ("{{ first_name | money: 5 | nothing }", ""),
    ],
)
def test_a_line_is_what_nobody_gets(acme, written, listed):
    with scope(acme):
        from delivery.models import Batch
        from templates_app import contents

        body = {"subject": written, "preheader": "", "html": "", "text": "x"}
        batch = Batch(content=contents.keep(channel="email", kind="html", body=body), parameters={})
        assert for_nobody.line_of(batch, "subject") == listed
