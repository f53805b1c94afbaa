"""Protection of public forms: programs, limits, and input that no browser sends."""

import re
import socket

import pytest
from django.test import Client

from contacts.models import Contact, Signup, SignupForm
from contacts.signups import bot_checks
from contacts.views.public.signups import may_sign_up_from
from kernel import throttle
from kernel.mailboxes import mailbox
from kernel.tenancy import scope
from tests.contacts.conftest import WORDING, path, proof


def signups(workspace) -> int:
    with scope(workspace):
        return Signup.objects.count()


def stamp_of(page: str) -> str:
    return re.search(r'name="stamp" value="([^"]+)"', page)[1]


def post(form, stamp="", **values):
    data = {"email": "ana@example.com", "first_name": "Ana", "consent": "on", "stamp": stamp} | values
    return Client(enforce_csrf_checks=True).post(path(form.address), data)


def test_the_hidden_field_stops_programs_silently(acme, form, fill_in):
    human = fill_in(form).content.decode()
    caught = fill_in(form, "leo@example.com", website="https://spam.example").content.decode()
    assert caught == human and signups(acme) == 1


def test_a_form_sent_too_fast_is_shown_again_with_its_input(acme, form):
    stamp = bot_checks.stamp(form)
    page = post(form, stamp, proof=proof(stamp)).content.decode()
    assert "That was quick" in page and 'value="Ana"' in page and 'value="ana@example.com"' in page
    assert stamp_of(page) == stamp  # pressing again a little later is enough
    assert signups(acme) == 0


def test_a_page_that_was_open_for_a_day_is_shown_again(acme, form, monkeypatch):
    stamp = bot_checks.stamp(form)
    monkeypatch.setattr(bot_checks, "MAX_SECONDS", -1)
    page = post(form, stamp, proof=proof(stamp)).content.decode()
    assert "open for a long time" in page and 'value="Ana"' in page and stamp_of(page) != stamp
    assert signups(acme) == 0


def test_a_proof_of_work_is_accepted_once(acme, form, monkeypatch):
    monkeypatch.setattr(bot_checks, "MIN_SECONDS", 0)
    stamp = bot_checks.stamp(form)
    answer = proof(stamp)
    assert "Check your inbox" in post(form, stamp, proof=answer).content.decode()
    again = post(form, stamp, proof=answer, email="leo@example.com").content.decode()
    assert "already been sent" in again and 'value="leo@example.com"' in again and stamp_of(again) != stamp
    assert signups(acme) == 1


def test_another_forms_stamp_is_not_accepted(acme, form, monkeypatch):
    monkeypatch.setattr(bot_checks, "MIN_SECONDS", 0)
    stamp = bot_checks.stamp(SignupForm(pk=form.pk + 1, wording=WORDING))
    assert "One more click" in post(form, stamp, proof=proof(stamp)).content.decode() and signups(acme) == 0


@pytest.mark.parametrize("purpose", [bot_checks.SHOWN, bot_checks.ASKED])
def test_people_who_saw_another_wording_are_asked_again(acme, form, monkeypatch, purpose):
    monkeypatch.setattr(bot_checks, "MIN_SECONDS", 0)
    stamp = bot_checks.stamp(form, purpose=purpose)
    with scope(acme):
        SignupForm.objects.update(double_opt_in=False, wording="I agree to get news and offers.")
    answer = post(form, stamp, proof=proof(stamp))
    page = answer.content.decode()
    assert answer.status_code == 422 and "consent text has changed" in page and 'value="Ana"' in page
    assert not re.search(r'name="consent"[^>]*checked', page) and stamp_of(page) != stamp and signups(acme) == 0
    stamp = stamp_of(page)
    assert "Thank you" in post(form, stamp, proof=proof(stamp)).content.decode()
    with scope(acme):
        assert Signup.objects.get().wording == "I agree to get news and offers."


