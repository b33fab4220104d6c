"""What a prize rule would pay for a history of scores, read from CSV.

Columns: ``time`` (ISO 8601, UTC where no zone is named), ``entrant``, ``score``;
optionally ``private_score``, ``low`` and ``high``. One row is one entry.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from assay.protocol import prizes
from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.prizes import Awards, Contest, Options, PublicScore
from assay.protocol.ranking import Entry, Placing, rank

NEEDED = ("time", "entrant", "score")
OPTIONAL = ("private_score", "low", "high")
MAX_ROWS = 10_000
MAX_BYTES = 2**20
MAX_NAME = 60
MOST = 10**6
A_DAY = timedelta(days=1)

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """One entry of a history: its public score, and the private one if it has any."""

    entrant: str
    public: PublicScore
    private: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the outcome; ``rank`` is its place on the private board, if any."""

    rank: int | None
    entry: str
    entrant: str
    score: float
    private_score: float | None
    amount: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule pays, best first: entries on the board, then the others."""

    rule: str
    options: Options
    lines: Sequence[Line]
    returned: int


def read_history(text: str) -> list[Tried]:
    """Read the rows, in the order of their times.

    Raises:
        TooLarge: ``history_too_large``.
        Invalid: ``history_columns`` or ``history_empty``, or ``history_cell`` with
            the row and the column that cannot be read.
    """
    if len(text.encode()) > MAX_BYTES:
        raise TooLarge("history_too_large", f"A history has at most {MAX_BYTES} bytes.")
    rows = list(_rows(text))
    if not rows:
        raise Invalid("history_empty", "The history has no row below its heading.")
    read = [(_time(row, number), number, row) for number, row in rows]
    seen: Counter[str] = Counter()
    found = []
    for at, number, row in sorted(read, key=lambda one: one[:2]):
        entrant = _entrant(row, number)
        seen[entrant] += 1
        found.append(_tried(f"{entrant}/{seen[entrant]}", entrant, at, number, row))
    return found


def contest_of(history: Sequence[Tried], terms: Contest) -> Contest:
    """The contest of a history on the terms given: purse, baseline, margin, period.

    Where the terms name no opening it is the first row's time; where they name no
    deadline it is a day after the last row.
    """
    times = [one.public.at for one in history]
    return replace(
        terms,
        entrants={one.public.key: one.entrant for one in history},
        timeline=[one.public for one in history],
        opened_at=terms.opened_at or min(times),
        closed_at=terms.closed_at or max(times) + A_DAY,
    )


def simulate(
    rule: str, options: Options, history: Sequence[Tried], terms: Contest
) -> Outcome:
    """Choose the finalists, give them their private scores, and award.

    Raises:
        Invalid: ``history_late`` for an entry outside the period, and what ``award``
            refuses.
    """
    held = contest_of(history, terms)
    _check_period(held)
    chosen = set(prizes.finalists(rule, options, held))
    held = replace(held, placings=_placings(history, chosen))
    awards = prizes.award(rule, options, held)
    lines = _lines(history, prizes.board(rule, held), awards)
    return Outcome(rule, options, lines, awards.returned)


def default_options(rule: str) -> Options:
    """No options where the rule can do without, else its example.

    Raises:
        Invalid: ``prize_rule_unknown``.
    """
    found = prizes.find(rule)
    try:
        found.check_options({})
    except Invalid:
        return found.example
    return {}


def read_time(text: str, *, where: str) -> datetime:
    """A moment in ISO 8601; UTC where it names no zone.

    Raises:
        Invalid: ``history_cell``.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise _bad(where, f"{_shown(text)} is no time in ISO 8601") from error
    if not 1970 <= found.year < 3000:
        raise _bad(where, f"{_shown(text)} is not in our time")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read_number(text: str) -> float | None:
    """A decimal number within a million of zero; None for anything else."""
    if not _DECIMAL.fullmatch(text) or len(text) > MAX_NAME:
        return None
    value = float(text)
    return value if -MOST <= value <= MOST else None


