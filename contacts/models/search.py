from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from kernel.tenancy import WorkspaceModel


class SearchEntry(WorkspaceModel):
    """The words by which one contact is found (`contacts.people.search_terms`). Written by `search_index` only, and
    read as the engine: row-level security keeps the web role off GIN."""

    contact_id = models.BigIntegerField(primary_key=True)
    words = SearchVectorField()

    class Meta(WorkspaceModel.Meta):
        # Without a list of pending entries, which each search would read. Entries are written in the background.
        indexes = [GinIndex(fields=["words"], name="search_entry_words", fastupdate=False)]

    def __str__(self):
        return str(self.contact_id)


@SearchVectorField.register_lookup
class Matches(models.Lookup):
    """`words__matches=text`: the text is a tsquery as PostgreSQL writes it, whose words are taken as they are."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} @@ %s::tsquery", [*parameters, self.rhs]


class SearchChange(WorkspaceModel):
    """Contacts whose words have changed since they were indexed. Triggers write it, `search_index` takes it away.

    Either `contact_ids`, or everyone with an id above `after`: a workspace that is indexed anew.
    """

    contact_ids = ArrayField(models.BigIntegerField(), null=True)
    after = models.BigIntegerField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [models.Index(fields=["workspace", "id"], name="search_change_ws")]

    def __str__(self):
        return str(self.pk)
