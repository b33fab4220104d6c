"""The architectures that are admitted, and what each one's ``config.json`` may say.

To admit another one: write its table of fields in ``decoders`` or ``encoders``, a
lower bound of its parameters, and its entry there. Let every field be checked by the
tightest check that real models pass, and leave out what only changes how code is
found (``auto_map``, attention kernels) or how weights are packed (quantisation).
Bounds stand well above any open model of the size that is scored here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from assay.protocol.admission.decoders import DECODERS
from assay.protocol.admission.encoders import ENCODERS
from assay.protocol.admission.fields import MAX_LABELS, Architecture, Sizes
from assay.protocol.admission.strict_json import JsonObject

__all__ = ["ARCHITECTURES", "MAX_LABELS", "Architecture", "Sizes", "sizes_of"]

ARCHITECTURES: Final[Mapping[str, Architecture]] = MappingProxyType(
    {architecture.name: architecture for architecture in (*ENCODERS, *DECODERS)}
)


def sizes_of(config: JsonObject) -> Sizes:
    """The whole numbers of a config whose fields are already checked."""
    return {
        key: value
        for key, value in config.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
