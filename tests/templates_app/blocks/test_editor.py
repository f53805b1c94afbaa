"""The editor's addresses: what each change does, who sees what of two people in one message, and that nothing is lost."""

import json
import re

from accounts.models import AuditEntry
from kernel.tenancy import scope
from templates_app.blocks import saving
from templates_app.models import MessageTemplate, TemplateVersion
from templates_app.pictures import uploading
from templates_app.views import blocks as views
from tests.templates_app.pictures.drawn import photo, upload


def where(template, path="") -> str:
    return f"/w/acme/templates/{template.pk}/blocks/{path}"


def blocks(acme, template) -> list:
    with scope(acme):
        return list(saving.document_of(MessageTemplate.objects.get(pk=template.pk)))


def kinds(acme, template) -> list[str]:
    return [block.type for block in blocks(acme, template)]


def html(acme, template) -> str:
    with scope(acme):
        return MessageTemplate.objects.get(pk=template.pk).html


def attribute(page: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page)
    return found[1] if found else ""


def opened(page: str) -> str:
    return re.search(r'id="block-opened" value="(\w+)"', page)[1]


def add(client, template, kind: str, after: str = "") -> str:
    """Add a block; its id."""
    page = client.post(where(template, "add/"), {"kind": kind, "after": after}).content.decode()
    return attribute(page, "chosen")


def test_a_message_is_put_together_and_its_html_follows(acme, client, template):
    assert kinds(acme, template) == ["header", "footer"]
    heading = add(client, template, "heading")
    add(client, template, "text", after=heading)
    assert kinds(acme, template) == ["header", "heading", "text", "footer"]
    page = client.get(where(template, f"{heading}/")).content.decode()
    answer = client.post(where(template, f"{heading}/"), {"text": "Big & new", "level": "1", "opened": opened(page)})
    assert "Big &amp; new" in answer.content.decode()
    assert "Big &amp; new" in html(acme, template) and "<h1" in html(acme, template)
    client.post(where(template, f"{heading}/move/"), {"place": 2})
    assert kinds(acme, template) == ["header", "text", "heading", "footer"]
    client.post(where(template, f"{heading}/duplicate/"))
    client.post(where(template, f"{heading}/remove/"))
    assert kinds(acme, template) == ["header", "text", "heading", "footer"]
    assert client.get(where(template)).status_code == 200


def test_the_page_of_the_editor_holds_what_it_needs(acme, client, template):
    page = client.get(where(template)).content.decode()
    assert "Product list" in page and 'id="merge-tags"' in page and "unsubscribe_url" in page
    frame = client.get(where(template, "message.html"))
    assert (
        "allow-same-origin" in frame["Content-Security-Policy"]
        and "allow-scripts" not in frame["Content-Security-Policy"]
    )
    assert (
        "script-src" not in frame["Content-Security-Policy"]
        and "default-src 'none'" in frame["Content-Security-Policy"]
    )
    assert f'data-block="{blocks(acme, template)[0].id}"' in frame.content.decode()
    assert "prefers-color-scheme" not in client.get(where(template, "message.html?dark=1")).content.decode()


def test_what_cannot_be_saved_is_said_and_the_rest_is_saved(acme, client, template):
    button = add(client, template, "button")
    mark = opened(client.get(where(template, f"{button}/")).content.decode())
    sent = {"button": "Buy now", "link": "javascript:alert(1)", "opened": mark}
    answer = client.post(where(template, f"{button}/"), sent).content.decode()
    assert "Link: A link begins with https://" in answer
    assert "Buy now" in html(acme, template) and "javascript" not in html(acme, template)


def test_two_people_in_one_block_overwrite_each_other_only_when_they_say_so(acme, client, alice, as_user, template):
    quote = add(client, template, "quote")
    mark = opened(client.get(where(template, f"{quote}/")).content.decode())
    other = as_user(alice)
    other.post(where(template, f"{quote}/"), {"quote": "Hers", "opened": mark})
    answer = client.post(where(template, f"{quote}/"), {"quote": "His", "opened": mark}).content.decode()
    assert "Someone else changed this block" in answer and str(alice) in answer and "Hers" in html(acme, template)
    client.post(where(template, f"{quote}/"), {"quote": "His", "opened": mark, "overwrite": "1"})
    assert "His" in html(acme, template)


