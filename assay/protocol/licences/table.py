"""The licences that are known here, by the id that people write.

Sources: the SPDX licence list for its ids; for the others the text itself, whose
address stands beside it. The ids of the Hub are those that its card check lists.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from assay.protocol.licences.facts import Demand, Facts, unknown_licence

_CREDIT: Final = frozenset({Demand.CREDIT})
_MARKED: Final = frozenset({Demand.INDICATE_CHANGES})
_CREDIT_MARKED: Final = _CREDIT | _MARKED
_COPYLEFT: Final = _CREDIT_MARKED | {Demand.SAME_LICENCE}
_SOURCE: Final = _COPYLEFT | {Demand.SOURCE}
_RAIL: Final = _CREDIT_MARKED | {Demand.FLOW_DOWN}
_LLAMA: Final = _RAIL | {Demand.NAMING}

# Everything is given away, so training is as well.
_WAIVED = ("CC0-1.0", "0BSD", "MIT-0", "Unlicense", "WTFPL", "PDDL-1.0")
_BY_DEMANDS: Final[Mapping[frozenset[Demand], tuple[str, ...]]] = MappingProxyType(
    {
        _CREDIT: (
            "MIT",
            "ISC",
            "X11",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "BSD-3-Clause-Clear",
            "BSL-1.0",
            "NCSA",
            "PostgreSQL",
            "MS-PL",
            "ODC-By-1.0",
            "CDLA-Permissive-1.0",
            "CDLA-Permissive-2.0",
            "etalab-2.0",
        ),
        _MARKED: ("Zlib",),
        _CREDIT_MARKED: (
            "Apache-2.0",
            "ECL-2.0",
            "AFL-3.0",
            "Artistic-2.0",
            "CC-BY-2.0",
            "CC-BY-2.5",
            "CC-BY-3.0",
            "CC-BY-4.0",
        ),
        _COPYLEFT: ("CC-BY-SA-3.0", "CC-BY-SA-4.0", "ODbL-1.0", "CDLA-Sharing-1.0"),
        _SOURCE: (
            "GPL-2.0-only",
            "GPL-2.0-or-later",
            "GPL-3.0-only",
            "GPL-3.0-or-later",
            "LGPL-2.1-only",
            "LGPL-2.1-or-later",
            "LGPL-3.0-only",
            "LGPL-3.0-or-later",
            "AGPL-3.0-only",
            "AGPL-3.0-or-later",
            "MPL-2.0",
            "EPL-1.0",
            "EPL-2.0",
            "EUPL-1.1",
            "EUPL-1.2",
            "OSL-3.0",
        ),
    }
)
_NONCOMMERCIAL: Final = ("CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0")
_NONCOMMERCIAL_ALIKE: Final = ("CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0")
_NO_DERIVATIVES: Final = ("CC-BY-ND-4.0",)
_NEITHER: Final = ("CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0")

_RAIL_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "openrail": "https://www.licenses.ai/",
        "bigscience-openrail-m": ("https://huggingface.co/spaces/bigscience/license"),
        "creativeml-openrail-m": (
            "https://huggingface.co/spaces/CompVis/stable-diffusion-license"
        ),
        "bigscience-bloom-rail-1.0": (
            "https://huggingface.co/spaces/bigscience/license"
        ),
        "bigcode-openrail-m": (
            "https://huggingface.co/spaces/bigcode/bigcode-model-license-agreement"
        ),
        "openrail++": (
            "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/"
            "LICENSE.md"
        ),
    }
)
# (id, text, whether other models may be trained with what the model writes)
_LLAMA_TEXTS: Final = (
    ("llama2", "https://ai.meta.com/llama/license/", False),
    ("llama3", "https://llama.meta.com/llama3/license/", False),
    ("llama3.1", "https://www.llama.com/llama3_1/license/", None),
    ("llama3.2", "https://www.llama.com/llama3_2/license/", None),
    ("llama3.3", "https://www.llama.com/llama3_3/license/", None),
    ("llama4", "https://www.llama.com/llama4/license/", None),
)
_LLAMA_USERS: Final = 700_000_000

# Ids of the Hub of which no more is known here than that they exist.
_UNREAD: Final = (
    "bsd",
    "c-uda",
    "cc",
    "gfdl",
    "lppl-1.3c",
    "lgpl-lr",
    "ofl-1.1",
    "deepfloyd-if-license",
    "unknown",
    "other",
)
_OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gpl": "GPL-2.0-only",
        "gpl-2.0": "GPL-2.0-only",
        "gpl-3.0": "GPL-3.0-only",
        "lgpl": "LGPL-2.1-only",
        "lgpl-2.1": "LGPL-2.1-only",
        "lgpl-3.0": "LGPL-3.0-only",
        "agpl-3.0": "AGPL-3.0-only",
        "odc-by": "ODC-By-1.0",
        "odbl": "ODbL-1.0",
        "pddl": "PDDL-1.0",
    }
)


def _spdx(
    names: Iterable[str],
    demands: frozenset[Demand],
    *,
    commercial: bool = True,
    derivatives: bool = True,
    training: bool | None = None,
) -> Iterator[Facts]:
    for name in names:
        yield Facts(
            name=name,
            source=f"https://spdx.org/licenses/{name}.html",
            commercial=commercial,
            derivatives=derivatives,
            training=training,
            demands=demands,
        )


def _all_known() -> Iterator[Facts]:
    yield from _spdx(_WAIVED, frozenset(), training=True)
    for demands, names in _BY_DEMANDS.items():
        yield from _spdx(names, demands)
    yield from _spdx(_NONCOMMERCIAL, _CREDIT_MARKED, commercial=False)
    yield from _spdx(_NONCOMMERCIAL_ALIKE, _COPYLEFT, commercial=False)
    yield from _spdx(_NO_DERIVATIVES, _CREDIT, derivatives=False)
    yield from _spdx(_NEITHER, _CREDIT, commercial=False, derivatives=False)
    for name, text in _RAIL_TEXTS.items():
        yield Facts(
            name,
            text,
            commercial=True,
            derivatives=True,
            demands=_RAIL,
            use_limits=True,
        )
    for name, text, training in _LLAMA_TEXTS:
        yield Facts(
            name,
            text,
            commercial=True,
            derivatives=True,
            training=training,
            demands=_LLAMA,
            use_limits=True,
            user_threshold=_LLAMA_USERS,
        )
    yield Facts(
        "gemma",
        "https://ai.google.dev/gemma/terms",
        commercial=True,
        derivatives=True,
        demands=_RAIL,
        use_limits=True,
    )
    yield from (unknown_licence(name) for name in _UNREAD)


LICENCES: Final[Mapping[str, Facts]] = MappingProxyType(
    {facts.name: facts for facts in _all_known()}
)
"""Facts by id, as the id is written."""

_FOLDED: Final[Mapping[str, Facts]] = {
    **{name.lower(): facts for name, facts in LICENCES.items()},
    **{name: LICENCES[meant] for name, meant in _OTHER_NAMES.items()},
}
_HUB_SPDX: Final = frozenset(
    [
        "apache-2.0",
        "mit",
        "afl-3.0",
        "artistic-2.0",
        "bsl-1.0",
        "bsd-2-clause",
        "bsd-3-clause",
        "bsd-3-clause-clear",
        "cc0-1.0",
        "cc-by-2.0",
        "cc-by-2.5",
        "cc-by-3.0",
        "cc-by-4.0",
        "cc-by-sa-3.0",
        "cc-by-sa-4.0",
        "cc-by-nc-2.0",
        "cc-by-nc-3.0",
        "cc-by-nc-4.0",
        "cc-by-nd-4.0",
        "cc-by-nc-nd-3.0",
        "cc-by-nc-nd-4.0",
        "cc-by-nc-sa-2.0",
        "cc-by-nc-sa-3.0",
        "cc-by-nc-sa-4.0",
        "cdla-sharing-1.0",
        "cdla-permissive-1.0",
        "cdla-permissive-2.0",
        "wtfpl",
        "ecl-2.0",
        "epl-1.0",
        "epl-2.0",
        "etalab-2.0",
        "eupl-1.1",
        "eupl-1.2",
        "isc",
        "ms-pl",
        "mpl-2.0",
        "osl-3.0",
        "postgresql",
        "ncsa",
        "unlicense",
        "zlib",
    ]
)
HUB_IDS: Final = (
    _HUB_SPDX
    | _OTHER_NAMES.keys()
    | _RAIL_TEXTS.keys()
    | {name for name, _, _ in _LLAMA_TEXTS}
    | set(_UNREAD)
    | {"gemma"}
)
"""What ``license`` in a model card may be; any other is ``other`` with a name."""


def known_licence(name: str) -> Facts | None:
    """The facts of one licence by its SPDX or Hub id, whatever its case."""
    return _FOLDED.get(name.strip().lower())
