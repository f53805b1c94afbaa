from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.edit_conflicts import NoticesConflicts
from templates_app.merging import MergeError, check
from templates_app.models import MessageTemplate
from templates_app.sanitising import Unsafe, sanitise
from templates_app.sanitising.moved_tags import first_moved, line_of

MAX_CHARACTERS = 500_000


class TemplateForm(NoticesConflicts, forms.ModelForm):
    """Checks the merge tags and sanitises the HTML. `removed` has a sentence for each thing that was taken out."""

    html = forms.CharField(
        label=_("HTML"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "data-editor": "html", "class": "mono"}),
    )
    text = forms.CharField(
        label=_("Plain-text version"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("For mail apps that don't show HTML. Leave empty to create it from the message."),
    )

    removed: tuple[str, ...] = ()

    class Meta:
        model = MessageTemplate
        fields = ["name", "html", "text"]

    def clean_html(self) -> str:
        html = self.cleaned_data["html"]
        if len(html) > MAX_CHARACTERS:
            raise forms.ValidationError(
                _("This HTML is %(size)d KB; the limit is %(most)d KB. Put images on a server and link to them.")
                % {"size": len(html) // 1000, "most": MAX_CHARACTERS // 1000}
            )
        self._check(html, html=True)
        try:
            sanitised = sanitise(html)
        except Unsafe:
            raise forms.ValidationError(
                _("This HTML isn't safe to send. Remove scripts and other unusual code, then save again.")
            ) from None
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None
        try:
            check(sanitised.html, html=True)
        except MergeError as problem:
            raise forms.ValidationError(_explained(html, sanitised.html, problem)) from None
        self.removed = sanitised.removed
        return sanitised.html

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if len(text) > MAX_CHARACTERS:
            raise forms.ValidationError(_("The plain-text version is too long. Shorten it and save again."))
        self._check(text, html=False)
        return text

    @staticmethod
    def _check(source: str, *, html: bool) -> None:
        try:
            check(source, html=html)
        except MergeError as problem:
            raise forms.ValidationError(str(problem)) from None


def _explained(written: str, cleaned: str, problem: MergeError) -> str:
    """What is wrong, by the merchant's own lines: those of the cleaned text are unknown to them."""
    moved = first_moved(written, cleaned)
    if moved is None:
        return str(problem)
    return gettext(
        "Line %(line)d: HTML can't keep “%(tag)s” where it is, so its other half would be missing. Put both into "
        "the same part of the message."
    ) % {"line": line_of(written, moved.start), "tag": moved.source}
