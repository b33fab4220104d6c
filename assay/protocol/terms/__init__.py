"""Licence terms: read from and written to Universal Data License tags, and decided."""

from assay.protocol.terms.deciding import Decision, Duty, anniversary, decide
from assay.protocol.terms.diagnostics import Diagnostic, Severity
from assay.protocol.terms.explaining import explain
from assay.protocol.terms.model import (
    ALLOWED,
    DENIED,
    NONCOMMERCIAL,
    V01,
    V02,
    V02_ARDRIVE,
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
from assay.protocol.terms.vocabulary import (
    Condition,
    PaymentMode,
    Period,
    Right,
    Side,
    Use,
)
from assay.protocol.terms.writing import write_tags

__all__ = [
    "ALLOWED",
    "DENIED",
    "NONCOMMERCIAL",
    "PRESETS",
    "V01",
    "V02",
    "V02_ARDRIVE",
    "WITH_CREDIT",
    "WITH_INDICATION",
    "WITH_PASSTHROUGH",
    "Condition",
    "Decision",
    "Diagnostic",
    "Duty",
    "Fee",
    "Grant",
    "PaymentMode",
    "Period",
    "Preset",
    "Reading",
    "Right",
    "Severity",
    "Side",
    "Terms",
    "Use",
    "Window",
    "WindowKey",
    "anniversary",
    "decide",
    "explain",
    "for_fee",
    "for_share",
    "read_tags",
    "write_tags",
]
