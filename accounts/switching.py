"""The workspaces that somebody can go to: a few are listed, of many the latest, and the others are searched."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import Membership, User, Workspace
from kernel import words

FEW = 8  # so many are all listed
MAX_FOUND = 20
RECENT = "recent_workspaces"  # in the session: slugs, the latest first


@dataclass(frozen=True)
class Choice:
    """`workspaces` to choose from, and whether there are more of them."""

    workspaces: list[Workspace]
    more: bool


def offered(request: HttpRequest, user: User) -> Choice:
    """What the switcher shows before anybody types: all workspaces where they are few, else this and the latest."""
    mine = Workspace.objects.of(user)
    memberships = getattr(request, "first_memberships", None)
    first = list(mine[: FEW + 1]) if memberships is None else [one.workspace for one in memberships]
    if len(first) <= FEW:
        return Choice(first, more=False)
    here = getattr(request, "workspace", None)
    recent = list(dict.fromkeys([*([here.slug] if here else []), *request.session.get(RECENT, [])]))
    known = {workspace.slug: workspace for workspace in mine.filter(slug__in=recent)}
    latest = [known[slug] for slug in recent if slug in known]
    return Choice(list(dict.fromkeys([*latest, *first]))[:FEW], more=True)


def first_memberships(user: User) -> list[Membership]:
    """The person's memberships by the workspace's name, as many as tell whether they are few."""
    mine = Membership.objects.filter(user=user).select_related("workspace", "user")
    return list(mine.order_by("workspace__name", "workspace_id")[: FEW + 1])


def found(user: User, text: str) -> Choice:
    """The workspaces with a word that begins so, by name. All memberships are read: hundreds at most."""
    query = words.typed(text)
    names = Workspace.objects.of(user).values_list("pk", "name")
    ids = [pk for pk, name in names if words.begins(name, query)]
    return Choice(list(Workspace.objects.of(user).filter(pk__in=ids[:MAX_FOUND])), more=len(ids) > MAX_FOUND)


def remember(request: HttpRequest, workspace: Workspace) -> None:
    """Remember for the next visit where somebody went."""
    request.session["workspace"] = workspace.slug
    recent = [slug for slug in request.session.get(RECENT, []) if slug != workspace.slug]
    request.session[RECENT] = [workspace.slug, *recent][:FEW]
