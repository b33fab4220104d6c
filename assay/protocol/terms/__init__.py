"""Licence terms: read from and written to Universal Data License tags, and decided."""

from assay.protocol.terms.building import Choices, build
from assay.protocol.terms.days import anniversary, end_of
from assay.protocol.terms.deciding import decide
from assay.protocol.terms.decision import Decision, Duty, Price, Verdict
from assay.protocol.terms.diagnostics import Diagnostic, Severity
from assay.protocol.terms.explaining import explain
from assay.protocol.terms.grammar import number_text
from assay.protocol.terms.model import (
    ALLOWED,
    DENIED,
    NONCOMMERCIAL,
    V01,
    V02,
    V02_ARDRIVE,
    VERSIONS,
    WITH_CREDIT,
    WITH_INDICATION,
    WITH_PASSTHROUGH,
    Fee,
    Grant,
    Terms,
    Window,
    WindowKey,
    for_fee,
    for_share,
)
from assay.protocol.terms.presets import PRESETS, Preset
from assay.protocol.terms.reading import Reading, read_tags
from assay.protocol.terms.restating import restate, write_first_version
from assay.protocol.terms.sentences import Language, say
from assay.protocol.terms.tagtext import parse_tags, write_toml
from assay.protocol.terms.vocabulary import (
    NAMED_USES,
    Condition,
    Party,
    PaymentMode,
    Period,
    Right,
    Side,
    Use,
)
from assay.protocol.terms.wording import DEFAULT_CURRENCY, price_words
from assay.protocol.terms.writing import write_tags

__all__ = [
    "ALLOWED",
    "DEFAULT_CURRENCY",
    "DENIED",
    "NAMED_USES",
    "NONCOMMERCIAL",
    "PRESETS",
    "V01",
    "V02",
    "V02_ARDRIVE",
    "VERSIONS",
    "WITH_CREDIT",
    "WITH_INDICATION",
    "WITH_PASSTHROUGH",
    "Choices",
    "Condition",
    "Decision",
    "Diagnostic",
    "Duty",
    "Fee",
    "Grant",
    "Language",
    "Party",
    "PaymentMode",
    "Period",
    "Preset",
    "Price",
    "Reading",
    "Right",
    "Severity",
    "Side",
    "Terms",
    "Use",
    "Verdict",
    "Window",
    "WindowKey",
    "anniversary",
    "build",
    "decide",
    "end_of",
    "explain",
    "for_fee",
    "for_share",
    "number_text",
    "parse_tags",
    "price_words",
    "read_tags",
    "restate",
    "say",
    "write_first_version",
    "write_tags",
    "write_toml",
]
