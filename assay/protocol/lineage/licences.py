"""Facts about licences that models outside the platform carry, by their usual ids.

The table knows what each lets somebody do who builds on the work. A licence that is
not in it grants nothing here: doubt never grants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from assay.protocol.terms import Duty

USE_LIMITS: Final = "use-limits"
NOTICE: Final = "keep-notice"


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """What one licence lets a derived model do.

    Attributes:
        duties: what whoever uses the derived model owes besides money.
        same_licence: a derived model must stay under this very licence.
    """

    licence: str
    derivation: bool = True
    commercial: bool = True
    training: bool = True
    duties: tuple[str, ...] = ()
    same_licence: bool = False


_CREDIT = (Duty.CREDIT.value,)
_NOTICE = (NOTICE,)
_LIMITS = (NOTICE, USE_LIMITS)


def _all(names: str, **facts: bool | tuple[str, ...]) -> list[LicenceFacts]:
    return [
        LicenceFacts(name, **facts)  # type: ignore[arg-type]
        for name in names.split()
    ]


_TABLE: Final = [
    *_all("CC0-1.0 Unlicense 0BSD MIT-0 CDLA-Permissive-2.0"),
    *_all("MIT ISC BSD-2-Clause BSD-3-Clause Apache-2.0 Zlib", duties=_NOTICE),
    *_all("AFL-3.0 ECL-2.0 MS-PL NCSA PostgreSQL BSL-1.0 Artistic-2.0", duties=_NOTICE),
    *_all("CC-BY-2.0 CC-BY-3.0 CC-BY-4.0 ODC-By-1.0", duties=_CREDIT),
    *_all("GPL-2.0 GPL-3.0 AGPL-3.0 LGPL-3.0 EUPL-1.2 OSL-3.0", same_licence=True),
    *_all("CC-BY-SA-3.0 CC-BY-SA-4.0 ODbL-1.0", duties=_CREDIT, same_licence=True),
    *_all("CC-BY-NC-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0", duties=_CREDIT, commercial=False),
    *_all(
        "CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0",
        duties=_CREDIT,
        commercial=False,
        same_licence=True,
    ),
    *_all("CC-BY-ND-4.0 CC-BY-NC-ND-4.0", derivation=False, commercial=False),
    *_all("openrail OpenRAIL-M creativeml-openrail-m openrail++", duties=_LIMITS),
    *_all("bigscience-openrail-m bigscience-bloom-rail-1.0", duties=_LIMITS),
    *_all("bigcode-openrail-m", duties=_LIMITS),
    *_all("llama2 llama3 llama3.1 llama3.2 llama3.3 gemma", duties=_LIMITS),
]
LICENCES: Final[Mapping[str, LicenceFacts]] = MappingProxyType(
    {facts.licence.lower(): facts for facts in _TABLE}
)


def licence_facts(licence: str) -> LicenceFacts:
    """What is known of ``licence``, in any case; ``-only`` and ``-or-later`` too."""
    name = licence.lower().removesuffix("-only").removesuffix("-or-later")
    known = LICENCES.get(name)
    if known is not None:
        return known
    return LicenceFacts(licence, derivation=False, commercial=False, training=False)
