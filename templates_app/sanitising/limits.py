"""Limits of what one document may cost. Each raises a ValueError that tells the merchant what to do."""

from django.utils.translation import gettext

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 200
MAX_ELEMENTS = 30_000
MAX_ATTRIBUTES = 200
MAX_MISPLACED = 5_000
MAX_MERGE_TAGS = 10_000
MAX_BINDINGS = 500
MAX_WORK = 200_000_000


def check_size(document: str) -> None:
    if len(document) > MAX_CHARACTERS:
        raise ValueError(
            gettext(
                "The message has %(size)d characters; the limit is %(limit)d. Shorten it, or link to images "
                "instead of embedding them."
            )
            % {"size": len(document), "limit": MAX_CHARACTERS}
        )


def too_deep() -> ValueError:
    return ValueError(
        gettext("The message has more than %(limit)d nested elements. Close the tags that are left open and try again.")
        % {"limit": MAX_DEPTH}
    )


def too_many_elements(limit: int) -> ValueError:
    return ValueError(
        gettext("The message has more than %(limit)d elements and comments. Split it, or remove repeated parts.")
        % {"limit": limit}
    )


def too_many_merge_tags() -> ValueError:
    return ValueError(gettext("The message has too many merge tags. Remove repeated ones and try again."))


def too_complex() -> ValueError:
    return ValueError(gettext("The message can't be read. Check for tags, quotes and comments that are not closed."))