@pytest.mark.parametrize("answer", ["", "1", "x" * 21, "é", "-"])
def test_without_a_proof_the_page_with_one_button_is_shown(acme, form, monkeypatch, answer):
    monkeypatch.setattr(bot_checks, "MIN_SECONDS", 0)
    page = post(form, bot_checks.stamp(form), proof=answer).content.decode()
    assert "One more click" in page and signups(acme) == 0


def test_a_form_in_the_merchants_page_works_in_two_steps_and_has_to_be_confirmed(acme, form, mails):
    """As plain HTML posts from another site: no cookie, no stamp, no JavaScript."""
    with scope(acme):
        SignupForm.objects.update(double_opt_in=False)
    client = Client(enforce_csrf_checks=True)
    elsewhere = {"origin": "https://shop.example", "referer": "https://shop.example/"}
    data = {"email": "ana@example.com", "first_name": "Ana", "consent": "on"}
    page = client.post(path(form.address), data, headers=elsewhere).content.decode()
    assert "One more click" in page and signups(acme) == 0
    assert f'<blockquote class="wording">{WORDING}</blockquote>' in page
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert hidden["email"] == "ana@example.com" and hidden["page"] == "https://shop.example/"
    assert "Thank you" in client.post(path(form.address), hidden).content.decode()
    with scope(acme):
        assert Signup.objects.get().page == "https://shop.example/"
        assert Contact.objects.get().status == "pending"  # no proof of work: the owner of the address has to confirm
    assert len(mails(acme)) == 1


def test_the_merchants_own_form_keeps_its_input_after_an_error(acme, form):
    response = Client().post(path(form.address), {"email": "no address", "first_name": "Ana"})
    page = response.content.decode()
    assert response.status_code == 422 and 'value="no address"' in page and 'value="Ana"' in page
    assert "An address must have exactly one @" in page or "contains a space" in page
    assert "Tick the box" in page


