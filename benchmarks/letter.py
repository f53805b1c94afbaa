"""The message of the sending benchmarks: 20 KB of HTML, ten tracked links, a text part, a few merge tags and a
condition. As the reference, the same with Django's own template language and e-mail classes."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.template import Context, Template

from delivery.channels.email.composing import Content

STORY = (
    '<tr><td style="padding:24px 40px 0;font-size:16px;line-height:25px;color:#1d2733"><h2 style="margin:0 0 6px">'
    "Story {n} for {{{{ first_name }}}}</h2><p>"
    + "Two or three sentences that say what is new, été comme hiver. "
    * 26
    + "</p>"
    '<a href="https://shop.example.com/stories/{n}?source=mail">Read it in {{{{ city }}}}</a></td></tr>\n'
)
HTML = (
    "<!DOCTYPE html><html><body><table>\n"
    + "".join(STORY.format(n=n) for n in range(10))
    + '</table>{% if plan == "gold" %}<p>Thank you, {{ first_name }}.</p>{% else %}<p>Come and see.</p>{% endif %}'
    + '<p>{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p></body></html>'
)
TEXT = "Hello {{ first_name }},\n\n" + "here is what is new this month.\n" * 20 + "\n{{ unsubscribe_url }}\n"
SUBJECT = "News for {{ first_name }}"


def content(*, numbered: bool = True) -> Content:
    """The content as it is composed; with numbered=False, as open_batch takes it."""
    about = {"from_name": "Bench", "from_email": "news@bench.example", "list_name": "Bench"}
    plain = Content(subject=SUBJECT, html=HTML, text=TEXT, postal_address="1 rue Neuve", **about)
    if not numbered:
        return plain
    return plain.prepared(is_tracked=True)


def person(n: int) -> dict:
    """Merge values as the gate returns them."""
    first, last = f"First{n % 5000}", f"Last{n % 7000}"
    plan = "gold" if n % 3 else "free"
    names = {"first_name": first, "last_name": last, "full_name": f"{first} {last}"}
    return {"city": f"City {n % 400}", "plan": plan, "email": f"user{n}@example.com", **names}


class DjangoWay:
    """How a Django project makes such a message: templates compiled once, EmailMultiAlternatives per person."""

    def __init__(self):
        made = content()
        self.html, self.text, self.subject = (Template(part) for part in (made.html, made.text, SUBJECT))

    def message(self, values: dict, token: str) -> EmailMultiAlternatives:
        base = "https://mail.example.com"
        context = Context(
            values
            | {
                "unsubscribe_url": f"{base}/u/{token}/",
                "fanfare_open": f"{base}/o/{token}.gif",
                "fanfare_click": f"{base}/c/{token}/",
                "postal_address": "1 rue Neuve",
            }
        )
        headers = {
            "List-Unsubscribe": f"<{base}/u/{token}/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": "Bench <w1.bench.example>",
            "Feedback-ID": "1:w1:marketing:fanfare",
        }
        to = [f"{values['full_name']} <{values['email']}>"]
        sender = "Bench <news@bench.example>"
        message = EmailMultiAlternatives(
            self.subject.render(context), self.text.render(context), sender, to, headers=headers
        )
        message.attach_alternative(self.html.render(context), "text/html")
        return message
