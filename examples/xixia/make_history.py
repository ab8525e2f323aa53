"""Write the invented history and waivers of the Xixia example.

    python examples/xixia/make_history.py            writes history.csv and waivers.yaml beside this file
    python examples/xixia/make_history.py --check    exits with 1 if either differs from what would be written

EVERY RECORD IS INVENTED. The two mines of annex 1 and the persons it names are real; what the records say they did is
not, and says nothing about them. Their invented records are in good order on purpose: every miss below is put on an
invented site and an invented person.

The routine is drawn with a fixed seed; the cases worth looking at are written out one by one, each with its reason in
the column ``note``. Each series has a generator of its own, so that a new one does not move the others.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
SEED = "xixia-2026"
YEAR = 2026

COLUMNS = (
    "id", "time", "date", "event", "object", "area", "by", "recorded_at", "until", "retracts",
    "led_by", "hazard", "colour", "grade", "hazard_id", "found_in", "to", "leading", "signed", "minutes", "announced",
    "change_id", "source", "note",
)  # fmt: skip

MEIZIGOU, BAIGUOPING = "mine-meizigou", "mine-baiguoping"
MINE, POND1, POND2 = "mine-invented-1", "pond-invented-1", "pond-invented-2"
TOWN = "town-invented"

PREFIX = {
    "inspection": "insp", "survey": "surv", "underground_shift": "shift", "site_day": "site", "hazard_review": "review",
    "safety_meeting": "meet", "hazard_found": "hzf", "hazard_reported": "hzr", "hazard_rectified": "hzx",
    "hazard_verified": "hzv", "on_site": "arr", "alert": "alert", "alert_over": "lift", "danger": "danger",
    "danger_over": "safe", "table_updated": "table", "post_changed": "chg", "post_change_reported": "chgr",
    "retraction": "retr",
}  # fmt: skip

# Statutory holidays of 2026 and the weekend days worked instead, as the State Council's notice lists them.
HOLIDAYS = (("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"),
            ("09-25", "09-27"), ("10-01", "10-07"))  # fmt: skip
MAKE_UP_DAYS = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")


def day(text: str) -> date:
    """A day of the year from ``MM-DD``; ``YYYY-MM-DD`` is taken as it is."""
    return date.fromisoformat(text if len(text) == 10 else f"{YEAR}-{text}")


def at(text: str) -> datetime | date:
    """``MM-DD HH:MM`` as a time, ``MM-DD`` as a date; a year may stand before either."""
    if ":" not in text:
        return day(text)
    first, clock = text.split()
    return datetime.combine(day(first), time.fromisoformat(clock))


OFF = {d for a, b in HOLIDAYS for d in (day(a) + timedelta(n) for n in range((day(b) - day(a)).days + 1))}
MADE_UP = {day(d) for d in MAKE_UP_DAYS}


def days(first: str | date, last: str | date) -> list[date]:
    """All days from ``first`` through ``last``."""
    a = day(first) if isinstance(first, str) else first
    b = day(last) if isinstance(last, str) else last
    return [a + timedelta(n) for n in range((b - a).days + 1)]


def month(m: int) -> list[date]:
    """All days of a month of the year."""
    return days(date(YEAR, m, 1), date(YEAR + m // 12, m % 12 + 1, 1) - timedelta(1))


def working(several: list[date]) -> list[date]:
    """Those that are working days."""
    return [d for d in several if d in MADE_UP or (d.weekday() < 5 and d not in OFF)]


def no_sundays(several: list[date]) -> list[date]:
    """Those on which a mine works: no Sundays, no Spring Festival."""
    return [d for d in several if d.weekday() < 6 and not day("02-15") <= d <= day("02-23")]


class Book:
    """The records as they are written down."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.drawn = Counter[str]()

    def add(
        self,
        event: str,
        when: str | datetime | date,
        objects: str = "",
        by: str = "",
        *,
        id: str = "",
        until: datetime | None = None,
        recorded_at: str | None = None,
        offset: bool = False,
        note: str = "",
        **more: str,
    ) -> str:
        """Write a record down and return its id. Without ``recorded_at`` it is recorded the same day or the next."""
        moment = at(when) if isinstance(when, str) else when
        zone = "+08:00" if offset else ""
        row = dict.fromkeys(COLUMNS, "")
        row |= {"event": event, "object": objects, "by": by, "source": "invented", "note": note, **more}
        on = moment.date() if isinstance(moment, datetime) else moment
        if isinstance(moment, datetime):
            row["time"] = moment.isoformat(timespec="minutes") + zone
        else:
            row["date"] = moment.isoformat()
        if until is not None:
            row["until"] = until.isoformat(timespec="minutes") + zone
        if not id:
            stem = f"{PREFIX[event]}-{on:%m%d}" if on.year == YEAR else f"{PREFIX[event]}-{on:%Y%m%d}"
            self.drawn[stem] += 1
            id = f"{stem}-{self.drawn[stem]}"
        row["id"] = id
        if recorded_at is None:
            rng = Random(f"{SEED}:recorded:{id}")
            if isinstance(moment, datetime):
                recorded = (until or moment) + timedelta(minutes=rng.randrange(5, 600))
            else:
                recorded = datetime.combine(on + timedelta(1), time(8, 30)) + timedelta(minutes=rng.randrange(0, 180))
        else:
            recorded = datetime.fromisoformat(f"{on.year}-{recorded_at}" if len(recorded_at) == 11 else recorded_at)
        row["recorded_at"] = recorded.isoformat(timespec="minutes") + zone
        self.rows.append(row)
        return id

    def csv(self) -> str:
        """The file: in the order of time, then of ids."""
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(self.rows, key=lambda r: (r["time"] or r["date"], r["id"])))
        return out.getvalue()


