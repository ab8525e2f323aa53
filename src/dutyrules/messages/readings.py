"""Messages about readings and what is known when, by code: English and Chinese."""

from __future__ import annotations

__all__ = ["MESSAGES"]

MESSAGES: dict[str, tuple[str, str]] = {
    "DR801": (
        "{key!r} only tells the reader something; `changes` names keys on which verdicts depend. Put another wording into `means`",
        "{key!r} 只是写给读者看的，不影响结论；`changes` 应写影响结论的键。另一种说法请写在 `means` 里",
    ),
    "DR802": (
        "`changes` is empty; write what would be different, or leave it out and keep the words",
        "`changes` 是空的；请写出会有何不同，或删去 `changes`、只保留文字",
    ),
    "DR803": (
        "the second moment of knowledge ({second}) lies before the first ({first}); put the earlier one first",
        "第二个所知时点（{second}）早于第一个（{first}）；请把较早的写在前面",
    ),
}
