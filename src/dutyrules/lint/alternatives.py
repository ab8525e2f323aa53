"""DR518: alternatives of readings that say what the rule says already."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from dutyrules.errors import Problem
from dutyrules.plan import Plan
from dutyrules.variants import choices, form

__all__ = ["adopted"]


def adopted(plan: Plan) -> Iterator[Problem]:
    """Keys under ``changes`` that would change nothing: most likely the rule was changed, and its reading was left as it was.

    Sees a key that is one of the rule's own fields. A change that means the same in other words is seen where the two are the same
    once they are read.
    """
    for choice in choices(plan):
        entry = getattr(plan, choice.held.part)[choice.held.name]
        for key, value in (choice.changes or {}).items():
            try:
                changed = type(entry).model_validate(form(entry, [{key: value}]))
            except ValidationError:
                # By itself it gives another kind of duty, and so changes something.
                continue
            if changed == entry:
                yield Problem("DR518", {"key": key, "means": str(choice.alternative.means)}, path=(*choice.path(), "changes", key))
