"""The page "Import a message": what it takes, what it says of it, and what it offers then."""

import base64

import pytest

from contacts.models import ContactField
from kernel import web_client
from kernel.tenancy import scope
from kernel.web_client import Answer, Failed
from templates_app.models import Picture
from tests.templates_app.pictures.drawn import photo

#: What Word writes: conditional comments with XML, o:p, mso- styles, smart tags, VML.
WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head>
<meta http-equiv=Content-Type content="text/html; charset=windows-1252"><meta name=ProgId content=Word.Document>
<link rel=File-List href="news_files/filelist.xml"><title>Spring letter</title>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->
<style><!-- /* Font Definitions */ @font-face {font-family:"Cambria Math"; panose-1:2 4 5 3;}
p.MsoNormal {mso-style-unhide:no; margin:0cm; font-size:12.0pt;} @page WordSection1 {size:595.3pt 841.9pt;} --></style></head>
<body lang=FR style='tab-interval:35.4pt'><div class=WordSection1><p class=MsoNormal><span style='font-size:14.0pt;
mso-bidi-font-family:Arial'>Chère cliente,<o:p></o:p></span></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>
<![if !supportLists]><span>·</span><![endif]><img src="file:///C:/Users/ana/wool.jpg"></div></body></html>"""


def versions_of(template) -> int:
    with scope(template.workspace_id):
        return template.versions.count()


def test_what_is_pasted_becomes_a_template_and_the_report_says_what_was_changed(give, stored):
    page = give('<title>June</title><p onclick="x()">Hi</p><script>1</script>').content.decode()
    (template,) = stored()
    assert template.name == "June" and "script" not in template.html
    assert "Removed &lt;script&gt;" in page and "onclick" in page
    assert versions_of(template) == 1


def test_a_letter_from_word_keeps_its_words(give, stored):
    page = give(WORD.encode("cp1252"), "letter.htm").content.decode()
    (template,) = stored()
    assert template.name == "Spring letter" and "Chère cliente," in template.html
    assert "mso-bidi-font-family" in template.html and "MsoNormal" in template.html
    assert "Windows-1252" in page and "file:///C:/Users/ana/wool.jpg" not in template.html


def test_links_of_other_programs_become_ours_at_once(give, stored):
    page = give(
        '<p>*|FNAME|*</p><a href="*|UNSUB|*">out</a> <a href="{{ mirror }}">web</a> *|LIST:ADDRESSLINE|* '
        "<p>{% unsubscribe 'Leave' %}</p>"
    ).content.decode()
    (template,) = stored()
    assert '<a href="{{ unsubscribe_url }}">out</a>' in template.html
    assert '<a href="{{ view_url }}">web</a> {{ postal_address }}' in template.html
    assert '<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>' in template.html
    assert "“*|UNSUB|*” became {{ unsubscribe_url }}." in page and "*|FNAME|*" in template.html


def test_tags_about_people_become_ours_when_the_merchant_says_so(acme, give, stored):
    with scope(acme):
        ContactField.objects.create(name="shoe_size", label="Shoe size", kind="text")
    page = give("<p>*|FNAME|* {{contact.FIRSTNAME}} %FIRSTNAME% [firstname,fallback=you] *|SHOESIZE|* *|ODD|*</p>")
    assert '<option value="first_name" selected>' in page.content.decode()
    (template,) = stored()
    form = page.context
    sent = {
        "seen": form["seen"],
        "tag": [tag.tag for tag in form["tags"]],
        "ours": ["" if tag.tag == "*|ODD|*" else tag.ours for tag in form["tags"]],
    }
    give.client.post(f"/w/acme/templates/{template.pk}/imported/tags/", sent)
    (template,) = stored()
    assert "{{ first_name }} {{ first_name }} {{ first_name }}" in template.html
    assert '{{ first_name | default: "you" }} {{ shoe_size }} *|ODD|*' in template.html
    assert versions_of(template) == 2


def test_nothing_is_written_over_what_somebody_else_changed(give, stored):
    give("<p>*|FNAME|*</p>")
    (template,) = stored()
    sent = {"seen": "0" * 16, "tag": ["*|FNAME|*"], "ours": ["first_name"]}
    page = give.client.post(f"/w/acme/templates/{template.pk}/imported/tags/", sent, follow=True)
    assert "meanwhile" in page.content.decode() and "*|FNAME|*" in stored()[0].html


def test_pictures_in_the_text_itself_go_into_the_library(acme, give, stored):
    data = base64.b64encode(photo(900, 600)).decode()
    give(f'<img src="data:image/jpeg;base64,{data}"><div style="background:url(data:image/jpeg;base64,{data})"></div>')
    (template,) = stored()
    assert "data:" not in template.html and template.html.count("/i/") == 2
    with scope(acme):
        assert Picture.objects.count() == 1


@pytest.mark.parametrize(
    "given, file, words",
    [
        ("", "", "Choose a file, or paste the message."),
        (b"", "a.html", "This file is empty"),
        (b"%PDF-1.7", "a.html", "This is a PDF"),
        (b"\xd0\xcf\x11\xe0 doc", "a.htm", "Office document"),
        (b"\x89PNG\r\n", "a.html", "This is a picture"),
        (b'{"page": {"rows": []}}', "a.json", "the data of an editor"),
        (b"x" * (9 << 20), "a.html", "the limit is 8 MB"),
        ("<p>{% if x %}</p>", "", "endif"),
        ("<p>\n{{ first_name</p>", "", "Line 2"),
        ("<p>" + "<div>" * 5000, "", "nested elements"),
        ("<mjml><mj-body><mj-include path='x'/></mj-body></mjml>", "", "reads another file"),
    ],
)
def test_what_can_not_be_imported_says_what_to_do_and_nothing_is_lost(give, stored, given, file, words):
    page = give(given, file).content.decode()
    assert words in page and stored() == []
    if given and not file:
        assert "{% if x %}" in page or "first_name" in page or "mj-include" in page or "&lt;div&gt;" in page


def test_a_member_who_may_not_edit_imports_nothing(acme, rita, as_user, stored):
    client = as_user(rita)
    assert client.get("/w/acme/templates/new/import/").status_code == 403
    assert client.post("/w/acme/templates/new/import/", {"text": "<p>x</p>"}).status_code == 403
    assert stored() == []


def test_pictures_of_other_servers_are_copied_on_request(acme, give, stored, monkeypatch):
    give(
        '<img src="https://a.example/one.jpg"><img src="https://a.example/two.jpg"><img src="https://b.example/x.png">'
    )
    (template,) = stored()

    def read(address, **_limits):
        if "b.example" in address:
            raise Failed("The website can't be reached.")
        return Answer(address, "image/jpeg", "", photo(60 + len(address), 40))

    monkeypatch.setattr(web_client, "read", read)
    address = f"/w/acme/templates/{template.pk}/imported/pictures/"
    page = give.client.post(address, follow=True).content.decode()
    (template,) = stored()
    assert "a.example" not in template.html and "https://b.example/x.png" in template.html
    assert template.html.count("/i/") == 2
    assert "picture is in your library now" in page or "pictures are in your library now" in page
    assert "The website can&#x27;t be reached." in page


def test_the_page_offers_nothing_where_nothing_is_to_do(give, stored):
    give("<p>{{ first_name }}</p>")
    (template,) = stored()
    session = give.client.session
    del session["template_imports"]
    session.save()
    page = give.client.get(f"/w/acme/templates/{template.pk}/imported/").content.decode()
    assert "There is nothing to do" in page


def test_a_tag_like_ours_that_names_nothing_is_offered_too(acme, give, stored):
    page = give('<p>Olá {{name}}, {{ first_name }} {{ town | default: "x" }}</p>').content.decode()
    assert "{{name}}" in page and "{{ town | default: &quot;x&quot; }}" in page and "Unknown here" in page
    (template,) = stored()
    form = give.client.get(f"/w/acme/templates/{template.pk}/imported/").context
    assert {tag.tag: tag.ours for tag in form["tags"]} == {"{{name}}": "full_name", '{{ town | default: "x" }}': ""}
    sent = {"seen": form["seen"], "tag": [tag.tag for tag in form["tags"]], "ours": ["full_name", "last_name"]}
    give.client.post(f"/w/acme/templates/{template.pk}/imported/tags/", sent)
    assert "Olá {{ full_name }}, {{ first_name }} {{ last_name }}" in stored()[0].html


def test_a_title_that_is_a_tag_of_another_program_is_no_name(give, stored):
    give("<title>*|MC:SUBJECT|*</title><p>Hi</p>")
    assert stored()[0].name == "Imported message"