def test_only_the_frame_may_be_framed(acme, form):
    framed = Client().get(path(form.embed_address))
    assert "X-Frame-Options" not in framed and "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "script-src 'self'" in framed["Content-Security-Policy"]
    framed = Client().post(path(form.embed_address), {"email": "x"})
    assert "X-Frame-Options" not in framed and "frame-ancestors *" in framed["Content-Security-Policy"]
    page = Client().get(path(form.address))
    assert page["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_sign_ups_of_one_network_are_limited(acme, form, fill_in, settings):
    settings.FORM_SIGNUPS_PER_HOUR = 2
    for n in range(2):
        assert "Check your inbox" in fill_in(form, f"p{n}@example.com").content.decode()
    refused = fill_in(form, "p3@example.com")
    assert refused.status_code == 429 and 'value="p3@example.com"' in refused.content.decode()
    assert signups(acme) == 2


def test_addresses_of_one_network_are_counted_together(db, settings):
    settings.FORM_SIGNUPS_PER_HOUR = 1
    may = may_sign_up_from
    assert may("203.0.113.9") and may("203.0.113.10") and not may("203.0.113.9")
    assert may("2001:db8:1:2:3::4") and not may("2001:db8:1:2:ffff::1") and may("2001:db8:1:3::1")
    assert may("2001:db8:2::1") and not may("2001:db8:2:0:5::1") and not may("2001:db8:2::7:0:0:1")
    assert may("fe80::1%eth0") and may(None) and not may(None)


def test_list_bombing_over_two_workspaces_is_stopped_silently(acme, beta, form, fill_in, mails, settings):
    settings.FORM_MAILS_PER_HOUR = 3
    with scope(beta):
        other = SignupForm.objects.create(name="B", title="Beta's news", wording=WORDING)
    assert mailbox("vic.tim+more@example.com") == mailbox("victim@example.com")
    answers = [fill_in(one, "victim@example.com") for one in (form, other, form, other, form)]
    assert len({(answer.status_code, answer.content) for answer in answers[::2]}) == 1
    assert "Check your inbox" in fill_in(other, "vic.tim+more@example.com").content.decode()
    assert len(mails(acme)) + len(mails(beta)) == 3
    assert signups(acme) + signups(beta) == 3


def test_a_window_ends_and_old_ones_are_forgotten(db):
    from django.db import connection

    assert [throttle.take("x", "me", most=2, seconds=60) for _ in range(3)] == [True, True, False]
    assert throttle.take("x", "you", most=2, seconds=60) and throttle.take("y", "me", most=2, seconds=60)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_throttle SET until = now() - interval '1 second'")
        assert throttle.take("x", "me", most=2, seconds=60)
        throttle.forget_old()
        cursor.execute("SELECT n, key FROM kernel_throttle")
        ((n, key),) = cursor.fetchall()
    assert n == 1 and "me" not in key.split(":")[1]


@pytest.mark.parametrize(
    "body, content_type",
    [
        (b"email=%00a@example.com&first_name=%00&consent=on", "application/x-www-form-urlencoded"),
        (b"email=\xff\xfe\x00&first_name=\xc3\x28", "application/x-www-form-urlencoded"),
        (b"email=a%40example.com&consent=on", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"email=a%40example.com&consent=on", "application/x-www-form-urlencoded; charset=hex"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\n\xff\r\n--x--", "multipart/form-data; boundary=x"),
        (
            b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\na\r\n--x--",
            "multipart/form-data; boundary=x; charset=hex",
        ),
        (b'{"email": 1}', "application/json"),
        (b"&" * 90_000, "application/x-www-form-urlencoded"),
        (b"a=1&" * 20_000, "application/x-www-form-urlencoded"),
        (b"email=" + b"a" * 90_000 + b"@example.com&stamp=" + b"A" * 5000, "application/x-www-form-urlencoded"),
        (
            b"email=a%40example.com&consent=on&page=http%3A%2F%2F%5B&stamp=%F0%9F%98%80",
            "application/x-www-form-urlencoded",
        ),
        (b"", "multipart/form-data"),
    ],
)
def test_nothing_that_is_posted_breaks_the_page(acme, form, body, content_type):
    for address in (form.address, form.embed_address):
        client = Client(raise_request_exception=False)
        response = client.generic("POST", path(address), body, content_type=content_type)
        assert response.status_code in (200, 400, 422), response.status_code
    assert signups(acme) == 0


def test_large_bodies_are_refused_unread(acme, form):
    for size in (100_001, 10_000_000):
        response = Client().post(path(form.address), b"x" * size, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 413
    file = b"--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n" + b"x" * 10_000_000 + b"\r\n--x--"
    assert Client().post(path(form.address), file, content_type="multipart/form-data; boundary=x").status_code == 413


def test_the_operators_captcha_is_asked(acme, form, fill_in, settings):
    settings.FORM_CAPTCHA = "tests.contacts.signups.test_bot_checks.Sum"
    page = Client().get(path(form.address))
    assert (
        '<input name="sum">' in page.content.decode() and "https://captcha.example" in page["Content-Security-Policy"]
    )
    assert "helps us stop robots" in fill_in(form, sum="5").content.decode() and signups(acme) == 0
    assert "Check your inbox" in fill_in(form, sum="4").content.decode() and signups(acme) == 1


def test_the_policy_allows_the_captcha_and_the_thank_you_page(acme, form, settings):
    settings.FORM_CAPTCHA = "tests.contacts.signups.test_bot_checks.Sum"
    with scope(acme):
        SignupForm.objects.update(double_opt_in=False, thanks_url="https://shop.example/thanks")
    policy = Client().get(path(form.address))["Content-Security-Policy"]
    assert "https://captcha.example" in policy and "https://shop.example" in policy


class Sum:
    policy = {"script-src": ["https://captcha.example"]}

    def markup(self):
        return '<label>2 + 2 <input name="sum"></label>'

    def passes(self, request):
        """Ask a server, as captchas do: what all tests notice if it is done in a transaction (see network_calls)."""
        socket.getaddrinfo("localhost", 443)
        return request.POST.get("sum") == "4"