# ---------------------------------------------------------------------------------------------------------------- shifts


def shift(book: Book, on: date, mine: str, by: str, start: str = "08:00", hours: float = 7.5, leading: bool = True, note: str = "") -> None:
    """One shift underground."""
    begin = datetime.combine(on, time.fromisoformat(start))
    end = begin + timedelta(hours=hours)
    book.add("underground_shift", begin, mine, by, until=end, leading=str(leading).lower(), note=note)


def routine_shifts(book: Book, mine: str, by: str, several: list[date], seed: str) -> None:
    """Nearly every day; now and then a night shift, a second shift, or a visit without leading."""
    rng = Random(f"{SEED}:shifts:{mine}:{seed}")
    for on in no_sundays(several):
        if rng.random() < 0.12:
            continue
        start = rng.choice(["07:50", "08:00", "08:00", "08:10", "16:00", "22:30"])
        shift(book, on, mine, by, start, 6.5 + rng.randrange(0, 5) / 4)
        if rng.random() < 0.05:
            shift(book, on, mine, by, "18:30" if start < "12:00" else "06:00", 1, leading=False, note="随访客下井，不带班 / with visitors, not leading")


def some_shifts(book: Book, mine: str, by: str, several: str) -> None:
    """Leading shifts on the days listed."""
    for text in several.split():
        shift(book, day(text), mine, by)


def shifts(book: Book) -> None:
    for mine, by in ((MEIZIGOU, "zheng-yuntong"), (BAIGUOPING, "xue-jianjun")):
        routine_shifts(book, mine, by, days("01-01", "12-31"), "year")
    first, second = "principal-invented-1", "principal-invented-2"
    routine_shifts(book, MINE, first, days("01-01", "04-15"), "before")
    # 16-30 April: a cut window, ten days exactly.
    some_shifts(book, MINE, first, "04-16 04-17 04-18 04-20 04-21 04-22 04-24 04-27 04-28 04-30")
    # May: nine days. Ten shifts led, but two on one day; on another day he did not lead.
    some_shifts(book, MINE, first, "05-06 05-07 05-08 05-11 05-13 05-18 05-20 05-22 05-27")
    shift(book, day("05-20"), MINE, first, "20:00", 3, note="同日第二班 / second shift of the same day")
    shift(book, day("05-28"), MINE, first, "09:00", 1.5, leading=False, note="陪同检查，不带班 / with inspectors, not leading")
    # June: ten days, the first from 0:00 of the 1st, the last from 23:00 of the 30th into July.
    shift(book, day("06-01"), MINE, first, "00:00", 7, note="恰在窗口开始 / at the very start of the window")
    some_shifts(book, MINE, first, "06-02 06-04 06-08 06-11 06-15 06-18 06-22 06-25")
    shift(book, day("06-30"), MINE, first, "23:00", 7, note="跨月夜班，算6月30日 / a night shift into July; it is of 30 June")
    # July: nine days; the tenth begins when the window has ended.
    some_shifts(book, MINE, first, "07-02 07-03 07-06 07-09 07-14 07-17 07-22 07-27 07-30")
    shift(book, day("08-01"), MINE, first, "00:00", 7, note="恰在7月窗口结束，算8月 / at the very end of July's window; it is of August")
    # August: the shaft is closed 10-16 (waived time); ten days remain, one of them also 1 August above.
    some_shifts(book, MINE, first, "08-03 08-05 08-07 08-18 08-20 08-22 08-25 08-27 08-31")
    shift(book, day("08-12"), MINE, first, "10:00", 2, note="豁免停井期间，不计 / in the waived time, does not count")
    # September: the post changes hands; what either did counts for the post, but not when he no longer bore it.
    some_shifts(book, MINE, first, "09-01 09-02 09-04 09-07 09-08 09-10")
    shift(book, day("09-12"), MINE, first, note="已卸任，不计 / no longer in the post")
    some_shifts(book, MINE, second, "09-15 09-17 09-21 09-24 09-29")
    # October: ten, one of which is taken back.
    some_shifts(book, MINE, second, "10-08 10-09 10-12 10-14 10-16 10-19 10-21 10-26 10-28")
    book.add("underground_shift", "10-30 08:00", MINE, second, id="shift-invented-mistaken", until=datetime(YEAR, 10, 30, 15, 30), leading="true",
             note="误记，后撤销 / entered by mistake, taken back")  # fmt: skip
    book.add("retraction", "11-02 10:15", id="retr-invented-shift", retracts="shift-invented-mistaken", note="撤销误记 / takes a mistaken entry back")
    # November: the tenth was written up in the next year. Known now, not known at the year's end.
    some_shifts(book, MINE, second, "11-02 11-04 11-06 11-10 11-12 11-17 11-19 11-24 11-26")
    book.add("underground_shift", "11-28 08:00", MINE, second, until=datetime(YEAR, 11, 28, 15, 0), leading="true", recorded_at="2027-01-12 09:20",
             note="次年补录 / entered in the next year")  # fmt: skip
    routine_shifts(book, MINE, second, month(12), "december")


