from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.identity import merge_values
from kernel.trash import Trashable


class ContactField(Trashable):
    """A custom field of the workspace, such as city: kept in Contact.attributes under its name, usable as a merge tag
    and in segments, forms and imports.

    How a value is stored, by kind (`contacts.fields.values` reads and writes them): text, choice and url as a JSON
    string, number as a JSON number, date as "YYYY-MM-DD", yes/no as true or false. No value: no key. A deleted
    field's values stay until it is purged, and its name stays taken.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        BOOLEAN = "boolean", _("Yes or no")
        URL = "url", _("Web address")

    name = models.SlugField(_("merge tag"), max_length=40)
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(_("options"), default=list, blank=True)
    is_searched = models.BooleanField(
        _("search finds its words"),
        default=True,
        db_default=True,
        help_text=_("People are found by what this field says, such as their city."),
    )

    RESERVED = {
        *merge_values.NAMES,
        "external_id",
        "language",
        "tags",
        "lists",
        "company",
        "companies",
        "unsubscribe_url",
        "preferences_url",
        "view_url",
        "postal_address",
    }

    class Meta(Trashable.Meta):
        verbose_name = _("contact field")
        verbose_name_plural = _("contact fields")
        ordering = ["label"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_field_a_name")]

    def __str__(self):
        return self.label
