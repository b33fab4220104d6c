"""CycloneDX bills of materials for a model (ML-BOM, version 1.6).

Built as the JSON that the standard describes and checked by its strict schema, both
ways, with ``cyclonedx-python-lib``. Tags stand as properties ``assay:terms:<Tag>`` of
the licence, beside the standard's own ``licensing``.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from assay.documents.carried import (
    Carried,
    CarriedParent,
    check_sayable,
    day_of,
    licence_name,
)
from assay.documents.record import ModelRecord
from assay.protocol.admission.findings import FaultError
from assay.protocol.admission.strict_json import parse_object
from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.extras import load_extra
from assay.protocol.terms import (
    Condition,
    Period,
    Right,
    Terms,
    anniversary,
    explain,
)

MAX_BOM: Final = 4 * 2**20
MODEL: Final = "machine-learning-model"
_TAG: Final = "assay:terms:"
_DIGEST: Final = "assay:manifest-sha256"


def write_bom(record: ModelRecord) -> str:
    """The model's bill of materials as JSON; the same record gives the same text.

    Raises:
        Invalid: ``terms_…`` when its terms are in error.
        Unavailable: ``documents_missing``.
    """
    terms = check_sayable(record.terms)
    seed = f"{record.page}#{record.digest}"
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, seed)}",
        "version": 1,
        "metadata": {
            "timestamp": record.granted.isoformat().replace("+00:00", "Z"),
            "component": _component(record, terms),
        },
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    _check_schema(text, "1.6")
    return text


def read_bom(text: str) -> Carried:
    """What a bill of materials says of its model's terms and origin.

    Raises:
        TooLarge: ``bom_large``.
        Invalid: ``bom_unreadable``, ``bom_schema`` or ``bom_no_model``.
        Unavailable: ``documents_missing``.
    """
    document = _checked(text)
    model = _model_in(document)
    licence = _licence_in(model)
    properties = dict(_properties(licence))
    tags = {
        name.removeprefix(_TAG): value
        for name, value in properties.items()
        if name.startswith(_TAG)
    }
    group, name = model.get("group", ""), model["name"]
    return Carried(
        document="bom",
        tags=tags or None,
        licence=_licence_id(model),
        model=f"{group}/{name}" if group else name,
        digest=dict(_properties(model)).get(_DIGEST, ""),
        page=str(licence.get("url", "")),
        granted=day_of(properties.get("assay:granted", "")),
        parents=tuple(_ancestors(model)),
    )


def _component(record: ModelRecord, terms: Terms) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": MODEL,
        "bom-ref": record.reference,
        "group": record.owner,
        "name": record.name,
        "version": record.digest[:12],
        "authors": [{"name": record.owner}],
        "licenses": [{"license": _licence(record, terms)}],
        "externalReferences": [
            {"type": "license", "url": record.page},
            {"type": "distribution", "url": record.page},
        ],
        "components": [
            {
                "type": "file",
                "name": file.path,
                "hashes": [{"alg": "SHA-256", "content": file.sha256}],
                "properties": [{"name": "assay:bytes", "value": str(file.size)}],
            }
            for file in record.files
        ],
        "properties": [{"name": _DIGEST, "value": record.digest}],
    }
    if record.architecture:
        parameters = {"modelArchitecture": record.architecture}
        component["modelCard"] = {"modelParameters": parameters}
    if record.parents:
        component["pedigree"] = {"ancestors": list(_pedigree(record))}
    return component


def _pedigree(record: ModelRecord) -> Iterator[dict[str, Any]]:
    for parent in record.parents:
        owner, _, name = parent.reference.partition("/")
        properties = [{"name": "assay:income-percent", "value": parent.percent}]
        if parent.digest:
            properties.append({"name": _DIGEST, "value": parent.digest})
        yield {
            "type": MODEL,
            "bom-ref": f"ancestor:{parent.reference}",
            "group": owner,
            "name": name,
            "properties": properties,
        }


def _licence(record: ModelRecord, terms: Terms) -> dict[str, Any]:
    licensing: dict[str, Any] = {
        "altIds": [terms.licence],
        "licensor": {"individual": {"name": record.owner}},
        "licenseTypes": _types(terms),
    }
    granted = record.granted.date()
    end = anniversary(granted, terms.expiry_years) if terms.expiry_years else None
    if end is not None:
        licensing["expiration"] = f"{end.isoformat()}T00:00:00Z"
    said = {_TAG + name: value for name, value in record.terms.items()}
    said["assay:granted"] = granted.isoformat()
    return {
        "name": licence_name(terms),
        "acknowledgement": "declared",
        "text": {"contentType": "text/plain", "content": " ".join(explain(terms))},
        "url": record.page,
        "licensing": licensing,
        "properties": [{"name": n, "value": v} for n, v in said.items()],
    }


def _types(terms: Terms) -> list[str]:
    """The standard's closed words: how the grants are paid and how long they last."""
    grants = [grant for right in Right for grant in terms.grants_of(right)]
    fees = [grant.fee for grant in grants if grant.fee is not None]
    fees += [fee for fee in (terms.access_fee, terms.licence_fee) if fee is not None]
    types = []
    if any(fee.period is Period.MONTHLY for fee in fees):
        types.append("subscription")
    if any(grant.condition is Condition.REVENUE_SHARE for grant in grants):
        types.append("custom-metric")
    types.append("perpetual" if terms.expiry_years is None else "other")
    return types


