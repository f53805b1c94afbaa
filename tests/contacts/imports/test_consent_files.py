"""A column that says no is never read as a yes: whole files, from the upload to the ledger."""

import datetime as dt

import pytest

from contacts.consent import ledger, receipts
from contacts.imports import prefetch, undoing
from contacts.models import BlockedDomain, Consent, Contact, ContactImport, Suppression
from kernel.tenancy import scope
from tests.contacts.imports.running import finish, forecast_of, import_file, prepare, statuses


def ledger_of(workspace, email: str) -> list[tuple]:
    with scope(workspace):
        rows = Consent.objects.filter(contact__email=email).order_by("id")
        return [(row.channel, row.state, row.source, row.reason) for row in rows]


FILES = {
    "mailchimp": (
        "Email Address,First Name,Status\nann@shop.example,Ann,subscribed\nbob@shop.example,Bob,unsubscribed\n"
        "cy@shop.example,Cy,cleaned\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "bounced"},
    ),
    "brevo": (
        "EMAIL;FIRSTNAME;SMS;EMAIL_BLACKLISTED\nann@shop.example;Ann;33612345678;No\n"
        "bob@shop.example;Bob;33612345679;Yes\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "shopify": (
        "First Name,Email,Accepts Email Marketing\nAnn,ann@shop.example,yes\nBob,bob@shop.example,no\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "own export": (
        "email,first_name,email_status,consent_at\nann@shop.example,Ann,subscribed,2026-01-02T03:04:05Z\n"
        "bob@shop.example,Bob,unsubscribed,2026-01-02T03:04:05Z\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "substack": (
        "email,active_subscription,email_disabled\nann@shop.example,false,false\nbob@shop.example,true,true\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "hubspot": (
        "Email,Unsubscribed from all email,Email hard bounce reason\nann@shop.example,,\nbob@shop.example,true,\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "dates of opt-out": (
        "email;désinscrit le\nann@shop.example;\nbob@shop.example;12/03/2024\ncy@shop.example;0000-00-00\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "subscribed"},
    ),
    "cut words": (
        "email,firstname,donotContact\nann@shop.example,Ann,FALSE\nbob@shop.example,Bob,TRUE\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "mautic, whose mark is a yes or a 1": (
        "id,firstname,lastname,email,points,mobile,donotContact,date_added,last_active,attribution\n"
        "1,Ann,Ex,ann@shop.example,0,,FALSE,,,\n2,Bob,Ex,bob@shop.example,0,,TRUE,,,\n"
        "3,Cy,Ex,cy@shop.example,0,,2,,,\n4,Dee,Ex,dee@shop.example,0,,yes,,,\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "bounced", "dee": "unsubscribed"},
    ),
    "bounces": (
        "email,BOUNCE\nann@shop.example,no\nbob@shop.example,yes\n",
        {"ann": "subscribed", "bob": "bounced"},
    ),
    "a suppression list": (
        "email,reason,date_added\nann@shop.example,Hard bounce from SMTP,2025-01-02\n"
        "bob@shop.example,User unsubscribed by link,2025-01-02\ncy@shop.example,550 5.1.1,2025-01-02\n"
        "dee@shop.example,,2025-01-02\n",
        {"ann": "bounced", "bob": "unsubscribed", "cy": "pending", "dee": "pending"},
    ),
    "klaviyo's suppressed profiles": (
        "Email,Reason,Date\nann@shop.example,UNSUBSCRIBED,2025-01-02\nbob@shop.example,USER_SUPPRESSED,2025-01-02\n"
        "cy@shop.example,SPAM_COMPLAINT,2025-01-02\ndee@shop.example,HARD_BOUNCE,2025-01-02\n"
        "eve@shop.example,INVALID_EMAIL,2025-01-02\n",
        {"ann": "unsubscribed", "bob": "unsubscribed", "cy": "complained", "dee": "bounced", "eve": "bounced"},
    ),
    "reasons of those who left, among others": (
        "email,reason\nann@shop.example,\nbob@shop.example,opted out by phone\ncy@shop.example,\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "subscribed"},
    ),
    "a reason, and no time": (
        "email,UNSUB_TIME,UNSUB_REASON\nann@shop.example,,\nbob@shop.example,,Too many e-mails\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "mailchimp, a reason and no time": (
        "Email Address,OPTIN_TIME,LEID,EUID,UNSUB_TIME,UNSUB_REASON,CLEAN_TIME\n"
        "ann@shop.example,2023-04-02 10:00:00,1,a,,,\n"
        "bob@shop.example,2023-04-02 10:00:00,2,b,,I never signed up for this list,\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
    "brevo's report of bounces": (
        "Batch,Round,Contact ID,Email,Bounce Type,Reason,Date,Campaign ID,Blocked,State Permanent\n"
        "1,1,7,ann@shop.example,hard,550 5.1.1 unknown,2025-01-02,3,no,yes\n"
        "1,1,8,bob@shop.example,soft,452 full,2025-01-02,3,no,no\n",
        {"ann": "bounced", "bob": "pending"},
    ),
    "hubspot, in German": (
        "Datensatz-ID,Vorname,E-Mail,Von allen E-Mails abgemeldet,Quarantäne der E-Mail-Adresse\n"
        "1,Ann,ann@shop.example,Nein,\n2,Bob,bob@shop.example,Ja,\n3,Cy,cy@shop.example,,Ja\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "pending"},
    ),
    "hubspot, with its internal names": (
        "hs_object_id,firstname,email,hs_email_optout,hs_email_hard_bounce_reason_enum,hs_emailconfirmationstatus\n"
        "1,Ann,ann@shop.example,,,\n2,Bob,bob@shop.example,true,,\n3,Cy,cy@shop.example,,UNKNOWN_USER,\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "bounced"},
    ),
    "hubspot, with marks of addresses": (
        "Record ID,First Name,Email,Lifecycle Stage,Lead Status,Invalid email address,Email Address Quarantined\n"
        "1,Ann,ann@shop.example,Lead,New,,\n2,Bob,bob@shop.example,Lead,New,true,\n"
        "3,Cy,cy@shop.example,Lead,New,,true\n",
        {"ann": "subscribed", "bob": "pending", "cy": "pending"},
    ),
    "mautic's report of who must not be contacted": (
        "Contact ID,First name,Email,DNC Reason,DNC Channel,DNC Date Added\n1,Ann,ann@shop.example,,,\n"
        "2,Bob,bob@shop.example,1,email,2024-01-02\n3,Cy,cy@shop.example,3,email,2024-01-02\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "unsubscribed"},
    ),
    "keila, with a no in its data": (
        "Email,First name,Last name,Data,Status\n"
        'ann@shop.example,Ann,Ex,"{""city"": ""Lyon"", ""marketing_consent"": true}",active\n'
        'bob@shop.example,Bob,Ex,"{""city"": ""Lyon"", ""marketing_consent"": false}",active\n'
        'cy@shop.example,Cy,Ex,"{""shop"": {""unsubscribed"": true}}",active\n'
        'dee@shop.example,Dee,Ex,"{""newsletter"": ""weekly"", ""sms_opt_in"": false}",active\n',
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "unsubscribed", "dee": "subscribed"},
    ),
    "listmonk, with a no in its attributes": (
        'email,name,attributes\nann@shop.example,Ann,{}\nbob@shop.example,Bob,"{""opt_in"": ""no""}"\n'
        'cy@shop.example,Cy,"{""opt_in"": null}"\ndee@shop.example,Dee,"{""opt_in"": "\n',
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "pending", "dee": "subscribed"},
    ),
    "unknown values": (
        "email,opt-in\nann@shop.example,yes\nbob@shop.example,hm\ncy@shop.example,\n",
        {"ann": "subscribed", "bob": "pending", "cy": "pending"},
    ),
    "two columns, the no wins": (
        "email,subscribed,blacklisted\nann@shop.example,yes,no\nbob@shop.example,yes,yes\ncy@shop.example,no,no\n",
        {"ann": "subscribed", "bob": "unsubscribed", "cy": "unsubscribed"},
    ),
    "spam": (
        "email,status\nann@shop.example,active\nbob@shop.example,complained\ncy@shop.example,unsubscribed\n",
        {"ann": "subscribed", "bob": "complained", "cy": "unsubscribed"},
    ),
    "without a header": (
        "ann@shop.example,subscribed\nbob@shop.example,unsubscribed\n",
        {"ann": "subscribed", "bob": "unsubscribed"},
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_only_who_said_yes_is_subscribed(acme, name):
    text, expected = FILES[name]
    done = prepare(acme, text)
    forecast = forecast_of(acme, done)
    finish(acme, done)
    assert statuses(acme) == expected
    refused = {"email": sum(status != "subscribed" for status in expected.values())}
    assert done.refused == forecast["refused"] == refused and done.kept_out == 0
    assert len(forecast["refusing"]) == refused["email"]
    with scope(acme):
        listed = set(Suppression.objects.values_list("recipient", "reason"))
    assert listed == {
        (f"{who}@shop.example", status) for who, status in expected.items() if status not in ("subscribed", "pending")
    }


def test_the_ledger_names_column_and_value(acme):
    import_file(acme, FILES["mailchimp"][0])
    assert ledger_of(acme, "bob@shop.example") == [("email", "withdrawn", "import", "Status: unsubscribed")]
    assert ledger_of(acme, "ann@shop.example") == [("email", "granted", "import", "")]
    # A bounce is about the address: it is no change of consent.
    assert ledger_of(acme, "cy@shop.example") == []


@pytest.mark.parametrize("mode", ContactImport.Mode.values)
@pytest.mark.parametrize(
    "value, status", [("unsubscribed", "unsubscribed"), ("cleaned", "bounced"), ("spam", "complained")]
)
def test_who_was_subscribed_is_not_any_more(acme, mode, value, status):
    with scope(acme):
        bob = Contact.objects.create(email="bob@shop.example")
        ledger.grant(bob, source="form", wording="yes please")
    done = import_file(acme, f"email,status\nbob@shop.example,{value}\nann@shop.example,unsubscribed\n", mode=mode)
    assert statuses(acme)["bob"] == status
    import_file(acme, f"email,status\nbob@shop.example,{value}\nann@shop.example,unsubscribed\n", mode=mode)
    withdrawn = [] if status == "bounced" else [("email", "withdrawn", "import", f"status: {value}")]
    assert ledger_of(acme, "bob@shop.example")[1:] == withdrawn
    assert done.refused == {"email": 2}


def test_pending_and_unknown_take_nothing_from_who_is_subscribed(acme):
    with scope(acme):
        ledger.grant(Contact.objects.create(email="bob@shop.example"), source="form", wording="yes please")
    import_file(acme, "email,email_status\nbob@shop.example,pending\n")
    import_file(acme, "email,email_status\nbob@shop.example,hm\n")
    assert statuses(acme) == {"bob": "subscribed"} and len(ledger_of(acme, "bob@shop.example")) == 1


def test_a_yes_never_revives_who_opted_out(acme):
    with scope(acme):
        ledger.withdraw(Contact.objects.create(email="bob@shop.example"), source="page")
    later = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)).isoformat()
    import_file(acme, f"email,email_status,consent_at,consent_wording\nbob@shop.example,subscribed,{later},I agree\n")
    assert statuses(acme) == {"bob": "unsubscribed"} and len(ledger_of(acme, "bob@shop.example")) == 1


