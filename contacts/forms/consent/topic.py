from django.utils.translation import gettext_lazy as _

from contacts.forms.groups.unique_name import UniqueNameForm
from contacts.models import Topic


class TopicForm(UniqueNameForm):
    taken = _("There is a topic “%(name)s” already.")

    class Meta:
        model = Topic
        fields = ["name", "description", "needs_choice", "position"]
        labels = {"position": _("Place in the order")}
        help_texts = {
            "description": _("What people read beside it in their preferences."),
            "position": _("The lowest number comes first."),
        }