def test_moving_a_block_hides_no_change_that_somebody_else_made_in_it(acme, client, alice, as_user, template):
    quote = add(client, template, "quote")
    mark = opened(client.get(where(template, f"{quote}/")).content.decode())
    as_user(alice).post(where(template, f"{quote}/"), {"quote": "Hers", "opened": mark})
    moved = client.post(where(template, f"{quote}/move/"), {"place": 0}).content.decode()
    assert 'id="block-opened"' not in moved
    answer = client.post(where(template, f"{quote}/"), {"quote": "His", "opened": mark}).content.decode()
    assert "Someone else changed this block" in answer and "Hers" in html(acme, template)


def test_two_people_in_two_blocks_keep_both(acme, client, alice, as_user, template):
    quote, heading = add(client, template, "quote"), add(client, template, "heading")
    marks = [opened(client.get(where(template, f"{one}/")).content.decode()) for one in (quote, heading)]
    as_user(alice).post(where(template, f"{quote}/"), {"quote": "Hers", "opened": marks[0]})
    client.post(where(template, f"{heading}/"), {"text": "His", "level": "1", "opened": marks[1]})
    assert "Hers" in html(acme, template) and "His" in html(acme, template)


def test_undo_takes_back_the_own_change_and_no_others(acme, client, alice, as_user, template):
    before = client.get(where(template)).content.decode()
    stored = re.search(r'id="document" type="application/json">(.*?)</script>', before, re.DOTALL)[1]
    after = client.post(where(template, "add/"), {"kind": "divider"}).content.decode()
    sent = {"document": json.dumps(json.loads(stored)), "seen": attribute(after, "seen")}
    as_user(alice).post(where(template, "add/"), {"kind": "quote"})
    refused = client.post(where(template, "restore/"), sent).content.decode()
    assert "Someone else has changed this message" in refused
    assert kinds(acme, template) == ["header", "divider", "quote", "footer"]
    page = client.get(where(template)).content.decode()
    client.post(where(template, "restore/"), {**sent, "seen": attribute(page, "seen")})
    assert kinds(acme, template) == ["header", "footer"]


def test_what_is_restored_or_pasted_is_checked_like_what_is_typed(acme, client, template):
    page = client.get(where(template)).content.decode()
    evil = [
        {"id": "aaaa", "type": "button", "props": {"button": "x", "link": "javascript:alert(1)"}},
        {"id": "bbbb", "type": "text", "props": {"text": "<script>alert(1)</script>"}},
        {"id": "cccc", "type": "html", "props": {"html": "<img src=x onerror=alert(1)>"}},
        {"id": "dddd", "type": "nothing", "props": {}},
    ]
    for block in evil:
        client.post(where(template, "paste/"), {"blocks": json.dumps({"v": 1, "blocks": [block]})})
        whole = {"v": 1, "blocks": [block]}
        client.post(where(template, "restore/"), {"document": json.dumps(whole), "seen": attribute(page, "seen")})
    made = html(acme, template)
    assert "javascript" not in made and "<script" not in made and "onerror" not in made
    assert kinds(acme, template)[-1] == "footer"


def test_a_copied_block_is_pasted_after_the_chosen_one(acme, client, template):
    heading = add(client, template, "heading")
    copied = {"v": 1, "blocks": [block.as_json() for block in blocks(acme, template) if block.id == heading]}
    client.post(where(template, "paste/"), {"blocks": json.dumps(copied), "after": heading})
    assert kinds(acme, template) == ["header", "heading", "heading", "footer"]
    assert len({block.id for block in blocks(acme, template)}) == 4


