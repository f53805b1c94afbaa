"""Compiles a definition to an SQL condition on `c` (contacts_contact). A merchant's values are always parameters."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Workspace
from contacts.segments.conditions import Context
from contacts.segments.definition import BadDefinition, Group, Rule
from kernel.tenancy import require_workspace_id


def context() -> Context:
    """The context for the active workspace, today."""
    workspace = Workspace.objects.get(pk=require_workspace_id())
    return Context(workspace.pk, timezone.now().astimezone(workspace.zone).date(), workspace.zone)


def compile_group(group: Group, ctx: Context) -> str:
    """The group's condition. An empty "all" or "none" is everyone, an empty "any" nobody. Raises BadDefinition."""
    if group.match == "none":
        # NULL (a missing value) counts as false, also under negation.
        parts = [f"({_part(part, ctx)}) IS TRUE" for part in group.parts]
        return f"NOT ({' OR '.join(parts)})" if parts else "TRUE"
    joiner, empty = (" AND ", "TRUE") if group.match == "all" else (" OR ", "FALSE")
    return joiner.join(f"({_part(part, ctx)})" for part in group.parts) or empty


def compile_rule(rule: Rule, ctx: Context) -> str:
    """The rule's condition. Raises BadDefinition if it can't be used."""
    if rule.operator is None:
        raise BadDefinition([rule.problem])
    return rule.operator.sql(ctx, rule.args)


def _part(part: Group | Rule, ctx: Context) -> str:
    return compile_group(part, ctx) if isinstance(part, Group) else compile_rule(part, ctx)
