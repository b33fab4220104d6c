"""Data cards of the Hugging Face Hub, by which `datasets` loads public data."""

from typing import Any

from assay.documents.dataset import DataFile, DataRecord, Feature
from assay.protocol.extras import load_extra
from assay.protocol.licences import HUB_IDS

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
TASKS = {
    "text_classification": "text-classification",
    "multiple_choice": "multiple-choice",
    "preference": "text-classification",
    "retrieval": "feature-extraction",
    "similarity": "sentence-similarity",
    "generation": "text-generation",
    "language_modelling": "text-generation",
}


def write_data_card(record: DataRecord) -> str:
    """The card of a competition's public data.

    Raises:
        Unavailable: ``documents_missing``.
    """
    block = load_extra("yaml").safe_dump(
        _block(record), sort_keys=False, allow_unicode=True
    )
    return f"---\n{block}---\n{_text(record)}"


def _block(record: DataRecord) -> dict[str, Any]:
    licence = record.licence.lower()
    block: dict[str, Any] = {
        "pretty_name": record.title,
        "license": licence if licence in HUB_IDS else "other",
    }
    if not licence:
        block["license"] = "unknown"
    elif licence not in HUB_IDS:
        block["license_name"] = licence
    if record.task_type in TASKS:
        block["task_categories"] = [TASKS[record.task_type]]
    return {
        **block,
        "size_categories": [_size(record.counts.get("sample", 0))],
        "dataset_info": {
            "config_name": "default",
            "features": [_named(n, f) for n, f in record.features.items()],
            "splits": [
                {
                    "name": "sample",
                    "num_bytes": record.sample.size,
                    "num_examples": record.counts.get("sample", 0),
                }
            ],
            "download_size": record.sample.size,
            "dataset_size": record.sample.size,
        },
        "configs": [
            _config("default", "sample", record.sample),
            *(_config(_stem(f), _stem(f), f) for f in _more_tables(record)),
        ],
    }


def _more_tables(record: DataRecord) -> list[DataFile]:
    """Other files of rows that can be loaded by their names."""
    return [
        file
        for file in record.files
        if file.is_table
        and file.path != record.sample.path
        and _stem(file).isidentifier()
        and _stem(file) != "default"
    ]


def _stem(file: DataFile) -> str:
    return file.path.removesuffix(".jsonl")


def _config(name: str, split: str, file: DataFile) -> dict[str, Any]:
    files = [{"split": split, "path": file.path}]
    return {"config_name": name, "data_files": files}


def _named(name: str, feature: Feature) -> dict[str, Any]:
    return {"name": name, **_described(feature)}


def _described(feature: Feature) -> dict[str, Any]:
    match feature:
        case tuple():
            names = {str(index): name for index, name in enumerate(feature)}
            return {"dtype": {"class_label": {"names": names}}}
        case list():
            inner = _described(feature[0])
            return {"list": inner.get("dtype", inner.get("struct", inner))}
        case dict():
            return {"struct": [_named(n, f) for n, f in feature.items()]}
    return {"dtype": feature}


def _size(count: int) -> str:
    return next((word for most, word in SIZES if count < most), "100K<n<1M")


def _text(record: DataRecord) -> str:
    hidden = "\n".join(
        f"| {split} | {count} | {_told(split)} |"
        for split, count in record.counts.items()
    )
    licence = record.licence or "not stated; ask the sponsor"
    return (
        f"\n# {record.title}\n\n{record.summary}\n\n"
        f"Public data of the competition [{record.name}]({record.page}), which "
        f"{record.sponsor} sponsors; scored by `{record.metric}`.\n\n"
        f"| split | examples | |\n|---|---|---|\n{hidden}\n\n"
        f"Licence of the data: {licence}.\n"
    )


def _told(split: str) -> str:
    return "here, with answers" if split == "sample" else "hidden"
