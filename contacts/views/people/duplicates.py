from django.shortcuts import render

from accounts.access import access
from contacts.people import duplicates


@access("contacts.delete")
def index(request):
    """Pairs that may be one person, a window of last names at a time."""
    after = request.GET.get("after", "").replace("\0", "")[:120]
    return render(request, "contacts/people/duplicates/index.html", {"look": duplicates.look(after), "after": after})
