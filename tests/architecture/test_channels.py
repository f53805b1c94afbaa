"""Nothing outside a channel's folder asks for a channel by name, except what is listed here with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_code import APPS, ROOT

NAMES = {"email", "sms", "whatsapp"}
FOLDERS = ROOT / "delivery" / "channels"

# Files that name a channel, and why.
KNOWN = {
    # Consent: which columns of a contact a channel has, and what people and files may say about it.
    "contacts/consent/consent_rules.py": "the columns of each channel, which all others ask here",
    "contacts/models/consent.py": "what a person can agree to; a consent without a channel is one to e-mail",
    "contacts/models/suppression.py": "an address without a channel is one of e-mail",
    "contacts/models/topic.py": "a choice without a channel is about e-mail",
    "contacts/consent/ledger.py": "a consent without a channel is one to e-mail",
    "contacts/consent/preferences.py": "the wordings that a person agrees to",
    "contacts/segments/consent_conditions.py": "the words of conditions",
    "contacts/forms/imports/consent.py": "what people of a file agreed to",
    "contacts/imports/consent_answers.py": "columns of files by channel",
    "contacts/imports/consent_words.py": "what files call the channels",
    "contacts/imports/run_settings.py": "what people of a file agreed to if it doesn't say",
    "contacts/imports/uploading.py": "what people of a file agreed to if it doesn't say",
    "adminpanel/management/commands/import_contacts.py": "the options of an import",
    "contacts/people/bulk_verbs.py": "unsubscribing many is from e-mail",
    "contacts/signups/signing_up.py": "double opt-in is by e-mail",
    "contacts/views/consent/suppressions.py": "the list that is shown first",
    "contacts/views/people/contacts.py": "unsubscribing without a channel is from e-mail",
    # What a new row belongs to if nobody says.
    "billing/models/quota.py": "a quota without a channel is one of e-mail",
    "templates_app/models/template.py": "a template without a channel is one of e-mail",
    "delivery/apps.py": "the checks of mails",
    "delivery/spam_filters/asking.py": "spam filters judge mails",
    "delivery/registry.py": "the channel of everything for which nobody chose one",
    "delivery/service_mails.py": "confirmations and links are mails",
}
# A provider names the channels that it can send, and knows what their messages are made of.
PROVIDERS = "delivery/providers/"


def test_nobody_asks_for_a_channel_by_name():
    found = {name: places for name, places in _naming() if not name.startswith(PROVIDERS)}
    assert {name: places for name, places in found.items() if name not in KNOWN} == {}
    assert {name for name in KNOWN if name not in found} == set(), "these name none any more"


def test_what_providers_share_knows_no_channel():
    shared = {name for name, _places in _naming() if name.startswith(PROVIDERS) and name.count("/") == 2}
    assert shared == set()


def test_the_census_sees_each_way_to_name_a_channel():
    for line in (
        "Channel.SMS",
        "f(channel='sms')",
        "if channel == 'sms': pass",
        "if batch.channel in ('sms', 'x'): pass",
        "def f(channel='sms'): pass",
        "CHANNELS = ['sms']",
        "x = {'email': 1, 'sms': 2}",
        "registry.channel('sms')",
        "from delivery.channels.email import composing",
        "import delivery.channels.email.composing",
        "FIRST = 'email'",
    ):
        assert list(_named(ast.parse(line))), line
    for line in ("data['email']", "person.email", "f(email='x')", "fields = ['email', 'name']"):
        assert not list(_named(ast.parse(line))), line


def _naming() -> Iterator[tuple[str, list[int]]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts or (FOLDERS in path.parents and path.parent != FOLDERS):
                continue
            places = sorted(set(_named(ast.parse(path.read_text()))))
            if places:
                yield str(path.relative_to(ROOT)), places


def _named(tree: ast.AST) -> Iterator[int]:
    """The lines that name a channel."""
    for node in ast.walk(tree):
        if _is_by_name(node):
            yield getattr(node, "lineno", 0)


def _is_by_name(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="Channel"), attr="EMAIL" | "SMS" | "WHATSAPP"):
            return True
        case ast.ImportFrom(module=str(module)):
            return module.startswith("delivery.channels.") and not _is_shared(module)
        case ast.Import(names=names):
            return any(name.name.startswith("delivery.channels.") and not _is_shared(name.name) for name in names)
        case ast.Call(func=func, args=args, keywords=keywords):
            by_position = _is_about_channels(func) and any(_has_name(arg) for arg in args)
            return by_position or any(_is_about(key.arg) and _has_name(key.value) for key in keywords)
        case ast.Compare():
            return _is_about_channels(node) and _has_name(node)
        case ast.Assign(targets=targets, value=value):
            return (any(_is_about_channels(target) for target in targets) and _has_name(value)) or _is_first(node)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return _is_about_channels(target) and _has_name(value)
        case ast.Dict(keys=keys):
            return len(NAMES & {key.value for key in keys if isinstance(key, ast.Constant)}) > 1
        case ast.arguments():
            defaults = [*node.defaults, *filter(None, node.kw_defaults)]
            return bool(defaults) and any(_is_about(arg.arg) and _has_name(value) for arg, value in _defaults(node))
    return False


def _defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    if arguments.defaults:
        yield from zip(arguments.args[-len(arguments.defaults) :], arguments.defaults, strict=True)
    yield from ((arg, value) for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value)


def _is_shared(module: str) -> bool:
    return Path(ROOT, *module.split(".")).with_suffix(".py").exists() and module.count(".") == 2


def _is_first(node: ast.Assign) -> bool:
    return ast.unparse(node.targets[0]) == "FIRST" and _has_name(node.value)


def _is_about(name: str | None) -> bool:
    return "channel" in (name or "").lower()


def _is_about_channels(node: ast.AST) -> bool:
    return _is_about(ast.unparse(node)) or ast.unparse(node).endswith("of_address")


def _has_name(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Constant) and part.value in NAMES for part in ast.walk(node))
