"""The catalogue of codes: what each means, a small example that brings it up, its cure, and the example mended.

It lies beside the messages, one file for each group of codes, and is read only when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dutyrules.yamlfile import read_yaml

__all__ = ["Entry", "codes", "entry", "explanation", "frame"]

_HOME = Path(__file__).resolve().parent / "messages" / "catalogue"
_WORDS = {
    "part": ("Example, a part of {file}:", "示例（{file} 的一部分）："),
    "whole": ("Example, the whole of {file}:", "示例（{file} 全文）："),
    "command": ("Example, a command:", "示例（命令）："),
    "cure": ("What to do: {cure}", "怎么改：{cure}"),
    "mended": ("Mended:", "改正后："),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One code. Texts are by language, ``en`` and ``zh``."""

    code: str
    title: Mapping[str, str]
    meaning: Mapping[str, str]
    cure: Mapping[str, str]
    example: str = ""
    """Part of a file, a whole file, or a command that begins with ``$``; nothing where no file is known that brings it up."""
    mended: str = ""
    file: str = "plan.yaml"
    """The file that the example belongs to. The rest of it is its :func:`frame`."""
    whole: bool = False
    """Whether the example is all of the file."""
    encoding: str = "utf-8"
    """How the example is written; mended it is UTF-8."""
    run: str = ""
    """The command that brings the code up, where it is not ``dutyrules check FILE``."""
    also: Sequence[str] = ()
    """Codes that the example cannot but bring up too."""


def entry(code: str) -> Entry:
    """The entry of a code.

    Raises:
        KeyError: there is none.
    """
    for file in _HOME.glob(f"{code[2:3]}-*.yaml"):
        found = read_yaml(file.read_bytes()).data.get(code)
        if found is not None:
            return Entry(code, **found)
    raise KeyError(code)


def codes() -> list[str]:
    """Every code that has an entry, in order."""
    return sorted(code for file in _HOME.glob("*.yaml") for code in read_yaml(file.read_bytes()).data)


def frame(file: str) -> str:
    """The file into which an example is put, so that it is whole; a further plan is one like the first."""
    its = _HOME / "frame" / file
    return (its if its.exists() else its.with_name("plan.yaml")).read_text(encoding="utf-8")


def explanation(told: Entry, lang: str) -> str:
    """An entry as a page of plain text."""
    n = 1 if lang == "zh" else 0
    parts = [f"{told.code}  {told.title[lang]}", told.meaning[lang], _WORDS["cure"][n].format(cure=told.cure[lang])]
    if told.example:
        kind = "command" if told.example.startswith("$ ") else "whole" if told.whole else "part"
        example = _WORDS[kind][n].format(file=told.file)
        parts[2:2] = [example, _indented(told.example)]
        parts += [_WORDS["mended"][n], _indented(told.mended)]
    return "\n\n".join(parts) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip("\n").split("\n"))
