from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import NameField
from templates_app.models import MessageTemplate
from templates_app.storable import MAX_CHARACTERS, NotStorable, check_tags, is_same, storable


class TemplateForm(NoticesConflicts, forms.ModelForm):
    """Checks the merge tags and sanitises the HTML. `removed` has a sentence for each thing that was taken out. What
    nobody has edited stays as it is stored, to the last byte."""

    html = forms.CharField(
        label=_("HTML"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "data-editor": "html", "class": "mono"}),
    )
    text = forms.CharField(
        label=_("Plain-text version"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("For mail apps that don't show HTML. Leave empty to create it from the message."),
    )

    removed: tuple[str, ...] = ()

    class Meta:
        model = MessageTemplate
        fields = ["name", "html", "text"]
        field_classes = {"name": NameField}

    def clean_html(self) -> str:
        html = self.cleaned_data["html"]
        if self._is_stored("html", html):
            return self.initial["html"]
        try:
            sanitised = storable(html)
        except NotStorable as problem:
            raise forms.ValidationError(str(problem)) from None
        self.removed = sanitised.removed
        return sanitised.html

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if self._is_stored("text", text):
            return self.initial["text"]
        if len(text) > MAX_CHARACTERS:
            raise forms.ValidationError(_("The plain-text version is too long. Shorten it and save again."))
        if not text.strip():
            return ""
        try:
            check_tags(text, html=False)
        except NotStorable as problem:
            raise forms.ValidationError(str(problem)) from None
        return text.replace("\r\n", "\n")

    def _is_stored(self, name: str, written: str) -> bool:
        return self.instance.pk is not None and is_same(written, self.initial[name])
