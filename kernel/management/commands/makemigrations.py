"""Django's makemigrations. It also puts every new tenant table under row-level security."""

from django.apps import apps
from django.core.management.commands import makemigrations
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.autodetector import OperationDependency as Needs

from kernel.rls import ProtectTable
from kernel.tenancy import WorkspaceModel


class Autodetector(MigrationAutodetector):
    def generate_created_models(self) -> None:
        super().generate_created_models()
        new = self.new_model_keys - self.old_model_keys  # type: ignore[attr-defined]  # missing in the stubs
        for app_label, name in new:
            if issubclass(apps.get_model(app_label, name), WorkspaceModel):
                table = Needs(app_label, name, None, Needs.Type.CREATE)
                column = Needs(app_label, name, "workspace", Needs.Type.CREATE)
                self.add_operation(app_label, ProtectTable(name), dependencies=[table, column])  # type: ignore[list-item]  # the stubs are of Django 5.0


class Command(makemigrations.Command):
    autodetector = Autodetector
