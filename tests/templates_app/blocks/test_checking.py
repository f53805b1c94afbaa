"""Blocks that come from outside: what we have stored ourselves always comes through unchanged."""

import pytest

from templates_app.blocks import checking
from templates_app.blocks.documents import Block
from templates_app.blocks.types import KINDS


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.slug)
def test_what_was_stored_can_be_restored_whatever_was_left_empty(kind):
    required = {name: "words" for name, field in kind.form().fields.items() if field.required}
    for props in (required, kind.example()):
        stored = checking.checked_block(Block(kind.slug, props))
        assert checking.checked_block(stored) == stored
