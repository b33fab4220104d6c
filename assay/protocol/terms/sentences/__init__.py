"""Every sentence about terms, in each language, in one place.

A sentence is named by a key and has the same blanks in every language; the tests hold
the catalogues against each other.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from assay.protocol.terms.sentences.chinese import CHINESE
from assay.protocol.terms.sentences.english import ENGLISH


class Language(StrEnum):
    """A language that terms are explained in; the value is its BCP 47 tag."""

    ENGLISH = "en"
    CHINESE = "zh-Hans"


CATALOGUES: Final[Mapping[Language, Mapping[str, str]]] = MappingProxyType(
    {Language.ENGLISH: ENGLISH, Language.CHINESE: CHINESE}
)


def say(language: Language, key: str, /, **blanks: object) -> str:
    """The sentence of that name with its blanks filled."""
    return CATALOGUES[language][key].format(**blanks)
