"""The library of pictures, as its members use it."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from kernel.tenancy import scope
from templates_app.models import Picture, PictureFile
from templates_app.pictures import uploading
from tests.templates_app.pictures.conftest import WORKSPACE
from tests.templates_app.pictures.drawn import photo, upload

PICTURES = f"{WORKSPACE}/pictures/"


def names(workspace) -> list[str]:
    with scope(workspace):
        return list(Picture.objects.present().order_by("pk").values_list("name", flat=True))


def test_of_several_files_each_has_its_own_answer(acme, bob, as_user):
    client = as_user(bob)
    files = [upload(photo(40, 30), "one.jpg"), upload(b"<svg/>", "two.jpg"), upload(photo(41, 30), "three.jpg")]
    page = client.post(f"{PICTURES}upload/", {"pictures": files}, follow=True).content.decode()
    assert names(acme) == ["one.jpg", "three.jpg"]
    assert "2 pictures added." in page and "two.jpg: This is an SVG drawing" in page
    tile = client.post(f"{PICTURES}upload/", {"pictures": upload(b"<svg/>", "x.jpg")}, headers={"hx-request": "true"})
    assert tile.status_code == 200 and "This is an SVG drawing" in tile.content.decode()
    tile = client.post(
        f"{PICTURES}upload/", {"pictures": upload(photo(40, 30), "same.jpg")}, headers={"hx-request": "true"}
    )
    assert "one.jpg" in tile.content.decode() and len(names(acme)) == 2, "the same file is one picture"
    assert (
        "Upload at most 20"
        in client.post(f"{PICTURES}upload/", {"pictures": [upload(b"x", "x.jpg")] * 21}, follow=True).content.decode()
    )
    assert client.post(f"{PICTURES}upload/", {}, follow=True).status_code == 200


@pytest.mark.parametrize(
    "given, kept",
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\Ana\\wool.jpg", "wool.jpg"),
        ("<script>alert(1)</script>.jpg", "script>.jpg"),
        ('"><img onerror=alert(1)>.png', '"><img onerror=alert(1)>.png'),
        ("a\u202egpj.exe", "agpj.exe"),
        ("line\r\nend.jpg", "line end.jpg"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ("\u202e", "Picture"),
    ],
)
def test_names_keep_their_words_and_nothing_else(given, kept):
    file = upload(b"x")
    file._name = given
    assert uploading.name_of(file) == kept


def test_a_name_with_markup_stays_a_name(acme, add, bob, as_user):
    picture = add('"><img src=x onerror=alert(1)>.png')
    with scope(acme):
        Picture.objects.update(alt='"><script>alert(2)</script>')
    page = as_user(bob).get(f"{PICTURES}{picture.pk}/").content.decode()
    assert "<img src=x" not in page and "<script>alert" not in page


def test_search_filters_and_alt_text(acme, add, template, bob, as_user):
    wool, shop, line = add("wool.jpg"), add("shop.jpg"), add("line.jpg")
    template("Letter", wool)
    client = as_user(bob)

    def edit(picture, **given):
        return client.post(f"{PICTURES}{picture.pk}/edit/", {"name": picture.name} | given)

    edit(shop, alt="  Our window\n in the evening ")
    edit(line, is_decorative="on")

    def found(query: str) -> set[str]:
        page = client.get(f"{PICTURES}?{query}", headers={"hx-request": "true"}).content.decode()
        return {name for name in ("wool.jpg", "shop.jpg", "line.jpg") if name in page}

    assert found("") == {"wool.jpg", "shop.jpg", "line.jpg"}
    assert found("q=WINDOW") == {"shop.jpg"} and found("q=woo") == {"wool.jpg"}
    assert found("show=no-alt") == {"wool.jpg"}, "a decorative one lacks nothing"
    assert found("show=unused") == {"shop.jpg", "line.jpg"}
    with scope(acme):
        assert Picture.objects.get(pk=shop.pk).alt == "Our window in the evening"
    edit(shop, alt="Words", is_decorative="on")
    with scope(acme):
        assert not Picture.objects.get(pk=shop.pk).is_decorative
    assert edit(shop, alt="x" * 501).status_code == 200


def test_a_used_picture_is_not_deleted_and_an_unused_one_can_be_restored(acme, add, template, bob, as_user):
    wool, shop = add("wool.jpg"), add("shop.jpg")
    letter = template("November letter", wool)
    client = as_user(bob)
    page = client.post(f"{PICTURES}{wool.pk}/delete/", follow=True).content.decode()
    assert "“wool.jpg” is still in use: November letter" in page
    client.post(f"{PICTURES}{shop.pk}/delete/")
    assert names(acme) == ["wool.jpg"]
    client.post(f"/w/acme/trash/picture/{shop.pk}/restore/")
    assert names(acme) == ["wool.jpg", "shop.jpg"]
    with scope(acme):
        letter.html = "<p>Hello</p>"
        letter.save()
    client.post(f"{PICTURES}{wool.pk}/delete/")
    assert names(acme) == ["shop.jpg"]


def test_a_viewer_looks_and_changes_nothing_and_another_workspace_has_nothing(acme, beta, add, rita, charlie, as_user):
    picture = add("wool.jpg")
    seen = as_user(rita)
    page = seen.get(f"{PICTURES}{picture.pk}/").content.decode()
    assert "wool.jpg" in page and "picture-files" not in page and "data-picture-form" not in page
    assert seen.post(f"{PICTURES}upload/", {"pictures": upload(photo(40, 30))}).status_code == 403
    other = as_user(charlie)
    assert other.get(f"/w/beta/templates/pictures/{picture.pk}/").status_code == 404
    assert "wool.jpg" not in other.get("/w/beta/templates/pictures/").content.decode()


def test_what_is_chosen_says_what_a_form_needs(acme, add, bob, as_user):
    picture = add("wool.jpg", photo(2000, 1000))
    client = as_user(bob)
    dialog = client.get(f"{PICTURES}choose/", headers={"hx-request": "true"}).content.decode()
    assert dialog.lstrip().startswith("<dialog") and "wool.jpg" in dialog
    sheet = client.get(f"{PICTURES}{picture.pk}/?choosing=1", headers={"hx-request": "true"}).content.decode()
    with scope(acme):
        largest = PictureFile.objects.get(width=1200)
    assert f'data-address="{largest.address}"' in sheet and 'data-width="600"' in sheet and 'data-height="300"' in sheet
    assert picture.address_for(600) == largest.address
    assert picture.file_for(235).width == 600 and picture.file_for(100).width == 300
    assert "Insert picture" in client.get(f"{WORKSPACE}/new/?blank").content.decode()


def test_the_library_costs_the_same_for_many(acme, add, bob, as_user):
    first = add("one.jpg", photo(40, 40))
    client = as_user(bob)
    client.get(PICTURES)

    def queries() -> int:
        with CaptureQueriesContext(connections["default"]) as found:
            client.get(PICTURES)
        return len(found)

    before = queries()
    with scope(acme):
        file = PictureFile.objects.filter(picture=first).get()
        for n in range(20):
            picture = Picture.objects.get(pk=first.pk)
            picture.pk, picture.sha256, picture._state.adding = None, f"{n:064}", True
            picture.save()
            file.pk, file.key, file.picture, file._state.adding = None, f"{n:032}", picture, True
            file.save()
    assert queries() == before
