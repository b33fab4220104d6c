"""Tags sorted into slots, and each slot's text parsed."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from assay.protocol.terms import grammar
from assay.protocol.terms.diagnostics import quoted
from assay.protocol.terms.model import MAX_WINDOWS, Grant, WindowKey
from assay.protocol.terms.names import (
    Slot,
    Suspect,
    Tag,
    recognise,
    slot_name,
    tag_of,
)
from assay.protocol.terms.neighbours import NEIGHBOURS
from assay.protocol.terms.sheet import Sheet
from assay.protocol.terms.vocabulary import PaymentMode, Right

MAX_TAGS: Final = 256


class Written(NamedTuple):
    name: str
    value: str


class Filled(NamedTuple):
    """The parsed value of every slot that can be read, and tags beside the UDL."""

    parsed: Mapping[Slot, object]
    beside: Sequence[Written]


def fill_slots(tags: Mapping[str, str], sheet: Sheet) -> Filled:
    """What the tags fill; what cannot be read goes on ``sheet``."""
    slots, beside = _sort_into_slots(tags, sheet)
    parsed: dict[Slot, object] = {}
    for slot, written in slots.items():
        value = _parse_slot(slot, written, sheet)
        if value is not None:
            parsed[slot] = value.found
    return Filled(parsed, beside)


def _sort_into_slots(
    tags: Mapping[str, str], sheet: Sheet
) -> tuple[dict[Slot, list[Written]], list[Written]]:
    slots: defaultdict[Slot, list[Written]] = defaultdict(list)
    beside: list[Written] = []
    for name, value in list(tags.items())[:MAX_TAGS]:
        if name.lower() in NEIGHBOURS:
            beside.append(Written(name, value))
        else:
            _sort_one(Written(name, value), slots, sheet)
    if len(tags) > MAX_TAGS:
        sentence = f"There are more than {MAX_TAGS} tags, so none of them counts."
        sheet.error(Tag.LICENSE, "too_many_tags", "", sentence)
    if sum(isinstance(slot, WindowKey) for slot in slots) > MAX_WINDOWS:
        sentence = f"There are more than {MAX_WINDOWS} time windows."
        sheet.error(Tag.LICENSE, "too_many_windows", "", sentence)
        return {s: w for s, w in slots.items() if not isinstance(s, WindowKey)}, beside
    return slots, beside


def _sort_one(written: Written, slots: dict[Slot, list[Written]], sheet: Sheet) -> None:
    slot = recognise(written.name)
    if slot is None:
        sentence = f"{quoted(written.name)} is no licence tag; it has no effect."
        sheet.note("not_a_licence_tag", written.name, sentence)
    elif isinstance(slot, Suspect):
        sentence = _misspelt(written.name, slot.tag)
        sheet.error(slot.tag, "misspelt", written.name, sentence)
    else:
        slots[slot].append(written)


def _misspelt(name: str, tag: Tag) -> str:
    return (
        f"{quoted(name)} is not a licence tag but close to '{tag}'; nothing is "
        "granted on its account."
    )


class Found(NamedTuple):
    """A parsed value, which may itself be None (the Studio dialect's ``None``)."""

    found: object


def _parse_slot(slot: Slot, written: list[Written], sheet: Sheet) -> Found | None:
    tag = tag_of(slot)
    if len({name.lower() for name, _ in written}) < len(written):
        sentence = f"'{slot_name(slot)}' is there twice, in different case."
        sheet.error(tag, "duplicate", written[0].name, sentence)
        return None
    values = [_parse(slot, one, sheet) for one in written]
    readable = [value for value in values if value is not None]
    if len(readable) < len(values):
        return None
    if any(value != readable[0] for value in readable):
        sentence = f"'{slot_name(slot)}' is there in two spellings that disagree."
        sheet.error(tag, "conflict", written[0].name, sentence)
        return None
    if len(written) > 1:
        sentence = f"'{slot_name(slot)}' is there in two spellings that agree."
        sheet.warn("two_spellings", written[1].name, sentence)
    return readable[0]


def _parse(slot: Slot, written: Written, sheet: Sheet) -> Found | None:
    try:
        found = _parse_value(slot, written.value)
    except grammar.UnreadableError as trouble:
        sentence = f"{slot_name(slot)}: {trouble.sentence}"
        if trouble.code == "window_as_value":
            # Several libraries' comments show this form, so it is no error; but
            # which grant it means is a guess, and a guess grants nothing.
            sheet.warn(trouble.code, written.name, sentence)
            sheet.faults.add(tag_of(slot))
        else:
            sheet.error(tag_of(slot), trouble.code, written.name, sentence)
        return None
    _note_dialect(slot, written, found, sheet)
    return Found(found)


_PARSERS: Final[Mapping[Tag, Callable[[str], object]]] = {
    Tag.LICENSE: grammar.parse_licence,
    Tag.ACCESS: grammar.parse_access,
    Tag.ACCESS_FEE: grammar.parse_fee,
    Tag.LICENSE_FEE: grammar.parse_fee,
    Tag.UNKNOWN_RIGHTS: grammar.parse_unknown_rights,
    Tag.EXPIRY: grammar.parse_years,
    Tag.CURRENCY: grammar.parse_currency,
    Tag.PAYMENT_ADDRESS: grammar.parse_address,
    Tag.PAYMENT_MODE: grammar.parse_mode,
}


def _parse_value(slot: Slot, text: str) -> object:
    if isinstance(slot, WindowKey):
        return grammar.parse_grant(text, slot.right)
    if slot in _PARSERS:
        return _PARSERS[slot](text)
    return grammar.parse_grant(text, Right(slot.value))


def _note_dialect(slot: Slot, written: Written, found: object, sheet: Sheet) -> None:
    canonical = _canonical(slot, found)
    if canonical is None or written.value == canonical:
        return
    sentence = f"{quoted(written.value)} is read as '{canonical}'."
    understood = f"{slot_name(slot)} = {canonical}"
    sheet.note("dialect", written.name, f"{slot_name(slot)}: {sentence}", understood)


def _canonical(slot: Slot, found: object) -> str | None:
    """The one spelling of what was found, where there are several."""
    if isinstance(found, Grant):
        return grammar.grant_text(found)
    if slot is Tag.ACCESS:
        return "Restricted" if found else "Public"
    if isinstance(found, PaymentMode):
        return grammar.mode_text(found)
    return None
