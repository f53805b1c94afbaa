"""The rows that an import rejected, as a file that can be mended and uploaded again."""

from collections.abc import Iterator
from pathlib import PurePath

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.imports import owners, retrying
from contacts.models import ContactImport, RejectedRow
from kernel import csvfiles
from kernel.tenancy import scope

CHUNK = 2000


@access("contacts.import")
def show(request: WorkspaceRequest, pk: int) -> StreamingHttpResponse:
    """A CSV file with the columns of the import after two more: the line and the reason. Rows that were imported since
    are left out. `contacts.imports.retrying` knows the file again."""
    contact_import = get_object_or_404(ContactImport, pk=pk)
    response = StreamingHttpResponse(_lines(contact_import), content_type="text/csv; charset=utf-8")
    name = _("%(file)s - rows with errors.csv") % {"file": PurePath(contact_import.name).stem}
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _lines(contact_import: ContactImport) -> Iterator[str]:
    """The CSV text in chunks. Each chunk opens a scope of its own, because the stream outlives the request's scope."""
    delimiter = _delimiter(contact_import)
    headings = [*retrying.own_headings(contact_import.pk), *retrying.column_names(contact_import)]
    yield csvfiles.write([headings], delimiter=delimiter)
    after = 0
    while True:
        with scope(contact_import.workspace_id):
            rows = RejectedRow.objects.filter(contact_import=contact_import, imported_by_id=None, id__gt=after)
            chunk = list(rows.order_by("id")[:CHUNK])
            reasons = owners.reasons(contact_import, chunk)
        if not chunk:
            return
        after = chunk[-1].pk
        lines = [[row.line, reasons[row.pk], *row.cells] for row in chunk]
        yield csvfiles.write(lines, delimiter=delimiter).removeprefix("\ufeff")


def _delimiter(contact_import: ContactImport) -> str:
    """That of the original file; for a workbook the one that Excel reads in this language."""
    if contact_import.format == ContactImport.Format.CSV:
        return contact_import.delimiter
    return ";" if (get_language() or "").startswith("fr") else ","
