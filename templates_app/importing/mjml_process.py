"""Compiles MJML in a process of its own (kernel.bounded_process): the compiler, which is written in Rust, ends its
process on deep nesting. Yields {"html"}, or {"problem"} with what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import mjml


def main(_arguments: Sequence[str], file: Any) -> Iterator[Any]:
    source = file.read().decode("utf-8")
    try:
        html = mjml.mjml2html(source)
    except ValueError as problem:
        yield {"problem": str(problem)[:500]}
        return
    except BaseException as problem:  # the compiler's own panics are no Exception
        if isinstance(problem, KeyboardInterrupt | SystemExit):
            raise
        yield {"problem": type(problem).__name__}
        return
    yield {"html": html}