def test_a_date_without_a_time_is_kept_as_a_day(acme):
    """And is given as one: nobody knows that it was at midnight."""
    import_file(
        acme,
        "email;email_status;consent_at;désinscrit le\nann@shop.example;subscribed;2026-01-02;\n"
        "bob@shop.example;;;12/03/2024\ncy@shop.example;subscribed;2026-01-02T00:00:00Z;\n",
    )
    with scope(acme):
        ann, bob, cy = Consent.objects.select_related("contact").order_by("contact__email")
        assert (ann.state, ann.claimed_on) == ("granted", dt.date(2026, 1, 2))
        assert (bob.state, bob.claimed_on) == ("withdrawn", dt.date(2024, 3, 12))
        assert ann.at == dt.datetime(2026, 1, 2, tzinfo=acme.zone)
        assert (cy.at, cy.claimed_on) == (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), None)
        (said,) = receipts.receipt(ann.contact, acme)["ledger"]
        assert (said["claimed_on"], said["at"], said["at_local"]) == ("2026-01-02", None, None)


@pytest.mark.parametrize("chunk", [1, 2, 100])
@pytest.mark.parametrize("values", ["yes,no", "no,yes", "yes,hm", "hm,yes", "yes,no,yes", "no,yes,hm"])
def test_a_no_wins_over_a_yes_in_the_same_file(acme, monkeypatch, values, chunk):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    text = "email,opt-in\n" + "".join(f"bob@shop.example,{value}\n" for value in values.split(","))
    done = prepare(acme, text)
    forecast = forecast_of(acme, done)
    finish(acme, done)
    expected = {"bob": "unsubscribed" if "no" in values else "pending"}
    assert statuses(acme) == expected
    assert forecast["refused"] == done.refused
    import_file(acme, text)
    assert statuses(acme) == expected


