from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import blocking
from contacts.addresses import BadAddress, clean_email
from contacts.importing.rows import REASONS
from contacts.models import Contact, ContactField, Tag


class TagsField(forms.CharField):
    """Tag names, separated by commas."""

    def clean(self, value):
        names = list(dict.fromkeys(" ".join(name.split()) for name in super().clean(value).split(",") if name.strip()))
        if any(len(name) > 60 for name in names):
            raise forms.ValidationError(_("A tag is at most 60 characters long."))
        return names


class ContactForm(forms.ModelForm):
    email = forms.CharField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    tags = TagsField(label=_("Tags"), required=False, help_text=_("Separated by commas."))

    class Meta:
        model = Contact
        fields = ["email", "first_name", "last_name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.own_fields = list(ContactField.objects.all())
        for own in self.own_fields:
            self.fields[f"own_{own.name}"] = forms.CharField(
                label=own.label, max_length=2000, required=False, initial=self.instance.attributes.get(own.name, "")
            )
        if self.instance.pk:
            names = Tag.objects.filter(contacttag__contact=self.instance).values_list("name", flat=True)
            self.fields["tags"].initial = ", ".join(names)

    def clean_email(self):
        try:
            address = clean_email(self.cleaned_data["email"])
        except BadAddress as problem:
            raise forms.ValidationError(REASONS[str(problem)]) from None
        if address != self.instance.email and blocking.is_blocked(address):
            raise forms.ValidationError(_("Addresses at this domain are on your block list."))
        if Contact.objects.filter(email=address).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                _("A contact with this address exists already, perhaps among the deleted ones.")
            )
        return address

    def clean(self):
        data = super().clean()
        own = {field.name: data.get(f"own_{field.name}", "") for field in self.own_fields}
        self.instance.attributes = self.instance.attributes | {name: value for name, value in own.items() if value}
        for name in [name for name, value in own.items() if not value]:
            self.instance.attributes.pop(name, None)
        return data


class NewContactForm(ContactForm):
    consent = forms.CharField(
        label=_("How did this person agree?"),
        required=False,
        max_length=300,
        help_text=_("For example: paper form at the shop, 12 March. Left empty, the contact gets no marketing."),
    )
