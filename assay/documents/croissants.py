"""Croissant 1.0 metadata of a competition's public data, as JSON-LD.

Source: MLCommons, *Croissant Format Specification*, version 1.0.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from assay.documents.dataset import DataFile, DataRecord, Feature

CONTEXT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TYPES: Final = {
    "bool": "sc:Boolean",
    "int64": "sc:Integer",
    "float64": "sc:Float",
    "string": "sc:Text",
}
FORMATS: Final = {
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".py": "text/x-python",
    ".toml": "application/toml",
}


def write_croissant(record: DataRecord) -> str:
    """The metadata, as JSON-LD that says itself what its words mean."""
    return json.dumps(_dataset(record), indent=2, ensure_ascii=False)


def _dataset(record: DataRecord) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "@id": record.page,
        "name": record.name,
        "alternateName": record.title,
        "description": record.summary,
        "url": record.page,
        "version": "1.0.0",
        "datePublished": record.published.date().isoformat(),
        "creator": {"@type": "sc:Person", "name": record.sponsor},
        "citeAs": f"{record.title}, a competition of {record.sponsor}, {record.page}",
        "isAccessibleForFree": True,
        "conditionsOfAccess": "The competition's rules are to be accepted.",
        "distribution": [_file(file) for file in record.files],
        "recordSet": [_rows(record)],
    }
    if record.licence:
        found["license"] = f"https://spdx.org/licenses/{record.licence}"
    return found


def _file(file: DataFile) -> dict[str, Any]:
    suffix = "." + file.path.rpartition(".")[2]
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.url,
        "contentSize": f"{file.size} B",
        "encodingFormat": FORMATS.get(suffix, "application/octet-stream"),
        "sha256": file.sha256,
    }


def _rows(record: DataRecord) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "sample",
        "name": "sample",
        "description": f"{record.counts.get('sample', 0)} examples with answers.",
        "field": list(_fields(record)),
    }


def _fields(record: DataRecord) -> Iterator[dict[str, Any]]:
    for name, feature in record.features.items():
        kind = _type(feature)
        if kind is None:
            continue
        field: dict[str, Any] = {
            "@type": "cr:Field",
            "@id": f"sample/{name}",
            "name": name,
            "dataType": kind,
            "source": {
                "fileObject": {"@id": record.sample.path},
                "extract": {"column": name},
            },
        }
        if isinstance(feature, list):
            field["repeated"] = True
        yield field


def _type(feature: Feature) -> str | None:
    """What a value is; None for one with parts, which a column cannot be read as."""
    if isinstance(feature, list):
        return None if isinstance(feature[0], list) else _type(feature[0])
    if isinstance(feature, tuple):
        return "sc:Text"
    return TYPES.get(feature) if isinstance(feature, str) else None