# ------------------------------------------------------------------------------------------------------------- presence


def routine_presence(book: Book, site: str, by: str, months: list[int], least: int) -> None:
    """At least so many working days in each month, and in the second half of April."""
    for m in months:
        rng = Random(f"{SEED}:presence:{site}:{m}")
        spans = [days("04-01", "04-15"), days("04-16", "04-30")] if m == 4 else [month(m)]
        for span in spans:
            worked = working(span)
            count = min(len(worked), least + (0 if m == 4 else rng.randrange(0, 4)))
            for on in sorted(rng.sample(worked, count)):
                if rng.random() < 0.5:
                    book.add("site_day", on, site, by)
                else:
                    book.add("site_day", datetime.combine(on, time(8, 0)) + timedelta(minutes=rng.randrange(0, 120)), site, by)


def some_presence(book: Book, site: str, by: str, several: str, note: str = "") -> None:
    for text in several.split():
        book.add("site_day", text, site, by, note=note)


def presence(book: Book) -> None:
    routine_presence(book, MEIZIGOU, "controller-invented-1", list(range(1, 13)), 11)
    routine_presence(book, BAIGUOPING, "controller-invented-2", list(range(1, 13)), 11)
    third, fourth = "controller-invented-3", "controller-invented-4"

    routine_presence(book, MINE, third, [1, 2, 3, 4, 6, 7, 11, 12], 10)
    some_presence(book, MINE, third, "05-06 05-08 05-11 05-12 05-14 05-18 05-20 05-25 05-28")  # nine
    some_presence(book, MINE, third, "05-10 05-24", "星期日，不是工作日 / a Sunday, not a working day")
    some_presence(book, MINE, third, "08-03 08-04 08-06 08-10 08-12 08-17 08-19 08-24 08-27")  # nine
    book.add("site_day", "08-27 16:30", MINE, third, note="同日第二次 / second time on the same day")
    some_presence(book, MINE, third, "09-02 09-03 09-07 09-09 09-14 09-16 09-21 09-23 09-29")  # nine and a make-up day
    some_presence(book, MINE, third, "09-20", "星期日调休上班，算工作日 / a Sunday worked in exchange: a working day")
    some_presence(book, MINE, third, "10-08 10-09 10-10 10-13 10-15 10-20 10-22 10-27 10-29")  # nine
    some_presence(book, MINE, third, "10-01 10-02", "国庆假期，不是工作日 / a national holiday, not a working day")

    routine_presence(book, POND1, third, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12], 10)
    some_presence(book, POND1, third, "11-03 11-05 11-09 11-11 11-16 11-18 11-23 11-25 11-30")  # nine
    book.add("site_day", "11-27", POND1, "controller-invented-4", note="别家的控制人 / the controller of another enterprise")

    routine_presence(book, POND2, fourth, [1, 2, 3, 4, 5, 6, 9, 10, 11], 10)
    some_presence(book, POND2, fourth, "07-08 07-22 08-05 08-19", "停产照看，已豁免 / suspended; the count is waived")
    some_presence(book, POND2, fourth, "12-01 12-03 12-04 12-08 12-09 12-10 12-14 12-15")  # eight, then closed
    some_presence(book, POND2, fourth, "12-16 12-17", "已闭库，不在范围 / closed: out of scope")


# ---------------------------------------------------------------------------------------------------------- inspections