def _rows(text: str) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers, as an editor counts lines; the heading is row 1."""
    reader = csv.DictReader(
        io.StringIO(text.lstrip("\ufeff"), newline=""),
        skipinitialspace=True,
        strict=True,
    )
    try:
        _check_columns(reader.fieldnames or ())
        for count, row in enumerate(reader):
            if count == MAX_ROWS:
                raise TooLarge(
                    "history_too_large", f"A history has at most {MAX_ROWS} rows."
                )
            _check_cells(row, reader.line_num)
            yield reader.line_num, row
    except csv.Error as error:
        # the reader counts a line once it is whole
        raise _bad(f"row {reader.line_num + 1}", f"it is not CSV ({error})") from error


def _check_columns(names: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in NEEDED + OPTIONAL]
    if not missing and not unknown and len(set(names)) == len(names):
        return
    fault = f"lacks the column {missing[0]!r}" if missing else "has a column too many"
    if unknown and not missing:
        fault = f"has an unknown column {_shown(unknown[0])}"
    raise Invalid(
        "history_columns",
        f"The history {fault}.",
        fix=f"Its first line is {','.join(NEEDED)}, and if you like "
        f"{', '.join(OPTIONAL)}.",
        where="row 1",
    )


def _check_cells(row: Mapping[str | None, object], number: int) -> None:
    # DictReader files cells without a heading under None, and lacking ones as None
    if None in row or None in row.values():
        raise _bad(f"row {number}", "it has not as many cells as the heading")


def _time(row: Row, number: int) -> datetime:
    return read_time(row["time"], where=f"row {number}, column time")


def _entrant(row: Row, number: int) -> str:
    name = row["entrant"].strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise _bad(
            f"row {number}, column entrant",
            f"{_shown(name)} is no name of 1 to {MAX_NAME} characters",
        )
    return name


def _tried(key: str, entrant: str, at: datetime, number: int, row: Row) -> Tried:
    score = _number(row, "score", number)
    if score is None:
        raise _bad(f"row {number}, column score", "it is empty")
    low, high = (_number(row, name, number) for name in ("low", "high"))
    low, high = score if low is None else low, score if high is None else high
    for name, is_wrong in (("low", low > score), ("high", high < score)):
        if is_wrong:
            raise _bad(f"row {number}, column {name}", "the score is not within it")
    private = _number(row, "private_score", number) if "private_score" in row else score
    return Tried(entrant, PublicScore(key, score, low, high, at, at), private)


def _number(row: Row, name: str, number: int) -> float | None:
    """The cell's number; None where it is empty or there is no such column."""
    text = row.get(name, "").strip()
    if not text:
        return None
    value = read_number(text)
    if value is None:
        raise _bad(f"row {number}, column {name}", f"{_shown(text)} is no score")
    return value


def _bad(where: str, fault: str) -> Invalid:
    sentence = f"{where[:1].upper()}{where[1:]}: {fault}."
    return Invalid("history_cell", sentence, where=where)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def _check_period(held: Contest) -> None:
    assert held.opened_at is not None
    assert held.closed_at is not None
    for one in held.timeline:
        if not held.opened_at <= one.at < held.closed_at:
            raise Invalid(
                "history_late",
                f"{one.key} came at {one.at.isoformat()}, not between the opening and "
                "the deadline.",
                fix="Name an opening and a deadline around all rows.",
                where=one.key,
            )


def _placings(history: Sequence[Tried], chosen: set[str]) -> list[Placing]:
    return rank(
        Entry(one.public.key, one.private, one.public.submitted_at)
        for one in history
        if one.public.key in chosen and one.private is not None
    )


def _lines(
    history: Sequence[Tried], board: Sequence[Placing], awards: Awards
) -> Sequence[Line]:
    ranks = {placing.entry.key: placing.rank for placing in board}
    order = {key: place for place, key in enumerate(ranks)}
    lines = [
        Line(
            rank=ranks.get(one.public.key),
            entry=one.public.key,
            entrant=one.entrant,
            score=one.public.score,
            private_score=one.private if one.public.key in ranks else None,
            amount=awards.amounts.get(one.public.key, 0),
        )
        for one in history
    ]
    return sorted(lines, key=lambda line: order.get(line.entry, len(order)))