def test_columns_and_lists_have_items_that_come_and_go(acme, client, template):
    products = add(client, template, "products")
    mark = opened(client.get(where(template, f"{products}/")).content.decode())
    sent = {
        "item": ["0", "1", "2"],
        "item0-name": "A",
        "item1-name": "B",
        "item2-name": "C",
        "heading": "H",
        "columns": "3",
    }
    page = client.post(where(template, f"{products}/"), {**sent, "opened": mark, "remove": "1"}).content.decode()
    names = [item["name"] for item in blocks(acme, template)[1].props["items"]]
    assert names == ["A", "C"] and 'id="properties-form"' in page
    again = {"item": ["0", "1"], "item0-name": "A", "item1-name": "C", "add": "1", "opened": opened(page)}
    client.post(where(template, f"{products}/"), again)
    assert len(blocks(acme, template)[1].props["items"]) == 3


def test_done_keeps_one_version_for_all_changes(acme, client, template):
    add(client, template, "heading")
    add(client, template, "quote")
    client.post(where(template, "done/"))
    client.post(where(template, "done/"))
    with scope(acme):
        version = TemplateVersion.objects.select_related("content").get()
        assert [block["type"] for block in version.content.body["document"]["blocks"]][1:3] == ["heading", "quote"]
        assert AuditEntry.objects.filter(verb="template.changed").count() == 1


def test_what_nobody_kept_becomes_a_version_when_somebody_else_goes_on(acme, client, bob, alice, as_user, template):
    add(client, template, "heading")
    with scope(acme):
        assert not TemplateVersion.objects.exists()
    add(as_user(alice), template, "quote")
    with scope(acme):
        version = TemplateVersion.objects.select_related("content").get()
        assert version.created_by == bob and len(version.content.body["document"]["blocks"]) == 3


def test_the_merge_tags_of_a_whole_change_have_one_budget(acme, client, template, monkeypatch):
    heading = {"id": "aaaa", "type": "heading", "props": {"text": "{{ first_name }}", "level": "1"}}
    pasted = {"blocks": json.dumps({"v": 1, "blocks": [heading]})}
    monkeypatch.setattr(views, "MAX_SECONDS", 0.0)
    assert "takes too long to merge" in client.post(where(template, "paste/"), pasted).content.decode()
    assert kinds(acme, template) == ["header", "footer"]
    monkeypatch.undo()
    client.post(where(template, "paste/"), pasted)
    assert kinds(acme, template) == ["header", "heading", "footer"]


def test_a_template_of_blocks_is_opened_in_its_editor_only(acme, client, template):
    assert client.get(f"/w/acme/templates/{template.pk}/edit/")["Location"].endswith(where(template))
    client.post(f"/w/acme/templates/{template.pk}/edit/", {"name": "x", "html": "<p>x</p>"})
    assert "unsubscribe_url" in html(acme, template)
    with scope(acme):
        other = MessageTemplate.objects.create(name="T", html="<p>as it is</p>")
    assert client.get(where(other)).status_code == 404
    assert client.post(where(other, "add/"), {"kind": "text"}).status_code == 404


def test_a_duplicate_has_the_blocks(acme, client, template):
    add(client, template, "quote")
    client.post(f"/w/acme/templates/{template.pk}/duplicate/")
    with scope(acme):
        copy = MessageTemplate.objects.latest("pk")
        assert copy.is_of_blocks and copy.html == html(acme, template) and len(saving.document_of(copy)) == 3


def test_a_new_name_is_cleaned(acme, client, template):
    answer = client.post(where(template, "rename/"), {"name": "Spring\r\n\u202eNews"})
    assert answer.json() == {"name": "Spring News"}


def test_the_editor_knows_which_alt_text_is_the_librarys(acme, bob, client, template):
    with uploading.received(acme, upload(photo(640, 480)), bob) as picture:
        picture.alt = "Balls of wool"
        picture.save()
        address = picture.address_for(600)
    block = add(client, template, "picture")
    page = client.get(where(template, f"{block}/")).content.decode()
    assert 'data-picture-alt=""' in page
    values = {"picture": address, "alt": "Wool for winter", "opened": opened(page)}
    client.post(where(template, f"{block}/"), values)
    page = client.get(where(template, f"{block}/")).content.decode()
    assert 'data-picture-alt="Balls of wool"' in page and 'value="Wool for winter"' in page
