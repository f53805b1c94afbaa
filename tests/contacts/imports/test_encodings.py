"""The whole file decides its encoding; what can't be decoded is told, and never stored."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.imports import encodings, survey_texts
from contacts.imports.delimited import Texts
from contacts.models import Contact, ContactImport, ImportNote, RejectedRow
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, import_file, prepare

FILES = Path(__file__).parent / "files"
# Names of people and towns, by language: (the country, encodings that programs there write, words).
LANGUAGES = {
    "Polish": (
        "PL",
        "cp1250 iso8859-2 cp852 mac_latin2",
        "Łukasz Żółć Śliwiński Michał Wójcik Woźniak Pawłowski Jabłoński Stępień Wróblewski Zając Kraków Łódź Gdańsk",
    ),
    "Czech": (
        "CZ",
        "cp1250 iso8859-2 cp852 mac_latin2",
        "Jiří Dvořák Černý Procházka Kučera Veselý Němec Pospíšil Růžička Beneš Čermák Tomáš Ondřej Lukáš Plzeň Děčín",
    ),
    "Hungarian": (
        "HU",
        "cp1250 iso8859-2 cp852",
        "Szabó Tóth Kovács Horváth Németh Takács Juhász Mészáros László Győr Pécs Hódmezővásárhely Erzsébet Őrség Fűzfő",
    ),
    "Russian": (
        "RU",
        "cp1251 koi8-r iso8859-5 cp866 mac_cyrillic",
        "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Фёдоров Морозов Волков Семёнов Москва Екатерина Ольга",
    ),
    "Ukrainian": (
        "UA",
        "cp1251 koi8-u iso8859-5",
        "Шевченко Бондаренко Коваленко Кравченко Олійник Поліщук Їжакевич Єременко Київ Львів Юлія Наталія Андрій",
    ),
    "Greek": (
        "GR",
        "cp1253 iso8859-7",
        "Παπαδόπουλος Γεώργιος Ιωάννης Κωνσταντίνος Δημήτριος Νικόλαος Βασίλειος Ελένη Βασιλική Αθήνα Θεσσαλονίκη",
    ),
    "Turkish": (
        "TR",
        "cp1254 iso8859-9",
        "Yılmaz Çelik Şahin Yıldız Öztürk Aydın Doğan Kılıç Çetin Koç Şimşek Ayşe Gülşen İbrahim İstanbul Tuğba Kadıköy",
    ),
    "Hebrew": ("IL", "cp1255", "כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן מלכה אזולאי יוסף דוד אוחיון חדד ירושלים חיפה"),
    "Arabic": ("EG", "cp1256", "محمد أحمد علي حسن حسين فاطمة عائشة خديجة يوسف إبراهيم خالد سعيد مصطفى القاهرة الرياض"),
    "Lithuanian": (
        "LT",
        "cp1257",
        "Kazlauskas Stankevičius Žukauskas Butkus Žygimantas Šiauliai Panevėžys Klaipėda Rūta Eglė Živilė Čepaitis Gintarė",
    ),
    "Japanese": (
        "JP",
        "cp932 euc_jp",
        "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 佐々木 斎藤 さくら タナカ 東京都 大阪府",
    ),
    "Chinese": (
        "CN",
        "gb18030",
        "王伟 李娜 张敏 刘洋 陈静 杨丽 赵强 黄磊 周杰 吴秀英 徐明 孙艳 胡勇 朱军 北京市 上海市 广州市",
    ),
    "Taiwanese": (
        "TW",
        "big5hkscs",
        "陳怡君 林志明 黃淑芬 張家豪 李雅婷 王俊傑 吳美玲 劉宗翰 蔡佳穎 楊惠雯 臺北市 高雄市",
    ),
    "Korean": (
        "KR",
        "cp949",
        "김민준 이서연 박지훈 최지우 정현우 강서준 조예은 윤도윤 장하은 임지호 서울특별시 부산광역시",
    ),
    "French": (
        "FR",
        "cp1252 mac_roman cp850",
        "Renée Lefèvre François Zoé Hélène Chloé Jérôme Gaëlle Noël Benoît Cécile Anaïs Éric Élodie Besançon Nîmes",
    ),
    "German": (
        "DE",
        "cp1252 mac_roman cp850",
        "Müller Schröder Böhm Jäger Köhler Krüger Groß Weiß Günther Jürgen Björn Düsseldorf Köln München Österreich",
    ),
    "Spanish": (
        "ES",
        "cp1252 mac_roman cp850",
        "García Martínez López Sánchez Pérez Gómez Fernández Muñoz Álvarez Jiménez Núñez José Íñigo Málaga León Peña",
    ),
    "Swedish": (
        "SE",
        "cp1252 mac_roman",
        "Åberg Sjöberg Lindström Öberg Håkansson Björk Söderberg Åsa Göran Malmö Göteborg Jönköping Växjö Västerås",
    ),
    "Portuguese": (
        "PT",
        "cp1252 mac_roman cp850",
        "João Conceição Simões Magalhães Gonçalves Antônio Lourenço Guimarães Évora Covilhã Açores Vitória Inês Araújo",
    ),
    "Danish": (
        "DK",
        "cp1252 mac_roman cp850",
        "Jørgensen Sørensen Møller Kjær Østergaard Åse Søren Bjørn København Ærø",
    ),
}
CASES = [(language, encoding) for language, (_, names, _) in LANGUAGES.items() for encoding in names.split()]


def people(words: str, count: int, seed: int) -> str:
    choose = random.Random(seed).choice
    names = words.split()
    rows = [f"p{n}@example.com;{choose(names)};{choose(names)}" for n in range(count)]
    return "\r\n".join(["email;first name;last name", *rows]) + "\r\n"


def guess(data: bytes, country: str = "") -> str:
    return encodings.guess(encodings.evidence(io.BytesIO(data)), country)


def names_of(workspace) -> list[str]:
    with scope(workspace):
        return [contact.first_name for contact in Contact.objects.order_by("email")]


def told(done: ContactImport) -> list[str]:
    return [notice.text for notice in survey_texts.notices(done)]


@pytest.mark.parametrize("language, encoding", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_files_of_a_country_are_read_as_written(language, encoding, seed):
    country, _, words = LANGUAGES[language]
    text = people(words, 40, seed)
    data = text.encode(encoding)
    assert data.decode(guess(data, country)) == text


@pytest.mark.parametrize("language, encoding", CASES)
def test_most_are_read_as_written_anywhere(language, encoding):
    """Where the owner lives elsewhere, letters that the country's own encoding lacks still show what it is."""
    _, _, words = LANGUAGES[language]
    text = people(words, 60, 7)
    data = text.encode(encoding)
    country = {"Danish": "DK", "Portuguese": "PT"}.get(language, "FR")
    assert data.decode(guess(data, country)) == text


