from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import Topic


class TopicForm(forms.ModelForm):
    class Meta:
        model = Topic
        fields = ["name", "description", "needs_choice", "position"]
        labels = {"position": _("Place in the order")}
        help_texts = {
            "description": _("What people read beside it in their preferences."),
            "position": _("The lowest number comes first."),
        }

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if Topic.objects.present().filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a topic “%(name)s” already.") % {"name": name})
        return name