def test_a_refusal_is_heeded_though_its_row_is_rejected(acme):
    with scope(acme):
        for name in ("ann", "bob", "cy"):
            ledger.grant(Contact.objects.create(email=f"{name}@shop.example"), source="form", wording="yes please")
        Contact.objects.filter(email="cy@shop.example").update(email="cy@blocked.example", external_id="C2")
        Contact.objects.filter(email="ann@shop.example").update(external_id="C1")
        BlockedDomain.objects.create(domain="blocked.example")
    done = import_file(
        acme,
        "id,email,status\nC2,cy@blocked.example,unsubscribed\nC1,bob@shop.example,unsubscribed\n"
        "C3,dee@blocked.example,unsubscribed\n",
    )
    assert (done.rejected, done.created) == (3, 0)
    # Of the row that contradicts itself, the address is believed: that is what messages are sent to.
    assert statuses(acme) == {"ann": "subscribed", "bob": "unsubscribed", "cy": "unsubscribed"}


def test_each_channel_has_its_own_answer(acme):
    text = (
        "email,phone,email_status,SMS_BLACKLISTED\nann@shop.example,+33612345678,subscribed,yes\n"
        "bob@shop.example,+33612345679,unsubscribed,no\n"
    )
    done = prepare(acme, text, channels=["email", "sms"])
    forecast = forecast_of(acme, done)
    finish(acme, done)
    assert statuses(acme) == {"ann": "subscribed", "bob": "unsubscribed"}
    assert statuses(acme, "sms_status") == {"ann": "unsubscribed", "bob": "subscribed"}
    assert statuses(acme, "whatsapp_status") == {"ann": "pending", "bob": "pending"}
    assert done.refused == forecast["refused"] == {"email": 1, "sms": 1}
    with scope(acme):
        assert set(Suppression.objects.values_list("channel", "recipient")) == {
            ("email", "bob@shop.example"),
            ("sms", "+33612345678"),
        }


