"""Every message a user may meet, in English and Chinese, by its code. Codes are stable; wording may improve.

Groups: 0 the YAML text, 1 the plan, 2 roster and waivers, 3 the history, 4 the evaluation and the command line, 5 findings of
``check``, 6 a reissue, 7 tests of a plan, 8 readings.
"""

from __future__ import annotations

from collections.abc import Mapping

from dutyrules.messages.faults import EXPECTED, FAULTS, KINDS
from dutyrules.messages.faults import MESSAGES as _FAULT_MESSAGES
from dutyrules.messages.reissue import MESSAGES as _REISSUE_MESSAGES

__all__ = ["FAULTS", "MESSAGES", "message", "printable"]

MESSAGES: dict[str, tuple[str, str]] = {**_FAULT_MESSAGES, **_REISSUE_MESSAGES}


def printable(text: str) -> str:
    """Text from an input without characters that could steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def message(code: str, lang: str, args: Mapping[str, object]) -> str:
    """The message of a code in a language, filled with its arguments."""
    zh = lang == "zh"
    shown: dict[str, object] = {k: v[:120] + "…" if isinstance(v, str) and len(v) > 120 else v for k, v in args.items()}
    fault = FAULTS.get(str(args.get("fault", "")))
    template = (fault[2] if zh else fault[1]) if fault else MESSAGES[code][1 if zh else 0]
    if "kind" in shown:
        shown["kind"] = KINDS.get(str(shown["kind"]), (shown["kind"],) * 2)[1 if zh else 0]
    if zh and shown.get("expected") in EXPECTED:
        shown["expected"] = EXPECTED[str(shown["expected"])]
    if "near" in shown:
        near = shown["near"]
        shown["near"] = (f"（是否指 {near!r}？）" if zh else f" (did you mean {near!r}?)") if near else ""
    return printable(template.format(**shown))
