"""A campaign through the engine."""

from contacts.models import Contact
from delivery.models import ProviderAccount
from kernel.tenancy import scope
from tests.delivery import http
from tests.delivery.batches import start
from tests.delivery.http_providers.sending import OPTIONS, SECRET


def test_a_campaign_through_the_engine(acme, slug, server, send_all, states):
    server.answers = {"bad": [http.refused(slug, 400, "no")], "lost": ["close"]}
    with scope(acme):
        account = ProviderAccount(name="HTTP", provider=slug, options=OPTIONS[slug])
        account.secret = {"api_key": SECRET, "secret_access_key": SECRET}
        account.save()
        account.make_default()
        Contact.objects.bulk_create([Contact(email=f"{who}@x.example", status="subscribed") for who in ("bad", "lost")])
    batch = send_all(start(acme, n=120))
    found = states(batch)
    assert found["bad@x.example"] == ("failed", "policy") and found["lost@x.example"] == ("unknown", "lost_reply")
    assert sorted(state for state, _ in found.values()) == ["accepted"] * 120 + ["failed", "unknown"]
    assert len(set(server.recipients)) == 122
