"""Every model is a workspace model under row-level security, or on a short list with the reason why not."""

import pytest
from django.apps import apps
from django.db import connections

from kernel.rls import SameWorkspace
from kernel.tenancy import ScopedManager, WorkspaceModel

OURS = (
    "kernel",
    "accounts",
    "billing",
    "contacts",
    "templates_app",
    "delivery",
    "campaigns",
    "analytics",
    "adminpanel",
)
GLOBAL = {
    "accounts.User": "a person belongs to many workspaces",
    "accounts.Workspace": "the tenant itself",
    "accounts.Membership": "the switcher reads one person's rows in all workspaces",
    "delivery.Bucket": "a limit may belong to anybody; its key says to whom",
    "delivery.Deployment": "which installation the whole database belongs to",
    "delivery.MailboxLimit": "platform staff set it for all workspaces",
    "delivery.WarmUpStep": "platform staff set it for all workspaces",
    "delivery.Control": "platform staff stop sending in all workspaces",
    "contacts.ChangeReader": "a reader reads the changes of all workspaces",
    "kernel.FileMarker": "which installation the place of all files belongs to",
    "kernel.JobClaim": "queues belong to no workspace",
    "delivery.WorkerBeat": "queues belong to no workspace",
}
# Tables with millions of rows, without composite keys: each key would be checked for every row.
WITHOUT_COMPOSITE_KEYS = {
    "Message",
    "Lease",
    "Hit",
    "IncomingHit",
    "HourlyHits",
    "TrackedLink",
    "CapturedMessage",
    "ContactEvent",
}
OURS_MODELS = [m for m in apps.get_models() if m._meta.app_label in OURS]


@pytest.mark.parametrize("model", OURS_MODELS, ids=lambda m: m._meta.label)
def test_a_model_is_scoped_or_global_for_a_reason(model):
    if model._meta.label in GLOBAL:
        assert not issubclass(model, WorkspaceModel)
        return
    assert issubclass(model, WorkspaceModel)
    assert isinstance(model._default_manager, ScopedManager)
    assert isinstance(model._base_manager, ScopedManager)
    assert not model._meta.get_field("workspace").null


@pytest.mark.parametrize(
    "model", [m for m in OURS_MODELS if issubclass(m, WorkspaceModel)], ids=lambda m: m._meta.label
)
def test_keys_to_workspace_models_are_composite(model):
    if model.__name__ in WITHOUT_COMPOSITE_KEYS:
        return
    protected = {c.field for c in model._meta.constraints if isinstance(c, SameWorkspace)}
    for field in model._meta.get_fields():
        if field.many_to_one and field.concrete and issubclass(field.related_model, WorkspaceModel):
            assert field.name in protected, f"{model._meta.label}.{field.name} can point into another workspace"


def test_every_tenant_table_is_under_forced_row_level_security(db):
    tables = {m._meta.db_table for m in OURS_MODELS if issubclass(m, WorkspaceModel)}
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, "
            "array(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnum > 0 "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        )
        rows = cursor.fetchall()
    found = {name: rest for name, _, *rest in rows}
    partitions = {name for name, is_partition, *_ in rows if is_partition}
    exempt = {"delivery_control"}
    tables.add("accounts_membership")
    assert set(found) - partitions - exempt == tables
    assert partitions
    for name in tables | partitions:
        assert found[name] == [True, True, ["owner", "workspace"]], name


def test_the_roles_have_no_more_rights_than_they_need(db):
    with connections["owner"].cursor() as cursor:
        for alias in ("default", "engine"):
            role = connections[alias].settings_dict["USER"]
            cursor.execute(
                "SELECT c.relname, p FROM pg_class c, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) p "
                "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace "
                "AND has_table_privilege(%s, c.oid, p)",
                [role],
            )
            assert cursor.fetchall() == []
            cursor.execute(
                "SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relkind IN ('r', 'p') "
                "AND (has_any_column_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') "
                "OR has_table_privilege(%s, c.oid, 'DELETE, TRUNCATE, TRIGGER'))",
                [role, role],
            )
            assert cursor.fetchall() == [], "partitions are reached through their table"
        cursor.execute(
            "SELECT rolname, rolbypassrls FROM pg_roles WHERE rolname IN (%s, %s)",
            [connections["default"].settings_dict["USER"], connections["engine"].settings_dict["USER"]],
        )
        rights = dict(cursor.fetchall())
    assert rights == {
        connections["default"].settings_dict["USER"]: False,
        connections["engine"].settings_dict["USER"]: True,
    }
