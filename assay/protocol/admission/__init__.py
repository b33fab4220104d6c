"""Rules for uploaded model files: bytes in, findings out, nothing ever loaded."""

from assay.protocol.admission.architectures import ARCHITECTURES, Architecture
from assay.protocol.admission.findings import BytesRange, Finding, ReadRange
from assay.protocol.admission.inspecting import inspect_files
from assay.protocol.admission.names import Role, role_of
from assay.protocol.admission.rules import AdmissionRules, Kind

__all__ = [
    "ARCHITECTURES",
    "AdmissionRules",
    "Architecture",
    "BytesRange",
    "Finding",
    "Kind",
    "ReadRange",
    "Role",
    "inspect_files",
    "role_of",
]