@pytest.mark.parametrize("encoding", [*encodings.ENCODINGS])
@pytest.mark.parametrize("rows", [1, 50])
def test_unicode_and_plain_files_are_never_taken_for_another(encoding, rows):
    text = "email;name\n" + "".join(f"p{n}@example.com;Ann\n" for n in range(rows))
    data = text.encode(encoding)
    assert data.decode(guess(data, "FR")).removeprefix("\ufeff") == text
    if encoding.startswith("utf"):
        accented = text.replace("Ann", "Zoé 佐藤 Łódź")
        assert (
            accented.encode(encoding).decode(guess(accented.encode(encoding), "FR")).removeprefix("\ufeff") == accented
        )


def test_the_whole_file_is_judged(acme):
    rows = "".join(f"p{n}@example.com,Ann Example Person\n" for n in range(9000))
    data = ("email,first name\n" + rows + "zz@example.com,Renée\n").encode("cp1252")
    assert len(data) > 300_000
    done = prepare(acme, data)
    assert done.encoding == "cp1252" and not told(done)
    finish(acme, done)
    with scope(acme):
        assert Contact.objects.get(email="zz@example.com").first_name == "Renée"


def test_a_few_bytes_of_another_encoding_are_mended_and_told(acme):
    data = "email,first name\na@example.com,Zoé\nb@example.com,Noël\n".encode() + "c@example.com,Renée\n".encode(
        "cp1252"
    )
    done = prepare(acme, data)
    assert done.encoding == "utf-8" and told(done) == ["1 character isn't UTF-8 and was read as Windows-1252."]
    notice = survey_texts.notices(done)[0]
    assert notice.details == [(4, "c@example.com,Renée")] and done.survey["undecoded_lines"] == [4]
    finish(acme, done)
    assert names_of(acme) == ["Zoé", "Noël", "Renée"]


