"""A duty read back as one sentence, in English or Chinese.

The sentence is made from the model alone, so that it cannot say anything else than what is evaluated: two duties that
mean different things read differently. The grammar of each language stands apart (``english``, ``chinese``); what there
is to be said is found once for both (``facts``).
"""

from __future__ import annotations

from dutyrules.messages import printable
from dutyrules.plan import Plan
from dutyrules.sentences import chinese_kinds, english_kinds

__all__ = ["sentence"]


def sentence(plan: Plan, duty_id: str, lang: str = "en") -> str:
    """What a duty of the plan says, as one plain sentence in ``en`` or ``zh``.

    Labels come from the plan, in the language or else in the other one; attributes and states are named as written.

    Raises:
        KeyError: the plan has no such duty.
        InputError: the duty is of a kind that has no sentence.
    """
    duty = plan.duties[duty_id]
    read = chinese_kinds.sentence if lang == "zh" else english_kinds.sentence
    return printable(" ".join(read(plan, duty).split()))
