"""Where a reader keeps its remarks, and the tags it could not read."""

from dataclasses import dataclass, field

from assay.protocol.terms.diagnostics import Diagnostic, Severity
from assay.protocol.terms.names import Tag


@dataclass(slots=True)
class Sheet:
    """Remarks so far, and the tags whose rights must be closed."""

    remarks: list[Diagnostic] = field(default_factory=list)
    faults: set[Tag] = field(default_factory=set)

    def error(self, tag: Tag | None, code: str, name: str, sentence: str) -> None:
        """Record an error, and close ``tag`` when there is one to close."""
        self.remarks.append(Diagnostic(Severity.ERROR, code, name, sentence))
        if tag is not None:
            self.faults.add(tag)

    def warn(self, code: str, name: str, sentence: str, understood: str = "") -> None:
        """Record a warning."""
        remark = Diagnostic(Severity.WARNING, code, name, sentence, understood)
        self.remarks.append(remark)

    def note(self, code: str, name: str, sentence: str, understood: str = "") -> None:
        """Record a note."""
        remark = Diagnostic(Severity.NOTE, code, name, sentence, understood)
        self.remarks.append(remark)