def inspections(book: Book) -> None:
    # --- county leaders. The real one leads twice before the end of June; each trip is about both mines.
    both = f"{MEIZIGOU};{BAIGUOPING}"
    book.add("survey", "05-12 09:00", both, "zheng-shuangcheng;liu-yang", led_by="zheng-shuangcheng")
    book.add("inspection", "06-16 09:30", both, "zheng-shuangcheng;liu-yang", led_by="zheng-shuangcheng")
    book.add("inspection", "11-17 09:30", both, "zheng-shuangcheng;liu-yang", led_by="zheng-shuangcheng")
    all_three = f"{MINE};{POND1};{POND2}"
    book.add("survey", "04-15 14:00", all_three, "county-invented-1", led_by="county-invented-1", note="施行前一天 / the day before the plan")
    book.add("inspection", "05-19 09:00", all_three, "county-invented-1;town-leader-invented-1", led_by="county-invented-1",
             note="一次出行三处 / one trip, three sites")  # fmt: skip
    book.add("survey", "08-15 15:00", POND1, "county-invented-1", led_by="county-invented-1", note="任期最后一天 / the last day in office")
    book.add("inspection", "09-09 09:00", POND1, "county-invented-2", led_by="county-invented-2")
    book.add("inspection", "10-21 09:00", f"{MINE};{POND2}", "county-invented-2;town-leader-invented-2", led_by="town-leader-invented-2",
             note="随队，不是带队 / took part, did not lead")  # fmt: skip
    book.add("survey", "2027-01-01 00:00", POND1, "county-invented-2", led_by="county-invented-2", note="恰在年末 / at the very end of the year")

    # --- township leaders. The real one visits both mines on one trip each time.
    for when in ("02-04 10:00", "04-22 09:40", "05-26 10:05", "06-09 09:50", "07-07 10:10", "07-28 09:20", "08-11 09:45",
                 "09-15 10:00", "10-20 09:35", "12-08 10:15"):  # fmt: skip
        book.add("inspection", when, both, "liu-yang")
    one, two, three = "town-leader-invented-1", "town-leader-invented-2", "town-leader-invented-3"
    book.add("inspection", "04-15 16:00", MINE, one, note="施行前一天 / the day before the plan")
    book.add("inspection", "05-14 23:40", MINE, one, note="非汛期最后一天 / the last day of the dry part")
    book.add("inspection", "05-15 00:00", MINE, one, note="恰在入汛 / at the very start of the flood season")
    book.add("inspection", "05-08 10:00", POND1, "village-leader-invented-3", note="村级的检查，不算乡级 / the village's check, not the township's")
    book.add("inspection", "05-13", POND2, one)
    book.add("inspection", "06-09 09:00", MINE, one, note="前任查的，算本岗位 / by the first holder; it counts for the post")
    book.add("inspection", "06-25 09:00", f"{POND1};{POND2}", two, note="继任查的 / by his successor")
    book.add("inspection", "07-16 10:00", MINE, one, note="已卸任，不计 / no longer in the post")
    book.add("inspection", "07-21 10:00", f"{POND1};{POND2}", two)
    book.add("inspection", "08-01 00:00", MINE, two, note="恰在7月窗口结束，算8月 / at the very end of July's window; it is of August")
    book.add("inspection", "08-18 09:00", POND1, two, id="insp-invented-mistaken", note="误记，后撤销 / entered by mistake, taken back")
    book.add("retraction", "08-20 09:00", id="retr-invented-insp", retracts="insp-invented-mistaken", note="撤销误记 / takes a mistaken entry back")
    book.add("inspection", "08-26 09:00", area="village-invented-2", by=two, note="只写村名，不算到库 / names the village only: no pond is credited")
    book.add("inspection", "09-10 09:30", f"{POND1};{POND2}", two)
    book.add("inspection", "09-24 09:30", MINE, two, recorded_at="10-20 17:00", note="补录 / entered late")
    book.add("inspection", "11-10 09:30", f"{POND1};{POND2}", two, note="此时一村已不归他 / village 1 was no longer his: counts for pond 2 only")
    book.add("inspection", "11-20 09:30", MINE, three)

    # --- pond officers
    o1, o2, o3 = "officer-invented-1", "officer-invented-2", "officer-invented-3"
    for when, by, note in (
        ("02-10", o1, ""),
        ("04-30 23:50", o1, "窗口最后十分钟 / ten minutes before the window ends"),
        ("05-15 00:00", o1, "恰在5月上半窗口结束，算汛期 / at the very end of the dry part; it is of the flood season"),
        ("06-05 08:30", o1, ""),
        ("06-22 08:30", o1, ""),
        ("07-14 08:30", o1, "已卸任，岗位空缺 / no longer in the post, which is empty"),
        ("08-05 08:30", o3, ""),
        ("09-08 08:30", o3, ""),
        ("10-13", o3, ""),
        ("11-24 08:30", o3, ""),
    ):
        book.add("inspection", when, POND1, by, note=note)
    for when in ("02-11", "04-21 09:10", "05-07 09:00", "05-20 09:00", "06-11 09:20", "08-13"):
        book.add("inspection", when, POND2, o2)
    wrong = book.add("inspection", "09-03 09:00", POND1, o2, id="insp-invented-wrong-pond", note="库名写错，后更正 / wrong pond, corrected later")
    book.add("inspection", "09-03 09:00", POND2, o2, recorded_at="09-07 08:40", retracts=wrong, note="更正上一条 / corrects the record it names")
    book.add("inspection", "10-15 09:00", POND2, o2, recorded_at="12-02 16:00", note="补录 / entered late")
    book.add("inspection", "12-16 08:00", POND2, o2, note="已闭库，不在范围 / closed: out of scope")

    # --- village leaders: monthly, with some misses in the invented villages
    missed = {(MINE, 5), (POND2, 8), (MINE, 10), (POND1, 6)}
    for site, by in ((MEIZIGOU, "village-leader-invented-1"), (BAIGUOPING, "village-leader-invented-2"), (MINE, ""), (POND1, ""),
                     (POND2, "village-leader-invented-5")):  # fmt: skip
        for m in range(1, 13):
            rng = Random(f"{SEED}:village:{site}:{m}")
            if (site, m) in missed:
                continue
            low, high = {4: (18, 29), 10: (13, 29), 12: (2, 14)}.get(m, (2, 27))
            on = date(YEAR, m, rng.randint(low, high))
            who = by or ("village-leader-invented-3" if m < 10 else "village-leader-invented-4")
            dated = rng.random() < 0.4
            book.add("inspection", on if dated else datetime.combine(on, time(9, 0)) + timedelta(minutes=rng.randrange(0, 400)), site, who)
            if rng.random() < 0.4 and on.day < 24:
                book.add("inspection", on + timedelta(2), site, who)
    book.add("inspection", "06-01 00:00", MINE, "village-leader-invented-3", note="恰在5月窗口结束，算6月 / at the very end of May's window; it is of June")
    book.add("inspection", "06-12", POND1, "officer-invented-1", note="驻库员的检查，不算村级 / the officer's, not the village's")
    book.add("inspection", "08-12 10:00", area="village-invented-2", by="village-leader-invented-5", note="只写村名，不算到库 / names the village only: no pond is credited")
    book.add("inspection", "10-05 10:00", MINE, "village-leader-invented-3", note="已卸任，岗位空缺 / no longer in the post, which is empty")


