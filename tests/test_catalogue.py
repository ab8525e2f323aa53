"""The catalogue of codes: every code has an entry, its example brings up that code and no other, and mended it does not.

``python tests/test_catalogue.py`` writes ``docs/codes.md``, to be reviewed as a diff.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dutyrules import catalogue, messages
from dutyrules.catalogue import Entry, codes, entry, explanation, frame
from dutyrules.cli import main
from dutyrules.messages import MESSAGES, message
from dutyrules.yamlfile import read_yaml

PAGE = Path(__file__).parents[1] / "docs" / "codes.md"
FRAMES = ("plan.yaml", "plan.dutytest.yaml", "roster.yaml", "waivers.yaml", "history.csv", "small-plan.yaml", "small-roster.yaml", "next-plan.yaml")
FORMS = getattr(messages, "FORMS", {})
KNOWN = {*MESSAGES, *(code for code, *_ in [*messages.FAULTS.values(), *FORMS.values()])}
# An entry may be there before its code is, but only for a finding, and only until the findings have their messages.
WAITING = set(codes()) - KNOWN
# Nets: these are there in case something goes wrong that is not known to go wrong, or that no command can show.
NETS = {"DR022", "DR312", "DR314", "DR413"}
RUN = [code for code in codes() if code not in WAITING | NETS]


def blocks(lines: list[str], begins: str) -> list[tuple[str, list[str]]]:
    """The lines in blocks, each with the word that begins it."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        head = re.match(begins, line)
        if head or not found:
            found.append((next(filter(None, head.groups()), "") if head else "", []))
        found[-1][1].append(line)
    return found


def merged(whole: str, part: str) -> tuple[str, set[int]]:
    """The file with the part put into it, and the numbers of the lines that are the part's.

    Entries of a section are added to those of the file, and replace those of the same name; a section on one line, or in
    other form, replaces the whole section.
    """
    top, entries = r"([^\s#:：-][^:：]*)[:：]|(---)", r"  (?:- (?:\{?id: ([\w-]+))?|([^\s#-][^:：]*)[:：])"
    sections = blocks(part.splitlines(), top)
    names = {name for name, _ in sections}
    out: list[tuple[str, bool]] = []
    for name, lines in blocks(whole.splitlines(), top):
        its = [s for n, s in sections if n == name]
        if not its:
            out += [(line, False) for line in lines]
        elif len(its) == 1 and lines[0].endswith(":") and its[0][0].endswith(":") and name != "plan":
            new = blocks(its[0][1:], entries)
            out += [(line, False) for line in lines[:1]]
            given = {n for n, _ in new if n}
            out += [(line, False) for n, body in blocks(lines[1:], entries) if n not in given for line in body if line]
            out += [(line, True) for _, body in new for line in body]
        else:
            out += [(line, True) for s in its for line in s]
    known = {name for name, _ in blocks(whole.splitlines(), top)}
    out += [(line, True) for name, lines in sections if name not in known for line in lines]
    assert names
    return "".join(f"{line}\n" for line, _ in out), {n for n, (_, new) in enumerate(out, 1) if new}


