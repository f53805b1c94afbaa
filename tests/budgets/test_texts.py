"""Whatever a merchant writes: reading it, filling it in and refusing it take little time and little memory."""

import resource
import time

import pytest

from templates_app import merging
from templates_app.merging import MergeError, Merger, TooCostly, language, metering, scanning
from templates_app.merging.filtering import OverBudget
from tests.budgets import costly_texts

# Seconds of CPU for a text: read, compiled, and evaluated in both ways. Without budgets most take minutes. What is
# allowed takes half a second at most; the rest is for machines that are slow and busy.
MAX_SECONDS = 4
MAX_GROWTH = 150_000  # kB
VALUES = {"name": "Zoé", "x": "y", "first_name": "Boom"}


def outcome(source: str, *, html: bool) -> str:
    """What a merchant is told, or "ok". Anything but a MergeError is a page that says 500."""
    try:
        merger = Merger(source, html=html)
        merger.variables()
        compiled = merger.compile(lambda text: text.encode("utf-8", "replace"))
        for render in (compiled, compiled, merger.render):
            render(VALUES)
    except MergeError as problem:
        return str(problem)
    return "ok"


def measured(source: str, *, html: bool) -> tuple[str, float]:
    began = time.process_time()
    return outcome(source, html=html), time.process_time() - began


@pytest.fixture
def memory_is_kept():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MAX_GROWTH


@pytest.mark.usefixtures("memory_is_kept")
@pytest.mark.parametrize("name", costly_texts.FOUND)
def test_a_costly_text_ends_soon(name):
    for html in (True, False):
        found, seconds = measured(costly_texts.FOUND[name], html=html)
        assert seconds < MAX_SECONDS, found


@pytest.mark.usefixtures("memory_is_kept")
def test_generated_texts_end_soon():
    filters = language._TEXT.filters
    found = [measured(source, html=n % 2 == 0) for n, source in enumerate(costly_texts.generated(300, filters))]
    assert max(seconds for _, seconds in found) < MAX_SECONDS
    told = [words for words, _ in found]
    assert len(set(told)) > 10 and told.count("ok") > 20, "the texts are of many kinds"
    assert all(len(words) < 1000 for words in told)


@pytest.mark.parametrize(
    "source, words",
    [
        ("a\n{{ name", "Line 2, column 1: This merge tag has no end. Write “}}” after it."),
        ("{% if a", "Write “%}” after it."),
        ("{% raw %}{{", "Write “{% endraw %}” where it ends."),
        ("{{ name }}" * 3100, "There are too many merge tags and links."),
        ("{% for i in (1..2001) %}{% endfor %}", "A loop is too long"),
        ("{{ 'a' | append: 'b' }}{{ 'a,b' | split: ',' | first }}", "ok"),
        ("{% raw %}" + "{{ a }}" * 50_000 + "{% endraw %}", "ok"),
        ("{% for i in (1..2000) %}{{ i }}{% endfor %}", "ok"),
        ("{{ 'a' | times: 'x' }}{{ '2026-03-12' | date: '%d %B %Y' }}{{ 'now' | date: '%Y' }}", "ok"),
        ("{% assign x = 'a b' | split: ' ' %}{{ x | join: ', ' }}{{ x | last | replace: 'b', 'ccc' }}", "ok"),
    ],
)
def test_what_is_wrong_is_said_and_what_is_usual_is_allowed(source, words):
    assert words in outcome(source, html=False)


def test_steps_are_counted_for_each_kind_of_tag(monkeypatch):
    """The library could stop asking the context before a node is rendered; each kind must be counted."""
    monkeypatch.setattr(metering, "MAX_STEPS", 20)
    bodies = [
        "{{ name }}",
        "x",
        "{% assign a = 1 %}",
        "{% capture a %}{% endcapture %}",
        "{% if a %}{% endif %}",
        "{% unless a %}{% endunless %}",
        "{% case a %}{% when 1 %}{% endcase %}",
        "{% cycle 'a', 'b' %}",
        "{% echo 'a' %}",
        "{% comment %}{% endcomment %}",
        "{% for k in (1..1) %}{% endfor %}",
        "{% # remark %}",
        "{% raw %}a{% endraw %}",
        "{{ 'a' | upcase }}",
    ]
    for body in bodies:
        source = f"{{% for i in (1..30) %}}{body}{{% endfor %}}"
        with pytest.raises(TooCostly):
            Merger(source, html=True).render({})


def test_each_message_has_a_budget_of_its_own():
    source = "{% for i in (1..2000) %}{{ name | upcase }}{% endfor %}"
    render = Merger(source, html=False).compile(str.encode)
    for n in range(20):  # 120,000 steps in all
        assert render({"name": f"n{n}"})


def test_renderings_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr(merging.compiling, "MAX_CACHED_BYTES", 100_000)
    render = Merger("{{ name | upcase }}", html=False).compile(str.encode)
    (text,) = [text for text in merging.compiling._texts if str(text._template) == "{{ name | upcase }}"]
    for n in range(1000):
        render({"name": f"{n:1000}"})
    assert 0 < len(text.caches[0]) < 100
    large = Merger("{{ name | append: name }}", html=False).compile(str.encode)
    large({"name": "a" * 50_000})
    (text,) = [text for text in merging.compiling._texts if str(text._template) == "{{ name | append: name }}"]
    assert not any(text.caches)


def test_what_is_saved_can_be_sent_with_what_sending_adds():
    """A template that is just allowed is allowed with counted links, preheader and pixel, too."""
    from delivery.channels.email import composing

    most = scanning.MAX_TAGS - scanning.ADDED_WHEN_SENT
    for source in ('<a href="https://a.example/">x</a> ' * most, "<p>{{ name }}</p>" * most):
        merging.check(source, html=True)
        with pytest.raises(MergeError):
            merging.check(source + source[: len(source) // most], html=True)
        html, _urls = composing.number_links(source)
        Merger(composing.with_pixel(composing.with_preheader(html, "{{ name }} " * 20)), html=True)


def test_a_pause_of_the_interpreter_harms_no_short_text(monkeypatch):
    """Its garbage collector may take longer than a text may; the thread's clock counts that."""
    times = iter([0.0, 9.0, 9.0, 9.1, 9.2, 9.3, 9.4])
    monkeypatch.setattr(metering.time, "thread_time", lambda: next(times))
    meter = metering.Meter()
    meter.step()
    meter.step()
    meter.step()


def test_a_text_that_is_late_again_is_given_up(monkeypatch):
    times = iter([0.0, 9.0, 18.0])
    monkeypatch.setattr(metering.time, "thread_time", lambda: next(times))
    meter = metering.Meter()
    meter.step()
    meter.step()
    with pytest.raises(OverBudget):
        meter.step()
