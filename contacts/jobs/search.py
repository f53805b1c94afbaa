from contacts.people import search_index
from kernel.jobs import job


@job(scoped=False)
def index_words() -> None:
    """Index the words of contacts that have changed, so that a search finds them: those of an import, mostly."""
    search_index.catch_up_everywhere()