def _checked(text: str) -> dict[str, Any]:
    if len(text) > MAX_BOM:
        raise TooLarge(
            "bom_large", f"A bill of materials has at most {MAX_BOM} characters here."
        )
    try:
        document: dict[str, Any] = dict(parse_object(text.encode("utf-8")))
    except (FaultError, UnicodeEncodeError) as error:
        raise Invalid(
            "bom_unreadable", f"The bill of materials cannot be read: {error}"
        ) from error
    if document.get("bomFormat") != "CycloneDX":
        raise Invalid("bom_unreadable", "This JSON is no CycloneDX document.")
    _check_schema(text, str(document.get("specVersion")))
    return document


def _check_schema(text: str, version: str) -> None:
    schema = load_extra("cyclonedx.schema").SchemaVersion
    try:
        known = schema.from_version(version)
        validator = load_extra("cyclonedx.validation.json").JsonStrictValidator(known)
    except (ValueError, NotImplementedError) as error:
        raise Invalid(
            "bom_schema", f"There is no CycloneDX {version[:20]!r} to check by."
        ) from error
    try:
        trouble = validator.validate_str(text)
    except RecursionError:
        trouble = "it nests too deeply"
    if trouble is not None:
        reason = " ".join(str(getattr(trouble, "data", trouble)).split())[:200]
        raise Invalid(
            "bom_schema",
            f"The bill of materials breaks the schema of CycloneDX {version}: {reason}",
        )


def _model_in(document: Mapping[str, Any]) -> dict[str, Any]:
    about = document.get("metadata", {}).get("component")
    candidates = [about] if about else []
    candidates += document.get("components", [])
    models: list[dict[str, Any]] = [c for c in candidates if c.get("type") == MODEL]
    if not models:
        raise Invalid("bom_no_model", "The bill of materials lists no model.")
    return models[0]


def _licence_in(model: Mapping[str, Any]) -> dict[str, Any]:
    """The licence that carries tags, else the first one."""
    licences: list[dict[str, Any]] = [
        choice["license"] for choice in model.get("licenses", []) if "license" in choice
    ]
    tagged = [
        licence
        for licence in licences
        if any(name.startswith(_TAG) for name, _ in _properties(licence))
    ]
    if len(tagged) > 1:
        raise Invalid("bom_two_terms", "Two licences of the model carry terms.")
    return (tagged or licences or [{}])[0]


def _licence_id(model: Mapping[str, Any]) -> str:
    """All licences of the model as one expression: a list binds together."""
    names = []
    for choice in model.get("licenses", []):
        licence = choice.get("license", {})
        names.append(
            choice.get("expression") or licence.get("id") or licence.get("name", "")
        )
    return names[0] if len(names) == 1 else " AND ".join(f"({n})" for n in names)


def _properties(holder: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for entry in holder.get("properties", []):
        name = str(entry.get("name", ""))
        if name in seen and name.startswith("assay:"):
            raise Invalid("bom_two_terms", f"The property {name[:60]} is there twice.")
        seen.add(name)
        yield name, str(entry.get("value", ""))


def _ancestors(model: Mapping[str, Any]) -> Iterator[CarriedParent]:
    for ancestor in model.get("pedigree", {}).get("ancestors", []):
        group, name = ancestor.get("group", ""), ancestor["name"]
        reference = f"{group}/{name}" if group else name
        yield CarriedParent(reference, dict(_properties(ancestor)).get(_DIGEST, ""))