def test_what_means_nothing_is_left_out_told_and_never_stored(acme, bob, as_user):
    data = (
        "email,first name,note\na@example.com,Zoé,éèàç\n".encode() + b"b@example.com,No\x81l,x\nc\x81@example.com,C,x\n"
    )
    done = prepare(acme, data + b"d@example.com,D,\x81\n", ["email", "first_name", ""])
    assert "3 characters can't be read as UTF-8" in told(done)[0]
    page = as_user(bob).get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert "3 characters can" in page and "Line 3: b@example.com,No\ufffdl,x" in page
    assert counts(finish(acme, done)) == {"created": 3, "rejected": 1}
    assert names_of(acme) == ["Zoé", "", "D"]
    with scope(acme):
        assert RejectedRow.objects.values_list("line", "reason").get() == (4, "undecodable")
        assert ImportNote.objects.values_list("line", "reason").get() == (3, "undecodable")


def test_the_choice_of_another_encoding_is_surveyed_again(acme, bob, as_user):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = as_user(bob)
    data = "email,name\na@example.com,Zoé\n".encode("cp1252")
    page = client.post("/w/acme/contacts/imports/new/", {"file": SimpleUploadedFile("p.csv", data)})["Location"]
    chosen = {"encoding": "utf-8", "delimiter": ",", "has_header": "on", "multiline_cells": "on"}
    assert "1 character isn" in client.post(page + "reading/", chosen, follow=True).content.decode()
    chosen["encoding"] = "cp1250"
    answer = client.post(page + "reading/", chosen, follow=True).content.decode()
    assert "1 character isn" not in answer and "Windows-1250 (Central Europe)" in answer


def test_a_polish_file_of_excel(acme):
    with scope(acme):
        acme.country = "PL"
        acme.save()
    done = prepare(acme, (FILES / "polish-excel.csv").read_bytes(), ["email", "first_name"])
    assert done.encoding == "cp1250"
    finish(acme, done)
    assert names_of(acme) == ["Łukasz Żółć"]


def test_utf_32(acme):
    done = import_file(acme, (FILES / "utf-32.csv").read_bytes())
    assert done.encoding == "utf-32" and counts(done) == {"created": 1}


@given(
    names=st.lists(st.text(st.sampled_from("aé佐Ł😀\n\r"), max_size=6), max_size=30),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "gb18030"]),
    size=st.integers(1, 7),
)
def test_text_is_decoded_whole_whatever_the_pieces(names, encoding, size):
    class Slow(io.BytesIO):
        def read(self, _size=None):
            return super().read(size)

    text = "\n".join(names)
    texts = Texts(Slow(text.encode(encoding)), encoding)
    assert "".join(texts) == text and not texts.lost and not texts.read_as_fallback


@given(
    data=st.binary(max_size=300),
    encoding=st.sampled_from([*encodings.ENCODINGS]),
    country=st.sampled_from(["", "FR", "JP", "RU"]),
)
@settings(max_examples=300)
def test_any_bytes_are_decoded_in_any_encoding(data, encoding, country):
    from contacts.imports.limits import Unreadable

    assert guess(data, country) in encodings.ENCODINGS
    texts = Texts(io.BytesIO(data), encoding)
    try:
        text = "".join(texts)
    except Unreadable:
        assert encoding in ("utf-16", "utf-32")
        return
    text.encode()
    assert texts.lost <= text.count("\ufffd") or encoding.startswith("utf")