@contextlib.contextmanager
def laid_out(told: Entry, text: str, encoding: str = "utf-8") -> Iterator[tuple[str, set[int]]]:
    """A folder with the files of the frame and the example's; gives the command to run, and the lines of the example."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in FRAMES:
            (folder / file).write_text(frame(file), encoding="utf-8")
        (folder / "empty-folder").mkdir()
        command, its = told.run or f"dutyrules check {told.file}{'' if told.code[2] == '5' else ' --no-findings'}", set()
        if text.startswith("$ "):
            command = text[2:].strip()
        else:
            content, its = (text, set(range(1, text.count("\n") + 1))) if told.whole else merged(frame(told.file), text)
            (folder / told.file).write_bytes(content.encode(encoding))
        os.chdir(folder)
        try:
            yield command, its
        finally:
            os.chdir(before)


def problems(command: str) -> list[dict[str, Any]]:
    """What a command tells: code, file, line, arguments."""
    words = shlex.split(command)[1:]
    as_json = words[0] == "check"
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            assert main([*words, "--lang", "en", *(("--format", "json") if as_json else ())]) in (0, 1, 2)
        except SystemExit as stop:
            assert stop.code == 2, err.getvalue()
    if as_json:
        found: list[dict[str, Any]] = json.loads(out.getvalue())
        return found
    told = out.getvalue() + err.getvalue()
    lines = re.findall(r"^(?:(\S+?):(\d+)[:\d]*: |[^\n]*?)(DR\d{3}) ([^\n]*)", told, re.MULTILINE)
    return [{"code": c, "file": f or None, "line": int(n) if n else None, "message": m} for f, n, c, m in lines]


def test_every_code_has_an_entry() -> None:
    missing = sorted(KNOWN - set(codes()))
    assert missing == [], "write them in src/dutyrules/messages/catalogue/, then run `python tests/test_catalogue.py`"
    assert {code[:3] for code in WAITING} <= {"DR5"}
    assert not WAITING or find_spec("dutyrules.messages.findings") is None


def test_entries_lie_in_the_file_of_their_group_and_are_whole() -> None:
    for file in Path(catalogue.__file__).parent.glob("messages/catalogue/*.yaml"):
        read = read_yaml(file.read_bytes())
        assert read.problems == [] and list(read.data) == sorted(read.data)
        assert {code[2] for code in read.data} == {file.name[0]}
    for code in codes():
        told = entry(code)
        for texts in (told.title, told.meaning, told.cure):
            assert set(texts) == {"en", "zh"} and all(texts.values()), code
            assert re.search("[\u4e00-\u9fff]", texts["zh"]) and not re.search("[\u4e00-\u9fff]", texts["en"]), code
        assert told.example != told.mended or told.encoding != "utf-8" or code in NETS, code


@pytest.mark.parametrize("code", RUN)
def test_the_example_brings_up_its_code_and_no_other(code: str) -> None:
    told = entry(code)
    with laid_out(told, told.example, told.encoding) as (command, its):
        found = problems(command)
    assert {p["code"] for p in found} == {code, *told.also}, found
    assert all(p["line"] in its for p in found if p["file"] == told.file and p["line"] is not None), (found, sorted(its))


@pytest.mark.parametrize("code", RUN)
def test_mended_it_brings_up_nothing(code: str) -> None:
    told = entry(code)
    with laid_out(told, told.mended) as (command, _):
        assert problems(command) == []


@pytest.mark.parametrize("file", FRAMES)
def test_the_frames_are_clean(file: str) -> None:
    with laid_out(entry("DR001"), "$ dutyrules check"):
        assert problems(f"dutyrules check {file} --no-findings") == []
        assert not file.startswith("small") or problems(f"dutyrules check {file}") == []


# --------------------------------------------------------------------------------------------------------- the page

HEAD = """\
# Codes · 代码

What each code means, a small example that brings it up, and the example mended. The same is told by
`dutyrules check --explain DR115`. This page is made from the catalogue; `python tests/test_catalogue.py` renews it.

每个代码的含义、一个会引出它的小例子，以及改正后的样子。`dutyrules check --explain DR115 --lang zh` 给出同样的内容。
本页由目录生成，用 `python tests/test_catalogue.py` 更新。

