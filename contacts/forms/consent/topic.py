from django.utils.translation import gettext_lazy as _

from contacts.forms.groups.unique_name import UniqueNameForm
from contacts.models import Topic


class TopicForm(UniqueNameForm):
    taken = _("There is already a topic called “%(name)s”. Choose another name.")

    class Meta:
        model = Topic
        fields = ["name", "description", "needs_choice", "position"]
        labels = {"position": _("Position")}
        help_texts = {
            "description": _("Shown next to the topic on the preferences page."),
            "position": _("The lowest number comes first."),
        }
