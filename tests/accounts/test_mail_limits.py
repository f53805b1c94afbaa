"""What people can make Fanfare write to others: how often, and whose words."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Invitation, User
from accounts.names_in_mail import MOST, harmless
from kernel.tenancy import scope
from tests.conftest import PASSWORD, make_user

PHISHING = "Your mailbox is locked! Unlock: http://evil.example/login now"
# What mail programs make a link of: an address with or without its scheme, an e-mail address, a phone number.
LINK = re.compile(r"://|www\.\w|\w\.\w|\w@\w|(?:\d[ ().-]*){7}", re.IGNORECASE)


@pytest.fixture
def invite(acme, alice, as_user):
    client = as_user(alice)

    def run(email: str, workspace: str = "acme"):
        data = {"email": email, "role": "viewer"}
        return client.post(f"/w/{workspace}/members/invitations/", data, follow=True).content.decode()

    return run


def test_an_address_gets_few_invitations(invite, settings):
    settings.INVITATIONS_PER_HOUR = 100
    pages = [invite(f"do.ra+{n}@new.example") for n in range(10)]
    assert len(mail.outbox) == settings.FORM_MAILS_PER_HOUR == 5
    assert "Invitation sent" in pages[0] and "Too many invitations" in pages[-1]


def test_an_address_gets_few_invitations_from_all_workspaces_together(invite, beta, charlie, as_user, settings):
    for _n in range(4):
        invite("dora@new.example")
    for _n in range(4):
        as_user(charlie).post("/w/beta/members/invitations/", {"email": "dora@new.example", "role": "viewer"})
    assert len(mail.outbox) == settings.FORM_MAILS_PER_HOUR


def test_a_person_sends_few_invitations_from_whatever_workspace(acme, invite, settings, alice, as_user):
    from tests.conftest import make_workspace

    make_workspace("Second", alice)
    for n in range(15):
        invite(f"a{n}@new.example")
    for n in range(15):
        invite(f"b{n}@new.example", "second")
    assert len(mail.outbox) == settings.INVITATIONS_PER_HOUR == 20
    with scope(acme):
        assert Invitation.objects.count() == 15


def test_what_is_refused_leaves_the_earlier_invitation_good(invite):
    for _n in range(5):
        invite("dora@new.example")
    token = re.search(r"/invitations/([\w-]+)/", mail.outbox[-1].body)[1]
    assert "Too many invitations" in invite("dora@new.example")
    assert Client().get(f"/invitations/{token}/").status_code == 200


def test_an_invitation_has_no_link_of_the_inviters(acme, alice, invite):
    acme.name, alice.name = PHISHING, "PayPal Security, call +1 (800) 555-0199 or www.evil.example"
    acme.save()
    alice.save()
    invite("dora@new.example")
    message = mail.outbox[-1]
    assert message.subject == "Invitation to a workspace on Fanfare"
    for body in (message.body, message.alternatives[0][0]):
        ours = re.sub(r"http://localhost:8000/invitations/[\w-]+/", "", body)
        words = re.sub(r"<style.*?</style>|<[^>]*>", " ", ours, flags=re.DOTALL)
        assert "Your mailbox is locked" in words, "the name is recognised"
        assert not LINK.search(re.sub(r"\d+ \w+ \d+|\d+:\d+", "", words)), words


@pytest.mark.parametrize(
    "name",
    [
        PHISHING,
        "evil.example",
        "evil。example",
        "evil．example/x",
        "ｅｖｉｌ．ｅｘａｍｐｌｅ",
        "EVIL․EXAMPLE",
        "hxxp:\\\\evil.example",
        "write to me@evil.example",
        "☎ 0800 555 01 99",
        "a\r\nBcc: x@y.example",
        "x" * 200,
        "\u202eelpmaxe.live//:ptth",
    ],
)
def test_a_name_in_a_mail_is_short_and_dead(name):
    assert not LINK.search(harmless(name)) and len(harmless(name)) <= MOST and harmless(name).isprintable()


@pytest.mark.parametrize("name", ["Acme", "Zoë & Cie", "L'Été 2026", "St. Mary's", "Smith, Sons / Partners", "東京店"])
def test_an_ordinary_name_stays(name):
    assert harmless(name) == name


@pytest.mark.parametrize("known", [True, False])
def test_an_address_gets_few_mails_about_an_account(db, settings, known):
    settings.ACCOUNT_RATE_LIMITS = False
    if known:
        make_user("dora@new.example", "Dora")
    pages = {
        re.sub(r'value="[^"]*"', "", Client().post("/accounts/password/reset/", data, follow=True).content.decode())
        for data in [{"email": "dora@new.example"}] * 8
    }
    assert len(mail.outbox) == settings.ACCOUNT_MAILS_PER_HOUR == 5
    assert len({len(page) for page in pages}) == 1, "the page says the same"


def test_used_up_invitations_keep_nobody_from_a_new_password(invite, settings):
    make_user("dora@new.example", "Dora")
    for _n in range(6):
        invite("dora@new.example")
    before = len(mail.outbox)
    Client().post("/accounts/password/reset/", {"email": "dora@new.example"})
    assert len(mail.outbox) == before + 1


def test_who_signs_up_with_a_strangers_address_writes_them_nothing(db):
    data = {"name": "http://evil.example/login Hurry", "email": "dora@new.example", "password1": PASSWORD}
    Client().post("/accounts/signup/", data)
    assert User.objects.get().name.startswith("http")
    (message,) = mail.outbox
    for body in (message.body, *(part for part, _kind in message.alternatives)):
        assert "evil.example" not in body and "http://evil" not in body