An example is part of one of the files at the [end of this page](#the-rest-of-the-examples--示例的其余部分): its entries are
added there, and replace those of the same name. 示例是页末某个文件的一部分：各项加入该文件，同名的代替原有的。
"""
GROUPS = {
    "0": "The YAML text · YAML 文本",
    "1": "The plan · 方案",
    "2": "Roster and waivers · 名册与豁免",
    "3": "The history · 记录",
    "4": "The evaluation and the command line · 判定与命令行",
    "5": "Findings of `check` · `check` 的提示",
    "6": "A reissue · 重新印发",
    "7": "Tests of a plan · 方案的测试",
    "8": "Readings · 理解",
}


def page() -> str:
    """The page of all codes."""
    out, group = HEAD, ""
    for code in codes():
        if code[2] != group:
            group = code[2]
            out += f"\n## {GROUPS[group]}\n"
        out += "\n" + section(entry(code))
    out += "\n## The rest of the examples · 示例的其余部分\n"
    for file in FRAMES:
        out += f"\n`{file}`\n\n{fenced(file, frame(file))}"
    return out


def section(told: Entry) -> str:
    rows = [("", "English", "中文"), ("---", "---", "---")]
    if told.code in RUN:
        with laid_out(told, told.example, told.encoding) as (command, _):
            shown = {lang: said(command, told.code, lang) for lang in ("en", "zh")}
        rows.append(("message · 提示", shown["en"], shown["zh"]))
    rows += [("meaning · 含义", told.meaning["en"], told.meaning["zh"]), ("cure · 改法", told.cure["en"], told.cure["zh"])]
    table = "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)
    where = "" if told.example.startswith("$ ") else f" (`{told.file}`{', ' + told.encoding if told.encoding != 'utf-8' else ''})"
    run = f"\nwith · 命令：`{told.run}`\n" if told.run else ""
    head = f"### {told.code}\n\n**{told.title['en']} · {told.title['zh']}**\n\n{table}"
    if not told.example:
        return head
    return (
        f"{head}\nExample · 示例{where}:\n\n"
        f"{fenced(told.file, told.example)}{run}\nMended · 改正后:\n\n{fenced(told.file, told.mended)}"
    )


def said(command: str, code: str, lang: str) -> str:
    """What a command says of a code, in a language, without the place."""
    if command.startswith("dutyrules check"):
        args = next(p["args"] for p in problems(command) if p["code"] == code)
        # The reasons of other libraries change with their versions; the page is to stay.
        return message(code, lang, {**args, "why": "…"})
    words, told = shlex.split(command)[1:], io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        # What a parser of arguments says is in the language of the environment.
        patch.setenv("DUTYRULES_LANG", lang)
        patch.setenv("COLUMNS", "120")
        with contextlib.suppress(SystemExit):
            main([*words, "--lang", lang])
    # A long message goes on in indented lines.
    found = re.search(rf"{code} ([^\n]*(?:\n    [^\n]+)*)", told.getvalue())
    assert found, (command, told.getvalue())
    return re.sub(r"\n +", " " if lang == "en" else "", found[1])


def fenced(file: str, text: str) -> str:
    kind = "sh" if text.startswith("$ ") else {"csv": "csv", "jsonl": "json"}.get(file.rpartition(".")[2], "yaml")
    return f"```{kind}\n{text.removeprefix('$ ').rstrip()}\n```\n"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run `python tests/test_catalogue.py`"


# -------------------------------------------------------------------------------------------------- check --explain


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_code_is_explained(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    for code in (codes()[0], codes()[-1], "DR401", "DR301"):
        assert main(["check", "--explain", code.lower(), "--lang", lang]) == 0
        told, text = entry(code), capsys.readouterr().out
        assert text == explanation(told, lang)
        for piece in (code, told.title[lang], told.meaning[lang], told.cure[lang], *told.example.split(), *told.mended.split()):
            assert piece in text


def test_a_number_alone_will_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "115", "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("DR115  ")


@pytest.mark.parametrize(("asked", "near"), [("DR151", "DR1"), ("DR1115", "DR115"), ("what", None), ("", None), ("*", None)])
def test_an_unknown_code_exits_2_with_the_nearest(asked: str, near: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", asked, "--lang", "en"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("DR103 no code is called") and ("did you mean" in err) == (near is not None)
    assert near is None or near in err


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
