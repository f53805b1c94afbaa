import pytest

from delivery.forms.account import AccountForm
from delivery.forms.seed_list import SeedListForm
from kernel import names
from kernel.forms import NameField
from templates_app.forms.picture import PictureForm
from templates_app.forms.template import TemplateForm
from templates_app.forms.version import VersionForm


@pytest.mark.parametrize(
    "written, name",
    [
        ("Spring\r\nBcc: x", "Spring Bcc: x"),
        ("a\tb\x00c\u2028d", "a b c d"),
        ("\u202egpj.exe", "gpj.exe"),
        ("Ne\u200bws\ufeff \u2066x\u2069", "News x"),
        ("Cafe\u0301", "Café"),
        ("\u200b", ""),
        ("Été 🎉 – 50 %", "Été 🎉 – 50 %"),
    ],
)
def test_a_name_is_one_line_that_reads_as_it_is_written(written, name):
    assert names.clean(written) == name
    assert NameField(required=False).clean(written.replace("\x00", " ")) == name


@pytest.mark.parametrize("form", [AccountForm, PictureForm, SeedListForm, TemplateForm, VersionForm])
def test_the_names_in_forms_are_such(form):
    assert isinstance(form.base_fields["name"], NameField)