# ------------------------------------------------------------------------------------------------- reviews and meetings


def reviews(book: Book) -> None:
    sites = (
        (MEIZIGOU, "zheng-yuntong", "controller-invented-1"),
        (BAIGUOPING, "xue-jianjun", "controller-invented-2"),
        (MINE, "", "controller-invented-3"),
        (POND1, "", "controller-invented-3"),
        (POND2, "principal-invented-3", "controller-invented-4"),
    )
    no_review = {(MINE, 6), (POND1, 9), (POND2, 12)}
    no_meeting = {(MINE, 8), (POND2, 5), (POND2, 7), (POND1, 10), (POND1, 11)}
    for site, by, controller in sites:
        for m in range(1, 13):
            rng = Random(f"{SEED}:reviews:{site}:{m}")
            who = by or ("principal-invented-1" if m < 9 else "principal-invented-2")
            low, high = {4: (18, 29), 9: (16, 29), 12: (3, 14)}.get(m, (3, 26))
            review, meeting = (rng.choice(working(days(date(YEAR, m, low), date(YEAR, m, high)))) for _ in range(2))
            if (site, m) not in no_review:
                book.add("hazard_review", review, site, who, signed="true")
            if (site, m) not in no_meeting:
                # By the principal or the actual controller: either may convene it.
                convener = controller if rng.random() < 0.3 else who
                book.add("safety_meeting", datetime.combine(meeting, time(15, 0)), site, convener, minutes="true")
    book.add("hazard_review", "06-23", MINE, "principal-invented-1", signed="false", note="未签字 / unsigned")
    book.add("hazard_review", "09-22", POND1, "deputy-invented-1", signed="true", note="副职组织 / held by a deputy")
    book.add("hazard_review", "12-20", POND2, "principal-invented-3", signed="true", note="已闭库，不在范围 / closed: out of scope")
    book.add("safety_meeting", "08-24 15:00", MINE, "principal-invented-1", note="没有纪要 / without minutes")
    book.add("safety_meeting", "07-15 15:00", POND2, "deputy-invented-1", minutes="true", note="副职召集，不算 / convened by a deputy, which will not do")
    book.add("safety_meeting", "10-23 15:00", POND1, "controller-invented-3", minutes="true", note="实际控制人召集，可以 / convened by the controller, which will do")
    book.add("safety_meeting", "12-01 00:00", POND1, "principal-invented-2", minutes="true", note="恰在11月窗口结束，算12月 / at the very end of November; it is of December")


# --------------------------------------------------------------------------------------------------------------- hazards


