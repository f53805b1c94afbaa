"""Export from the admin."""

from typing import Any

from import_export.admin import ExportMixin
from import_export.forms import ExportForm
from tablib import Dataset

from kernel.csvfiles import safe_cell


class SafeExportMixin(ExportMixin):
    """An export in which no cell is a formula for a spreadsheet program, whatever people call their workspaces.

    The form offers no choice of columns: the script of that one is inline, which the content security policy refuses.
    The package's own setting (IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT) looks at "=" only.
    """

    export_form_class = ExportForm

    def get_data_for_export(self, request: Any, *args, **kwargs) -> Dataset:
        data = super().get_data_for_export(request, *args, **kwargs)
        rows = [[safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in data]
        return Dataset(*rows, headers=data.headers, title=data.title)
