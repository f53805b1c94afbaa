"""What can go wrong with a kept file. The message of Full is for the merchant, those of the others for the operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.files.places import Place


class Problem(Exception):
    """Any of the problems below."""


class Unavailable(Problem):
    """Raised if the place can't be reached, refuses, or is not this installation's."""


class Missing(Problem):
    """Raised for a file that is not there any more."""


class Damaged(Problem):
    """Raised for a file that is not as it was put there."""


class Full(Problem):
    """Raised if the workspace has used up its space. The message says what to do."""


@contextmanager
def named(place: Place) -> Iterator[None]:
    """Raise the errors of a disk or a bucket as one of the problems above."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        problem = place.problem_of(error)
        if problem is None:
            raise
        raise problem from error


def in_words(error: Exception) -> str:
    """An error in one short line."""
    return (f"{type(error).__name__}: {error}".splitlines() or [""])[0][:300]
