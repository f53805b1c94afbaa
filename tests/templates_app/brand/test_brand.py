"""The brand's page, and what follows the brand: messages made of blocks, not what was sent, not HTML of one's own."""

import pytest

from accounts.models import AuditEntry
from kernel import trash
from kernel.tenancy import scope
from templates_app import versions
from templates_app.blocks import saving
from templates_app.models import Brand, MessageTemplate
from tests.markup import fields_of, flat
from tests.templates_app.brand.conftest import BRAND

CLAY, MOSS = "#a8492a", "#4f5d45"


@pytest.fixture
def client(bob, as_user):
    return as_user(bob)


@pytest.fixture
def template(acme, client) -> MessageTemplate:
    client.post("/w/acme/templates/new/blocks/", {"design": "welcome"})
    with scope(acme):
        return MessageTemplate.objects.get()


def html_of(acme, template) -> str:
    with scope(acme):
        return MessageTemplate.objects.get(pk=template.pk).html


def test_a_message_follows_the_brand_and_what_was_sent_stays(acme, client, template, save, follow, logo):
    with scope(acme):
        sent = versions.freeze(template)
        own = MessageTemplate.objects.create(name="Own", html="<p>#1d5fd1</p>")
    assert "Nothing is changed yet" in client.get(BRAND).content.decode()
    page = flat(client.post(f"{BRAND}draft/", fields_of(client.get(BRAND)) | {"main": CLAY}))
    assert "1 template and your public pages will look different." in page and "1 template in HTML stays" in page

    answer = save(
        main=CLAY,
        second=MOSS,
        heading_font="georgia",
        radius=0,
        logo=logo.pk,
        reason="You bought wool from us.",
        social_instagram="instagram.com/maison",
    )
    assert "Brand saved" in answer.content.decode()
    follow()
    html = html_of(acme, template)
    assert CLAY in html and "Georgia" in html and "border-radius: 0px" in html and logo.file_for(200).path in html
    assert "You bought wool from us." in html and "1d5fd1" not in html
    with scope(acme):
        assert sent.content.body["html"] == template.html and CLAY not in template.html
        own.refresh_from_db()
        assert own.html == "<p>#1d5fd1</p>" and own.brand_revision == 0
        entry = AuditEntry.objects.get(verb="brand.changed")
        assert "main" in entry.detail["fields"]
    # New ones, the gallery and the editor take it at once.
    for address in ("templates/new/designs/offer.html", f"templates/{template.pk}/blocks/message.html"):
        assert CLAY in client.get(f"/w/acme/{address}").content.decode()


def test_what_is_sent_before_the_job_has_run_follows_too(acme, template, save):
    save(main=CLAY)
    with scope(acme):
        fresh = MessageTemplate.objects.get(pk=template.pk)
        assert CLAY not in fresh.html
        assert saving.follow_brand(fresh) and CLAY in fresh.html
        assert not saving.follow_brand(fresh)  # once


def test_a_template_that_cannot_follow_stays_and_holds_nobody_up(acme, template, save, follow):
    with scope(acme):
        MessageTemplate.objects.filter(pk=template.pk).update(document={"v": 99})
    save(main=CLAY)
    follow()
    with scope(acme):
        stuck = MessageTemplate.objects.get(pk=template.pk)
        assert stuck.html == template.html and stuck.brand_revision == Brand.of_workspace().revision


def test_a_block_keeps_a_look_of_its_own(acme, client, template, save, follow):
    with scope(acme):
        document = saving.document_of(template)
        button = next(block for block in document if block.type in ("button", "hero"))
        footer = next(block for block in document if block.type == "footer")
    opened = fields_of(client.get(f"/w/acme/templates/{template.pk}/blocks/{footer.id}/"))
    client.post(f"/w/acme/templates/{template.pk}/blocks/{footer.id}/", opened | {"reason": "My own reason."})
    save(reason="The brand's reason.", button_style="outline")
    follow()
    html = html_of(acme, template)
    assert "My own reason." in html and "The brand" not in html
    assert button is not None and "border: 2px solid" in html


