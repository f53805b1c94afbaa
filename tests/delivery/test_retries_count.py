"""A message that was tried again counts where it was tried last: in the report, the list, the recipients."""

import pytest

from campaigns.models import Campaign
from contacts.exports import parts
from contacts.models import Contact, Export
from delivery.models import Batch
from kernel.tenancy import scope
from tests.delivery.batches import start
from tests.markup import flat


@pytest.fixture
def retried(acme, alice, as_user, mail_server, send_all):
    """Of two people, one was refused and accepted at the second try. Returns a browser."""
    send_all(start(acme, ["ok@x.example", "policy@x.example"], port=mail_server[1]))
    browser = as_user(alice)
    with scope(acme):
        Contact.objects.filter(email="policy@x.example").update(email="fine@x.example")
        campaign = Campaign.objects.get()
    browser.post(f"/w/acme/campaigns/{campaign.pk}/failures/retry/", {"reason": ["policy"]})
    with scope(acme):
        again = Batch.objects.exclude(origin_id=None).get()
    send_all(again)
    return browser


def of_campaign(workspace, where: str) -> str:
    with scope(workspace):
        return f"/w/acme/{where.format(Campaign.objects.get().pk)}"


def test_the_report_counts_a_success_at_the_second_try(acme, retried):
    page = flat(retried.get(of_campaign(acme, "reports/campaigns/{}/")))
    assert '<strong>Planned</strong></td><td class="number"><strong>2</strong>' in page
    assert '<td>Sent</td><td class="number">2</td>' in page
    assert "Retried in another batch" not in page


def test_the_list_and_the_campaigns_page_count_it_too(acme, retried):
    assert '<td class="number" data-label="Sent">2</td>' in flat(retried.get("/w/acme/campaigns/"))
    page = flat(retried.get(of_campaign(acme, "campaigns/{}/")))
    assert "<dt>Sent</dt><dd>2" in page and "<dt>Failed</dt><dd>0" in page


def test_the_recipients_are_listed_once_with_the_last_result(acme, retried, run_jobs):
    where = of_campaign(acme, "reports/campaigns/{}/recipients/")
    assert flat(retried.get(where)).count("fine@x.example") == 1
    assert "Nobody found" in flat(retried.get(f"{where}?state=2"))
    retried.post(f"{where}export/")
    run_jobs()
    with scope(acme):
        rows = b"".join(parts.stream(Export.objects.get())).decode().splitlines()
    assert len(rows) == 3 and sum(",Sent," in row for row in rows[1:]) == 2
