"""One picture in the place of another, in every template that shows it, and what sent messages keep."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kernel import trash
from kernel.files import sweeping
from kernel.tenancy import scope
from templates_app import contents, versions
from templates_app.models import Content, ContentPicture, MessageTemplate, Picture, TemplatePicture
from templates_app.pictures import replacing
from tests.kept_files import all_names
from tests.markup import edit
from tests.templates_app.pictures.conftest import WORKSPACE
from tests.templates_app.pictures.drawn import photo, upload


@pytest.fixture
def replace(bob, as_user):
    """replace(picture, data, seen) as bob does it, who has seen the list of these templates."""
    client = as_user(bob)

    def post(picture, data: bytes, *seen: MessageTemplate):
        given = {"picture": upload(data, "new.jpg"), "seen": ",".join(str(template.pk) for template in seen)}
        return client.post(f"{WORKSPACE}/pictures/{picture.pk}/replace/", given, follow=True).content.decode()

    return post


def html_of(template: MessageTemplate) -> str:
    with scope(template.workspace_id):
        return MessageTemplate.objects.get(pk=template.pk).html


def test_all_templates_change_at_once_and_what_was_sent_does_not(acme, add, template, replace, bob, as_user, client):
    wool, shop = add("wool.jpg"), add("shop.jpg")
    letter, welcome, other = template("Letter", wool, shop), template("Welcome", wool), template("Other", shop)
    with scope(acme):
        welcome.kind, welcome.document = MessageTemplate.Kind.BLOCKS, {"picture": wool.shown.address}
        welcome.save()
        sent = contents.keep(channel="email", kind=Content.Kind.HTML, body={"html": letter.html})
        welcome.discard()
    page = as_user(bob).get(f"{WORKSPACE}/pictures/{wool.pk}/replace/").content.decode()
    assert "This changes 2 templates" in page and "Letter" in page and "in the trash" in page and "Other" not in page

    page = replace(wool, photo(700, 350), letter, welcome)
    assert "Picture replaced in 2 templates." in page
    with scope(acme):
        new = Picture.objects.get(pk=wool.pk)
        assert (new.width, new.height, new.name, new.revision) == (700, 350, "wool.jpg", 2)
        assert len(new.current_files) == 3 and Content.objects.filter(pk=sent.pk).exists()
    for changed in (letter, welcome):
        assert new.shown.path in html_of(changed) and wool.shown.path not in html_of(changed)
    assert shop.shown.path in html_of(letter) and html_of(other) == other.html
    with scope(acme):
        welcome.refresh_from_db()
        assert welcome.document == {"picture": new.shown.address} and welcome.revision == 1
        assert letter.versions.get().content.body["html"] == html_of(letter)
    assert client.get(wool.shown.path).status_code == client.get(new.shown.path).status_code == 200
    # The list of what is used where follows.
    assert "Letter" in as_user(bob).get(f"{WORKSPACE}/pictures/{wool.pk}/").content.decode()


def test_it_is_all_or_nothing(acme, add, template, replace, in_folder, monkeypatch):
    wool = add("wool.jpg")
    letter, welcome = template("Letter", wool), template("Welcome", wool)
    before = all_names(in_folder)
    assert "SVG" in replace(wool, b"<svg/>", letter, welcome)
    assert "More templates show this picture by now" in replace(wool, photo(700, 350), letter)
    freeze = versions.freeze

    def fail_at_the_second(template, **given):
        if template.pk == welcome.pk:
            raise RuntimeError
        return freeze(template, **given)

    monkeypatch.setattr(versions, "freeze", fail_at_the_second)
    with pytest.raises(RuntimeError):
        replace(wool, photo(700, 350), letter, welcome)
    assert (html_of(letter), html_of(welcome)) == (letter.html, welcome.html)
    assert all_names(in_folder) == before
    with scope(acme):
        assert Picture.objects.get(pk=wool.pk).revision == 1


def test_a_given_height_follows_the_new_shape_and_the_rest_stays(add):
    picture = add("wool.jpg", photo(1200, 300))
    old = "ab" * 16
    address = f"https://old.example/i/{picture.workspace_id}/{old}/{'0' * 16}.jpg"
    html = (
        f'<p>{{% if a > b %}}x{{% endif %}}</p><img width="400" alt="{{{{ a }}}}" height="300" src="{address}">'
        f'<img height="90" src="{address}"><img width="5" height="6" src="/i/x.jpg"><td background="{address}">'
    )
    found = replacing.rewritten(html, {old: picture.shown})
    assert re.findall(r'(?:width|height)="\d+"', found) == [
        'width="400"', 'height="100"', 'height="90"', 'width="5"', 'height="6"',
    ]  # fmt: skip
    assert found.count(f"https://old.example{picture.shown.path}") == 3 and old not in found
    assert "{% if a > b %}x{% endif %}" in found and 'alt="{{ a }}"' in found


def test_who_shows_what_is_noted_whoever_writes_it(acme, beta, add, template, bob, as_user):
    wool, shop = add("wool.jpg"), add("shop.jpg")
    foreign = add("theirs.jpg", photo(300, 200), beta)
    letter = template("Letter", wool, wool, foreign)
    client = as_user(bob)
    html = f'<p>Hi</p><img src="{shop.address_for(600)}" alt="">'
    edit(client, f"{WORKSPACE}/{letter.pk}/edit/", {"name": "Letter", "html": html, "text": ""})
    client.post(f"{WORKSPACE}/{letter.pk}/duplicate/")
    with scope(acme):
        shown = TemplatePicture.objects.order_by("template_id").values_list("template__name", "picture__name")
        assert list(shown) == [("Letter", "shop.jpg"), ("Copy of Letter", "shop.jpg")]
        assert list(ContentPicture.objects.values_list("picture__name", flat=True)) == ["shop.jpg"]
    with scope(beta):
        assert not TemplatePicture.objects.exists()


def test_what_was_sent_keeps_its_picture_and_the_rest_goes_with_its_files(acme, add, in_folder, monkeypatch, client):
    sent, unused = add("sent.jpg"), add("unused.jpg")
    with scope(acme):
        content = contents.keep(channel="email", kind=Content.Kind.HTML, body={"html": sent.address_for(600)})
        Picture.objects.update(deleted_at=timezone.now() - timedelta(days=40))
        trash.purge(Picture, timezone.now() - timedelta(days=30))
        assert [picture.name for picture in Picture.objects.all()] == ["sent.jpg"]
    monkeypatch.setattr(sweeping, "MIN_AGE", timedelta(seconds=-60))
    sweeping.sweep()
    assert client.get(sent.shown.path).status_code == 200 and client.get(unused.shown.path).status_code == 404
    monkeypatch.setattr(contents, "DAYS", -1)
    contents.prune()  # nothing points at it any more: retention has done its work
    with scope(acme):
        assert not Content.objects.filter(pk=content.pk).exists()
        trash.purge(Picture, timezone.now() - timedelta(days=30))
        assert not Picture.objects.exists()
    sweeping.sweep()
    assert all_names(in_folder) == [] and client.get(sent.shown.path).status_code == 404


def test_a_picture_of_another_workspace_is_not_replaced(acme, beta, add, charlie, as_user):
    picture = add("wool.jpg")
    given = {"picture": SimpleUploadedFile("x.jpg", photo(30, 30)), "seen": ""}
    assert as_user(charlie).post(f"/w/beta/templates/pictures/{picture.pk}/replace/", given).status_code == 404
    assert as_user(charlie).post(f"{WORKSPACE}/pictures/{picture.pk}/replace/", given).status_code == 404
