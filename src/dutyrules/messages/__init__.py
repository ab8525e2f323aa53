"""Every message a user may meet, in English and Chinese, by its code. Codes are stable; wording may improve.

Groups: 0 the YAML text, 1 the plan, 2 roster and waivers, 3 the history, 4 the evaluation and the command line, 5 findings of
``check``, 6 a reissue, 7 tests of a plan, 8 readings.
"""

from __future__ import annotations

from collections.abc import Mapping

from dutyrules.messages import faults, findings, readings, reissue, testing, texts
from dutyrules.messages.faults import EXPECTED
from dutyrules.messages.findings import FORMS, LANGUAGES, UNITS

__all__ = ["FAULTS", "MESSAGES", "message", "printable"]

_TABLES = (faults, findings, readings, reissue, testing, texts)
MESSAGES: dict[str, tuple[str, str]] = {code: told for table in _TABLES for code, told in table.MESSAGES.items()}
FAULTS: dict[str, tuple[str, str, str]] = {**faults.FAULTS, **testing.FAULTS}

_TERMS = {"kind": {**faults.KINDS, **findings.KINDS, **testing.KINDS}, "unit": UNITS, "language": LANGUAGES}
"""Arguments that are words of a closed set, and those words in both languages."""


def printable(text: str) -> str:
    """Text from an input without characters that could steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def message(code: str, lang: str, args: Mapping[str, object]) -> str:
    """The message of a code in a language, filled with its arguments."""
    zh = lang == "zh"
    shown: dict[str, object] = {k: v[:120] + "…" if isinstance(v, str) and len(v) > 120 else v for k, v in args.items()}
    fault = FAULTS.get(str(args.get("fault", ""))) or FORMS.get(str(args.get("form", "")))
    template = (fault[2] if zh else fault[1]) if fault else MESSAGES[code][1 if zh else 0]
    for name in shown.keys() & _TERMS.keys():
        shown[name] = _TERMS[name].get(str(shown[name]), (shown[name],) * 2)[1 if zh else 0]
    if zh and shown.get("expected") in EXPECTED:
        shown["expected"] = EXPECTED[str(shown["expected"])]
    if "near" in shown:
        near = shown["near"]
        shown["near"] = (f"（是否指 {near!r}？）" if zh else f" (did you mean {near!r}?)") if near else ""
    return printable(template.format(**shown))