def hazards(book: Book) -> None:
    """About four cases a month. Those at the real mines all run to their end."""
    finders = {
        MEIZIGOU: ("liu-yang", "village-leader-invented-1", "zheng-yuntong"),
        BAIGUOPING: ("liu-yang", "village-leader-invented-2", "xue-jianjun"),
        MINE: ("town-leader-invented-1", "village-leader-invented-3", "principal-invented-1"),
        POND1: ("town-leader-invented-1", "village-leader-invented-3", "principal-invented-1"),
        POND2: ("town-leader-invented-1", "village-leader-invented-5", "principal-invented-3"),
    }

    empty = {0: ("11-09", "11-11"), 1: ("10-01", "10-11"), 2: ("09-11", "09-13")}

    def filled(site: str, place: int, on: date) -> date:
        """The day, or where the post was empty on it the day on which it is filled again."""
        first, last = (day(d) for d in empty[place])
        return last + timedelta(1) if site in (MINE, POND1) and first <= on <= last else on

    def bearer(site: str, place: int, on: date) -> str:
        """Who bears the post on the day, so that a routine record is by the right person."""
        who = finders[site][place]
        if who == "town-leader-invented-1" and on >= day("06-18"):
            return "town-leader-invented-3" if site != POND2 and on >= day("11-12") else "town-leader-invented-2"
        if who == "village-leader-invented-3" and on >= day("10-01"):
            return "village-leader-invented-4"
        if who == "principal-invented-1" and on >= day("09-11"):
            return "principal-invented-2"
        return who

    rng = Random(f"{SEED}:hazards")
    number = 0
    for m in range(1, 13):
        for drawn in sorted(rng.sample(month(m)[:24], 4)):
            number += 1
            case = f"HZ-{YEAR}-{number:03d}"
            site = rng.choice([MEIZIGOU, BAIGUOPING, MINE, MINE, POND1, POND1, POND2])
            found_in = rng.choice(["township", "village", "village", "enterprise"])
            steps = [timedelta(rng.randint(0, 3)), timedelta(rng.randint(3, 12)), timedelta(rng.randint(1, 6))]
            finder = {"township": 0, "village": 1, "enterprise": 2}[found_in]
            on = filled(site, finder, drawn)
            book.add("hazard_found", on, site, bearer(site, finder, on), hazard_id=case, found_in=found_in)
            told = filled(site, 1, on + steps[0])
            if found_in == "village":
                book.add("hazard_reported", told, site, bearer(site, 1, told), hazard_id=case, to="township")
            if m == 12 and site in (MINE, POND1):
                continue  # still open when the year ends
            fixed = filled(site, 2, told + steps[1])
            book.add("hazard_rectified", fixed, site, bearer(site, 2, fixed), hazard_id=case)
            if found_in != "enterprise":
                checked = filled(site, 0, fixed + steps[2])
                book.add("hazard_verified", checked, site, bearer(site, 0, checked), hazard_id=case)

    # Cases written out one by one.
    def found(case: str, when: str, site: str, by: str, found_in: str, note: str) -> None:
        book.add("hazard_found", when, site, by, hazard_id=case, found_in=found_in, note=note)

    found("HZ-INV-OPEN", "04-22 10:30", MINE, "town-leader-invented-1", "township", "一直没有整改 / never put right")
    found("HZ-INV-SILENT", "05-11 09:15", POND1, "village-leader-invented-3", "village", "村里没有上报 / never reported by the village")
    book.add("hazard_reported", "05-13 16:00", POND1, "principal-invented-1", hazard_id="HZ-INV-SILENT", to="township", note="企业报的，不是村里 / by the enterprise, not the village")
    found("HZ-INV-TYPO", "06-02 09:40", POND2, "village-leader-invented-5", "village", "上报时编号写错 / reported under a wrong number")
    book.add("hazard_reported", "06-03 10:00", POND2, "village-leader-invented-5", hazard_id="HZ-INV-TPYO", to="township", note="编号写错 / wrong number")
    book.add("hazard_rectified", "06-12", POND2, "principal-invented-3", hazard_id="HZ-INV-TYPO")
    book.add("hazard_verified", "06-15", POND2, "town-leader-invented-1", hazard_id="HZ-INV-TYPO")
    found("HZ-INV-PROXY", "05-25 14:00", MINE, "town-leader-invented-1", "township", "由村里代为复查 / re-checked by the village instead")
    book.add("hazard_rectified", "06-01", MINE, "controller-invented-3", hazard_id="HZ-INV-PROXY", note="实际控制人整改，可以 / by the controller, which will do")
    book.add("hazard_verified", "06-03", MINE, "village-leader-invented-3", hazard_id="HZ-INV-PROXY", note="不是乡镇领导 / not the township leader")
    found("HZ-INV-EARLY", "07-06 09:00", POND1, "village-leader-invented-3", "village", "复查早于整改 / re-checked before it was put right")
    book.add("hazard_reported", "07-06 11:20", POND1, "village-leader-invented-3", hazard_id="HZ-INV-EARLY", to="township")
    book.add("hazard_verified", "07-10 10:00", POND1, "town-leader-invented-2", hazard_id="HZ-INV-EARLY", note="尚未整改 / not yet put right")
    book.add("hazard_rectified", "07-20 10:00", POND1, "principal-invented-1", hazard_id="HZ-INV-EARLY")


# ------------------------------------------------------------------------------------------------------ storms and danger


