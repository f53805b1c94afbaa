import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from contacts.exports import selection
from contacts.models import Company, Contact, ContactList, Export, Segment, Tag
from contacts.people.filtering import DELETED, RELATIONS, ContactFilter
from kernel import parameters
from kernel.forms import choice_field

MAX_CHOICES = 1000
MAX_SELECTED = 10_000
FILES = [(Export.Format.CSV, "CSV"), (Export.Format.XLSX, "Excel (XLSX)"), (Export.Format.JSON, "JSON")]


class ExportForm(forms.Form):
    """The contacts to export, and the format. `ids` and `filters` come from the page before: selected contacts, or the
    list page's filters."""

    who = forms.ChoiceField(label=_("Contacts to export"))
    format = forms.ChoiceField(
        label=_("Format"),
        choices=FILES,
        help_text=_(
            "Excel files keep phone numbers as they are. A CSV file opened in Excel turns them into plain numbers."
        ),
    )
    ids = forms.CharField(required=False, widget=forms.HiddenInput)
    filters = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, ids: Sequence[int] = (), filters: dict | None = None, chosen: str = "", **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        ids = ids or parameters.as_numbers(self.data.get("ids", "").split(","))
        self.selected = list(ids)[: MAX_SELECTED + 1]
        self.filtered = filters or self._read_filters()
        self.fields["ids"].initial = ",".join(map(str, self.selected))
        self.fields["filters"].initial = json.dumps(self.filtered) if self.filtered else ""
        choices = self._choices(self.data.get("who") or chosen)
        choice_field(self, "who").choices = choices
        self.fields["who"].initial = chosen or choices[0][0]

    def _read_filters(self) -> dict:
        try:
            read = json.loads(self.data.get("filters") or "{}")
        except (ValueError, RecursionError):
            return {}
        return _usable(read).data() if isinstance(read, dict) else {}

    def _choices(self, chosen: str) -> list:
        choices: list[tuple[Any, Any]] = [("everyone", _("All contacts"))]
        if self.filtered:
            choices.insert(0, ("filters", _("Contacts matching the filter: %s") % self._filters_as_text()))
        if self.selected:
            choices.insert(0, ("ids", _("Selected contacts (%d)") % len(self.selected)))
        groups: list[tuple[str, Any, QuerySet[Any]]] = [
            ("list", _("A list"), ContactList.objects.present()),
            ("segment", _("A segment"), Segment.objects.present()),
            ("tag", _("A tag"), Tag.objects.present()),
        ]
        for kind, label, rows in groups:
            named = {f"{kind}:{pk}": name for pk, name in rows.values_list("pk", "name")[:MAX_CHOICES]}
            if chosen not in named and (one := self._one(rows, kind, chosen)):
                named[chosen] = one.name
            if named:
                choices.append((label, list(named.items())))
        return choices

    @staticmethod
    def _one(rows: QuerySet, kind: str, chosen: str) -> Any:
        """The chosen row of this kind, which may be missing from the choices if there are too many."""
        of, _colon, key = chosen.partition(":")
        pk = parameters.as_number(key)
        return rows.filter(pk=pk).first() if of == kind and pk is not None else None

    def _filters_as_text(self) -> str:
        chosen = ContactFilter.of(self.filtered)
        texts = [str({**dict(Contact.Status.choices), DELETED: _("Deleted")}[chosen.status])] if chosen.status else []
        named: list[tuple[type[Model], int | None]] = [
            (Tag, chosen.tag),
            (ContactList, chosen.list),
            (Company, chosen.company),
        ]
        for model, pk in named:
            texts += model._default_manager.filter(pk=pk).values_list("name", flat=True)
        texts += [str(dict(Contact.AddressKind.choices)[chosen.kind])] if chosen.kind else []
        texts += [str(_("Without e-mail"))] if chosen.no_email else []
        texts += [str(_("Inactive"))] if chosen.inactive else []
        texts += [_("“%(wording)s”") % {"wording": chosen.q}] if chosen.q else []
        return ", ".join(texts)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if len(self.selected) > MAX_SELECTED:
            raise forms.ValidationError(_("Too many contacts to select one by one. Use a filter, a list or a tag."))
        if "who" not in data:
            return data
        try:
            data["scope"] = self._scope(data["who"])
            selection.condition(data["scope"])
        except ValueError:
            self.add_error("who", _("This segment can't be exported. Open it and fix its conditions first."))
        return data

    def _scope(self, who: str) -> dict:
        kind, _colon, pk = who.partition(":")
        if kind == "ids":
            return {"audience": {"contact_ids": self.selected, **selection.EVERYONE}}
        if kind == "filters":
            return {"filters": self.filtered}
        if kind in ("list", "tag"):
            return {"filters": {kind: int(pk)}}
        if kind == "segment":
            return {"audience": {"include": {"segments": [int(pk)]}, **selection.EVERYONE}}
        return {"audience": selection.EVERYONE}

    def file_name(self) -> str:
        """The name of the file, such as contacts-vip.csv."""
        who = self.cleaned_data["who"]
        kind, _colon, pk = who.partition(":")
        models = {"list": ContactList, "tag": Tag, "segment": Segment}
        name = str(models[kind].objects.get(pk=pk)) if kind in models else ""
        return "-".join(filter(None, ["contacts", slugify(name)[:60]])) + "." + self.cleaned_data["format"]


def _usable(data: dict) -> ContactFilter:
    """The filter from a hidden field, without anything that is no valid filter."""
    kinds = {"q": str, "country": str, "status": str, "kind": str, "no_email": bool, "inactive": bool} | dict.fromkeys(
        RELATIONS, int
    )
    known: dict[str, Any] = {
        name: value for name, value in data.items() if name in kinds and type(value) is kinds[name]
    }
    given = ContactFilter.of(known)
    checked = ContactFilter.read({"q": given.q, "status": given.status, "kind": given.kind}, country=given.country)
    ids = {name: value for name in RELATIONS if (value := known.get(name)) and abs(value) < 2**63}
    return replace(checked, no_email=given.no_email, inactive=given.inactive, **ids)