def test_a_column_about_all_channels(acme):
    import_file(
        acme,
        "email,phone,status\nann@shop.example,+33612345678,unsubscribed\nbob@shop.example,+33612345679,subscribed\n"
        "cy@shop.example,+33612345670,cleaned\n",
        channels=["email", "sms"],
    )
    assert statuses(acme) == {"ann": "unsubscribed", "bob": "subscribed", "cy": "bounced"}
    # The bounce is one of the e-mail address, but nobody said yes to text messages.
    assert statuses(acme, "sms_status") == {"ann": "unsubscribed", "bob": "subscribed", "cy": "pending"}


def test_the_proof_of_a_row_goes_into_the_ledger(acme):
    import_file(
        acme,
        "email,OPTIN_TIME,OPTIN_IP,consent_source,consent_wording,created_at\n"
        "ann@shop.example,2024-03-01 10:11:12,192.0.2.7,https://shop.example/news,I want the news,2023-02-03T04:05:06Z\n"
        "bob@shop.example,2999-01-01,nowhere,,,\n"
        "cy@shop.example,0001-01-01,::1,,,1970-01-01\n",
    )
    with scope(acme):
        ann, bob, cy = Consent.objects.order_by("contact__email")
        assert ann.at == dt.datetime(2024, 3, 1, 10, 11, 12, tzinfo=dt.UTC)
        assert (ann.address, ann.page, ann.wording) == ("192.0.2.7", "https://shop.example/news", "I want the news")
        assert ann.wording_version == ledger.wording_version("I want the news")
        assert ann.contact.created_at == dt.datetime(2023, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
        for row in (bob, cy):
            assert row.at.year >= 2026 and row.wording == "form on our site" and row.page == ""
            assert row.contact.created_at.year >= 2026
        assert bob.address is None and cy.address == "::1"


def test_a_refusal_keeps_its_date_whichever_column_stands_first(acme):
    import_file(acme, "email,UNSUB_REASON,UNSUB_TIME\nbob@shop.example,Too many e-mails,2024-03-01 10:11:12\n")
    with scope(acme):
        assert Consent.objects.get().at == dt.datetime(2024, 3, 1, 10, 11, 12, tzinfo=dt.UTC)


def test_a_refusal_keeps_its_date_whichever_row_stands_first(acme):
    import_file(
        acme,
        "email,UNSUB_REASON,UNSUB_TIME\nbob@shop.example,Too many e-mails,\nbob@shop.example,,2024-03-01 10:11:12\n",
    )
    with scope(acme):
        assert Consent.objects.get().at == dt.datetime(2024, 3, 1, 10, 11, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("filled, means", [(20, {}), (900, {"": "pending"})])
def test_a_reason_is_that_of_a_suppression_list_if_most_rows_of_the_file_have_one(acme, filled, means):
    reasons = ["UNSUBSCRIBED" if n >= 1000 - filled else "" for n in range(1000)]
    rows = "".join(f"p{n}@shop.example,{reason}\n" for n, reason in enumerate(reasons))
    done = prepare(acme, "email,reason\n" + rows)
    assert done.mapping == ["email", "email_consent"]
    assert done.reading[1]["consent"] == {"unsubscribed": "withdrawn"} | means


def test_a_date_in_an_opt_in_column_is_its_proof(acme):
    import_file(acme, "email,opt-in\nann@shop.example,01/03/2024\nbob@shop.example,\n")
    with scope(acme):
        row = Consent.objects.get()
    assert (row.at, row.claimed_on) == (dt.datetime(2024, 3, 1, tzinfo=acme.zone), dt.date(2024, 3, 1))
    assert statuses(acme) == {"ann": "subscribed", "bob": "pending"}


def test_a_column_that_is_left_out_is_counted(acme):
    done = prepare(acme, FILES["mailchimp"][0], ["email", "first_name", ""])
    forecast = forecast_of(acme, done)
    assert forecast["left_out"] == {"2": 2} and forecast["refused"] == {}
    finish(acme, done)
    assert set(statuses(acme).values()) == {"subscribed"} and done.refused == {}


def test_what_the_merchant_decides_of_a_value_counts(acme):
    done = prepare(acme, "email,status\nann@shop.example,unsubscribed\nbob@shop.example,gold\ncy@shop.example,gold2\n")
    assert done.reading[1]["consent"] == {"unsubscribed": "withdrawn", "gold": "pending", "gold2": "pending"}
    done.reading[1]["consent"]["gold"] = "granted"
    finish(acme, done)
    assert statuses(acme) == {"ann": "unsubscribed", "bob": "subscribed", "cy": "pending"}
    again = prepare(acme, "email,status\ndee@shop.example,Gold\n")
    assert again.mapping == ["email", "email_consent"] and again.reading[1]["consent"]["gold"] == "granted"


def test_a_column_that_earlier_files_left_out_unasked_is_proposed(acme):
    done = import_file(acme, FILES["mailchimp"][0], ["email", "first_name", ""])
    assert prepare(acme, FILES["mailchimp"][0]).mapping == ["email", "first_name", ""]
    with scope(acme):
        done.reading = [{}, {}, {}]  # as imports before this was asked
        done.save()
    assert prepare(acme, FILES["mailchimp"][0]).mapping == ["email", "first_name", "email_consent"]


def test_undoing_an_import_subscribes_nobody(acme):
    with scope(acme):
        ledger.grant(Contact.objects.create(email="bob@shop.example"), source="form", wording="yes please")
    text = "email,status\nann@shop.example,subscribed\nbob@shop.example,unsubscribed\ncy@shop.example,unsubscribed\n"
    done = import_file(acme, text)
    with scope(acme):
        undoing.begin(done, None)
    assert undoing.run(acme.pk, done.pk)
    with scope(acme):
        assert set(Contact.objects.present().values_list("email", "status")) == {("bob@shop.example", "unsubscribed")}
    # The next file without the column subscribes neither.
    import_file(acme, "email\nann@shop.example\nbob@shop.example\ncy@shop.example\n")
    assert statuses(acme) == {"ann": "subscribed", "bob": "unsubscribed", "cy": "unsubscribed"}