def test_the_brands_words_are_for_its_own_language_only(acme, client, save):
    save(reason="You bought wool from us.")
    english = client.get("/w/acme/templates/new/designs/offer.html?language=en").content.decode()
    french = client.get("/w/acme/templates/new/designs/offer.html?language=fr").content.decode()
    assert "You bought wool from us." in english and "You bought" not in french
    assert "inscrit" in french


def test_the_draft_says_what_can_be_read_and_saves_nothing(acme, client, brand_of):
    given = fields_of(client.get(BRAND)) | {
        "main": "#ffd400",
        "quiet": "#9a8d80",
        "name": "Wool & Co",
        "shown": "visitors",
    }
    page = flat(client.post(f"{BRAND}draft/", given))
    assert "hard to read" in page and 'data-better-of="main"' in page and 'data-better-of="quiet"' in page
    assert "brand/visitors.html?" in page and "ffd400" in page
    assert brand_of(acme).pk is None
    address = f"{BRAND}message.html?main=%23a8492a&second=%23a8492a&dark=1&name=Wool"
    shown = client.get(address)
    assert CLAY in shown.content.decode() and "sandbox" in shown["Content-Security-Policy"]
    assert "Wool" in client.get(address.replace("message", "visitors")).content.decode()


@pytest.mark.parametrize(
    "name, value",
    [
        ("main", "red"),
        ("main", "#12"),
        ("heading_font", "comic"),
        ("radius", "7"),
        ("button_style", "3d"),
        ("logo", "999999"),
        ("name", "{{ first_name }}"),
        ("reason", "{% if %}"),
        ("social_x", "javascript:alert(1)"),
        ("social_instagram", "http://"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(acme, save, brand_of, name, value):
    page = save(**{name: value, "second": MOSS}).content.decode()
    assert "errorlist" in page and MOSS in page
    assert brand_of(acme).pk is None


def test_two_people_keep_both_their_changes_and_are_told_of_the_same_field(acme, client, save, brand_of):
    save(main=CLAY)
    page = fields_of(client.get(BRAND))
    save(second=MOSS)
    client.post(f"{BRAND}save/", page | {"tint": "#f5e9d3"})
    stored = brand_of(acme)
    assert (stored.main, stored.second, stored.tint) == (CLAY, MOSS, "#f5e9d3")
    page = fields_of(client.get(BRAND))
    save(main="#123456", social_facebook="facebook.com/theirs")
    answer = client.post(f"{BRAND}save/", page | {"main": "#654321", "social_facebook": "facebook.com/mine"})
    told = flat(answer)
    assert "Someone saved other changes" in told and "#654321" in told and "facebook.com/mine" in told
    assert brand_of(acme).main == "#123456"


def test_a_page_that_was_opened_before_the_first_brand_asks(acme, client, save, brand_of):
    page = fields_of(client.get(BRAND))
    save(main=CLAY)
    answer = client.post(f"{BRAND}save/", page | {"main": "#123456"})
    assert "save again to overwrite" in answer.content.decode() and brand_of(acme).main == CLAY


def test_who_may_only_read_sees_it_and_changes_nothing(acme, rita, as_user):
    client = as_user(rita)
    page = client.get(BRAND).content.decode()
    assert "brand-form" not in page.replace('form="brand-form"', "") and "message.html" in page
    for path in ("save/", "draft/", "website/", "website/take/"):
        assert client.post(f"{BRAND}{path}").status_code == 403


def test_a_logo_cant_be_deleted_and_says_where_it_is_used(acme, client, save, logo):
    save(logo=logo.pk)
    client.post(f"/w/acme/templates/pictures/{logo.pk}/delete/")
    with scope(acme):
        logo.refresh_from_db()
        assert logo.deleted_at is None and trash.usages_of(logo) == ["Brand"]
    assert "A logo of your brand" in client.get(f"/w/acme/templates/pictures/{logo.pk}/").content.decode()
    assert "logo.jpg" not in client.get("/w/acme/templates/pictures/?show=unused").content.decode()


def test_a_brand_is_one_workspaces(acme, charlie, as_user, save):
    save(main=CLAY)
    assert CLAY not in as_user(charlie).get("/w/beta/templates/brand/").content.decode()
    assert as_user(charlie).get(BRAND).status_code == 404