def storms(book: Book) -> None:
    def alert(id: str, when: str, colour: str, where: str = TOWN, hazard: str = "rainstorm", note: str = "", objects: str = "") -> None:
        book.add("alert", when, objects, id=id, area=where, hazard=hazard, colour=colour, offset=True, note=note)

    def lifted(id: str, when: str, where: str = TOWN, hazard: str = "rainstorm", note: str = "") -> None:
        book.add("alert_over", when, id=id, area=where, hazard=hazard, offset=True, note=note)

    def arrives(when: str, site: str, by: str, note: str = "", area: str = "", recorded_at: str | None = None) -> None:
        book.add("on_site", when, site, by, note=note, area=area, recorded_at=recorded_at)

    # 21 May: orange, renewed; one officer never came. At night a dam is in danger.
    alert("alert-0521-yellow", "05-21 11:00", "yellow", note="黄色，不到线 / yellow, below the line")
    alert("alert-0521", "05-21 14:00", "orange")
    arrives("05-21 15:05", POND1, "town-leader-invented-1")
    arrives("05-21 15:30", POND1, "officer-invented-1")
    arrives("05-21 16:40", MINE, "county-invented-1")
    alert("alert-0521-renewed", "05-21 17:20", "orange", note="续发，仍是同一场 / renewed: the same storm")
    lifted("lift-0522", "05-22 05:00", note="此前二号库驻库员未到 / by then pond 2's officer had not come")
    book.add("danger", "05-22 02:30", POND1, id="danger-0522", grade="major")
    arrives("05-22 03:20", POND1, "town-leader-invented-1")
    arrives("05-22 04:50", POND1, "county-invented-1")
    book.add("danger_over", "05-22 18:00", POND1, id="safe-0522")

    # 29 June to 1 July: upgraded to red; open at the end of June.
    alert("alert-0629", "06-29 21:00", "orange")
    arrives("06-29 21:40", POND1, "officer-invented-1")
    arrives("06-29 22:10", POND2, "town-leader-invented-2")
    alert("alert-0630-red", "06-30 03:10", "red", note="升级，仍是同一场 / upgraded: the same storm")
    arrives("06-30 04:25", POND2, "officer-invented-2")
    book.add("danger", "06-30 20:15", POND2, id="danger-0630", grade="major")
    arrives("06-30 20:50", POND2, "town-leader-invented-2")
    arrives("07-01 08:00", POND2, "county-invented-1", "上半年末尚未到，次日到 / not there yet when June ended")
    lifted("lift-0701", "07-01 09:00")
    book.add("danger_over", "07-01 16:00", POND2, id="safe-0701")

    # 12 July: the whole county; yellow, orange, renewed, red, orange again. Pond 1 has no officer.
    alert("alert-0712-yellow", "07-12 10:00", "yellow", "xixia", note="黄色，不到线 / yellow, below the line")
    alert("alert-0712", "07-12 13:00", "orange", "xixia")
    arrives("07-12 14:20", f"{MEIZIGOU};{BAIGUOPING}", "liu-yang")
    arrives("07-12 15:05", MEIZIGOU, "zheng-shuangcheng")
    arrives("07-12 14:10", MINE, "town-leader-invented-2")
    alert("alert-0712-renewed", "07-12 16:00", "orange", "xixia", note="续发 / renewed")
    alert("alert-0712-red", "07-12 19:00", "red", "xixia", note="升级 / upgraded")
    arrives("07-12 19:50", POND2, "officer-invented-2")
    arrives("07-12 20:30", "", "county-invented-1", "只写虚构二村 / names the village only", area="village-invented-2")
    alert("alert-0712-down", "07-12 23:00", "orange", "xixia", note="降级，仍是同一场 / downgraded: the same storm")
    book.add("danger", "07-13 01:20", POND2, id="danger-0713", grade="ordinary", note="一般险情，不到线 / ordinary, below the line")
    lifted("lift-0713", "07-13 07:00", "xixia")

    # 4 August: one pond only; the arrival has a date but no hour, and may have been before the alert.
    alert("alert-0804", "08-04 10:00", "red", "", "typhoon", objects=POND2)
    arrives("08-04", POND2, "officer-invented-2", "只有日期，可能早于预警 / only a date: it may have been before the alert")
    arrives("08-04 11:10", POND2, "town-leader-invented-2")
    arrives("08-04 12:00", POND2, "county-invented-1")
    lifted("lift-0804", "08-04 22:00", hazard="typhoon")

    # 19 August: lifted within the hour, before anybody could come.
    alert("alert-0819", "08-19 16:05", "orange", hazard="thunder_gale")
    lifted("lift-0819", "08-19 16:50", hazard="thunder_gale", note="四十五分钟后解除，无人到场 / lifted after 45 minutes; nobody had come")

    # 3 September: the county leader goes to the wrong pond.
    book.add("danger", "09-03 22:10", POND2, id="danger-0903", grade="major")
    arrives("09-03 22:55", POND2, "town-leader-invented-2")
    arrives("09-03 23:30", POND1, "county-invented-2", "去了另一座库 / went to the other pond")
    book.add("danger_over", "09-04 15:00", POND2, id="safe-0904")

    # 28 September: the lifting was never recorded; who did not come stays open.
    alert("alert-0928", "09-28 06:00", "orange", note="没有解除记录 / its lifting was never recorded")
    arrives("09-28 07:15", MINE, "town-leader-invented-2")
    arrives("09-28 06:40", POND1, "officer-invented-3")
    arrives("09-28 09:30", POND2, "officer-invented-2", recorded_at="11-05 09:00", note="补录 / entered late")
    arrives("09-28 08:00", MINE, "county-invented-1", "已卸任，不计 / no longer in the post")

    # 10 December: major danger in the invented mine; nobody is recorded. Snow is not among the hazards read as extreme.
    book.add("danger", "12-10 17:30", MINE, id="danger-1210", grade="major", note="无人到场的记录 / no arrival is recorded")
    alert("alert-1213-snow", "12-13 08:00", "red", hazard="snowstorm", note="暴雪，不在理解之内 / a snowstorm, not among the hazards of the reading")
    lifted("lift-1213-snow", "12-13 20:00", hazard="snowstorm")


# ------------------------------------------------------------------------------------------------------ posts and tables


def posts(book: Book) -> None:
    book.add("table_updated", "04-16", area="xixia", by="county-office", announced="true", id="table-first")
    book.add("table_updated", "07-20", area="xixia", by="county-office", announced="false", id="table-second", note="没有公告 / not announced")
    book.add("table_updated", "12-30", area="xixia", by="town-leader-invented-3", announced="true", id="table-by-town", note="镇里自行公告，不是县安防办 / by the township, not by the county office")
    book.add("table_updated", "2027-01-04", area="xixia", by="county-office", announced="true", id="table-third", note="下一个半年 / in the next half-year")

    def changed(case: str, when: str, objects: str, note: str) -> None:
        book.add("post_changed", when, objects, id=f"chg-{case}", change_id=case, note=note)

    def reported(case: str, when: str, objects: str, by: str, note: str = "") -> None:
        book.add("post_change_reported", when, objects, by, id=f"chgr-{case}", change_id=case, note=note)

    everything, village_1 = f"{MINE};{POND1};{POND2}", f"{MINE};{POND1}"
    changed("CH-0618", "06-18", everything, "乡镇领导换人 / a new township leader")
    reported("CH-0618", "06-19", everything, "town-leader-invented-2")
    changed("CH-0711", "07-11", POND1, "驻库员离任，岗位空缺 / the officer leaves, the post is empty")
    reported("CH-0711", "08-05", POND1, "officer-invented-3", "二十五天后才报 / only after 25 days")
    changed("CH-0816", "08-16", everything, "县领导换人 / a new county leader")
    reported("CH-0816", "08-24", f"{MINE};{POND2}", "county-invented-2", "漏写一号库 / pond 1 left out")
    changed("CH-0914", "09-14", village_1, "主要负责人换人，没有报备 / a new principal, never reported")
    changed("CH-1012", "10-12", village_1, "村级责任人换人 / a new village leader")
    reported("CH-1012", "10-14", village_1, "village-leader-invented-3", "由已卸任的人报 / reported by one who no longer bore it")
    changed("CH-1112", "11-12", village_1, "乡镇领导分工调整 / the township's sites are divided anew")
    reported("CH-1112", "11-13", village_1, "county-office")


# --------------------------------------------------------------------------------------------------------------- waivers

WAIVERS = """\
# 虚构的豁免，只供演示；由 make_history.py 写出。
# Invented waivers, for demonstration only; written by make_history.py.
# 豁免须有止日。窗口的最后一天落在其中，才免除该窗口；suspends 则把这段时间从窗口里扣除。
# A waiver has an end. It excuses a window whose last day lies in it; with `suspends` its time is taken out instead.
waivers:
  - id: waiver-invented-1
    duties: principal.major_issues_meeting
    object: pond-invented-2
    from: 2026-05-20
    through: 2026-06-05
    because: {zh: 虚构：两月合并开会, en: "Invented: two months' meetings held as one"}
    approved_by: 虚构·县安防办

  - id: waiver-invented-2
    duties: pond_officer.patrol
    object: pond-invented-2
    from: 2026-07-06
    through: 2026-07-31
    because: {zh: 虚构：驻库员住院，已另派人员, en: "Invented: the officer in hospital, others sent"}
    approved_by: 虚构·虚构镇政府

  - id: waiver-invented-3
    duties: controller.presence
    object: pond-invented-2
    from: 2026-07-01
    through: 2026-08-31
    because: {zh: 虚构：尾矿库停产, en: "Invented: the pond is suspended"}
    approved_by: 虚构·县安防办

  - id: waiver-invented-4
    duties: principal.underground
    object: mine-invented-1
    from: 2026-08-10
    through: 2026-08-16
    because: {zh: 虚构：井筒检修，无人下井, en: "Invented: the shaft under repair, nobody underground"}
    approved_by: 虚构·县安防办
    suspends: true

  # 只碰到5月窗口，没有盖住最后一天：不免除 / it merely touches May's window and does not hold its last day: excuses nothing
  - id: waiver-invented-5
    duties: village.check
    object: mine-invented-1
    from: 2026-05-10
    through: 2026-05-20
    because: {zh: 虚构：道路中断, en: "Invented: the road was cut"}
    approved_by: 虚构·虚构镇政府
"""


def history() -> str:
    """The history as CSV."""
    book = Book()
    for part in (shifts, presence, inspections, reviews, hazards, storms, posts):
        part(book)
    return book.csv()


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` compare them."""
    if arguments not in ([], ["--check"]):
        print("usage: make_history.py [--check]", file=sys.stderr)
        return 2
    status = 0
    for name, text in (("history.csv", history()), ("waivers.yaml", WAIVERS)):
        target = HERE / name
        if arguments:
            if not target.exists() or target.read_bytes() != text.encode("utf-8"):
                print(f"{name} differs from what make_history.py writes", file=sys.stderr)
                status = 1
        else:
            with open(target, "w", encoding="utf-8", newline="\n") as out:
                out.write(text)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
