"""Weights decide, not words: sketch each new model, and find whose child it looks.

Nothing here runs in a web request. A sketch is made from the files' bytes, in pieces,
outside any transaction; what it shows is written in one.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q

from assay.protocol.admission.findings import FaultError
from assay.protocol.errors import Refusal
from assay.protocol.similarity import (
    Evidence,
    Sketch,
    compare,
    has_family,
    index_keys,
    pack,
    sketch_files,
)
from catalogue.models import Model, Resemblance, SketchKey, WeightSketch
from catalogue.selectors import ancestors, resembling, sketch_of
from common.jobs import announce
from storage.blobs import StoredFile
from storage.services import store_bytes

log = structlog.get_logger(__name__)
TASK = "catalogue.sketch"
QUEUE = "weights"
RING_AGAIN = timedelta(minutes=2)
LONGEST = timedelta(minutes=30)
MAX_ATTEMPTS = 4
MAX_REFERENCES = 16
MAX_RUNG = 50
Status = WeightSketch.Status


def queue_sketch(*, model: Model, now: datetime) -> None:
    """Have the weights looked at once this commits; nothing for a model without any."""
    if not model.files.filter(path__endswith=".safetensors").exists():
        return
    WeightSketch.objects.create(model=model, rung_at=now)
    announce(TASK, queue=QUEUE, model_id=str(model.pk))


def ring_again(now: datetime) -> int:
    """Ring for sketches that nobody has made in time; returns how many."""
    late = WeightSketch.objects.filter(
        Q(status=Status.WAITING, rung_at__lte=now - RING_AGAIN)
        | Q(status=Status.WORKING, rung_at__lte=now - LONGEST)
    ).order_by("rung_at")[:MAX_RUNG]
    for row in late:
        with transaction.atomic():
            fresh = WeightSketch.objects.filter(pk=row.pk, rung_at=row.rung_at)
            if fresh.update(rung_at=now, status=Status.WAITING):
                announce(TASK, queue=QUEUE, model_id=str(row.pk))
    return len(late)


def sketch_model(*, model_id: UUID, now: datetime) -> bool:
    """Sketch one model, index it, and flag what it looks derived from.

    Ancestors that wait are sketched first, because a model is compared by what it
    adds to them.

    Returns:
        Whether this call did it; another may have, or be at it.
    """
    claimed = WeightSketch.objects.filter(pk=model_id, status=Status.WAITING).update(
        status=Status.WORKING, rung_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    row = WeightSketch.objects.select_related("model__owner").get(pk=model_id)
    try:
        for ancestor in reversed(ancestors(row.model)):
            sketch_model(model_id=ancestor.model.pk, now=now)
        sketch = sketch_files(_files(row.model))
    except (FaultError, Refusal) as error:
        return _give_up(row, str(error))
    except Exception as error:
        _give_up(row, repr(error), final=row.attempts >= MAX_ATTEMPTS)
        raise
    blob = store_bytes(owner=None, content=pack(sketch))
    with transaction.atomic():
        done = WeightSketch.objects.filter(pk=row.pk, status=Status.WORKING).update(
            status=Status.DONE, blob=blob, failure=""
        )
        if done:
            _index_and_flag(row.model, sketch, now)
    log.info("model.sketched", model=str(row.pk), tensors=len(sketch.tensors))
    return bool(done)


def _files(model: Model) -> dict[str, StoredFile]:
    return {
        file.path: StoredFile(file.blob_id, file.blob.size)
        for file in model.files.select_related("blob")
    }


def _give_up(row: WeightSketch, reason: str, *, final: bool = True) -> bool:
    WeightSketch.objects.filter(pk=row.pk, status=Status.WORKING).update(
        status=Status.FAILED if final else Status.WAITING, failure=reason[:300]
    )
    return False


def _index_and_flag(model: Model, sketch: Sketch, now: datetime) -> None:
    family = _family(model, sketch)
    _index(model, sketch, family)
    seen: set[UUID] = set()
    while True:
        touched = {model}
        for other in resembling(model, exclude=seen):
            seen.add(other.pk)
            earlier, later = sorted((model, other), key=_made)
            _flag(later, earlier, now)
            touched.add(later)
        for one in touched:
            _drop_what_others_explain(one)
        # An ancestor that was not declared, but found, opens its family.
        found = family or _undeclared_family(model, sketch)
        if found is family:
            return
        family = found
        _index(model, sketch, family)


def _made(model: Model) -> tuple[datetime, str]:
    return model.created_at, str(model.pk)


def _index(model: Model, sketch: Sketch, family: tuple[Model, Sketch] | None) -> None:
    root = family[1] if family else None
    name = str(family[0].pk) if family else ""
    SketchKey.objects.bulk_create(
        (
            SketchKey(key=key, sketch_id=model.pk)
            for key in sorted(index_keys(sketch, root=root, family=name))
        ),
        ignore_conflicts=True,
    )


def _family(model: Model, sketch: Sketch) -> tuple[Model, Sketch] | None:
    """The oldest declared ancestor that the weights do come from."""
    roots = [
        a.model for a in reversed(ancestors(model)) if not a.model.parents.exists()
    ]
    return _first_family(roots, sketch)


def _undeclared_family(model: Model, sketch: Sketch) -> tuple[Model, Sketch] | None:
    flagged = [
        r.known
        for r in Resemblance.objects.filter(model=model).select_related("known__owner")
    ]
    above = [a.model for known in flagged for a in ancestors(known)]
    return _first_family(
        [one for one in [*above, *flagged] if not one.parents.exists()], sketch
    )


def _first_family(
    roots: Sequence[Model], sketch: Sketch
) -> tuple[Model, Sketch] | None:
    for root in roots:
        known = sketch_of(root)
        if known is not None and has_family(sketch, known):
            return root, known
    return None


def _flag(model: Model, known: Model, now: datetime) -> None:
    """Compare a pair, the later with the earlier, and keep what it shows."""
    declared = {ancestor.model.pk for ancestor in ancestors(model)}
    if known.pk in declared or known.owner_id == model.owner_id:
        return
    sketch, other = sketch_of(model), sketch_of(known)
    if sketch is None or other is None:
        return
    evidence = compare(sketch, other, _references(model, known))
    if evidence is not None:
        _keep(model, known, evidence, now)


def _drop_what_others_explain(model: Model) -> None:
    """Of several flags, keep those that stand beside the others, the weakest first.

    Two independent children of one ancestor resemble each other only through it.
    """
    flags = list(Resemblance.objects.filter(model=model).select_related("known__owner"))
    if len(flags) < 2:
        return
    for flag in sorted(flags, key=lambda f: (f.share, f.similarity, f.pk)):
        sketch, other = sketch_of(model), sketch_of(flag.known)
        assert sketch is not None
        assert other is not None
        if compare(sketch, other, _references(model, flag.known)) is None:
            flag.delete()


def _references(model: Model, known: Model) -> list[Sketch]:
    """Declared ancestors, and found ones that are no descendants of ``known``."""
    above = [ancestor.model for ancestor in ancestors(model)]
    for flagged in (
        Resemblance.objects.filter(model=model)
        .exclude(known=known)
        .select_related("known")
    ):
        line = [flagged.known, *(a.model for a in ancestors(flagged.known))]
        if known not in line:
            above += line
    sketches = [sketch_of(one) for one in dict.fromkeys(above)]
    return [one for one in sketches if one is not None][:MAX_REFERENCES]


def _keep(model: Model, known: Model, evidence: Evidence, now: datetime) -> None:
    Resemblance.objects.update_or_create(
        model=model,
        known=known,
        defaults={
            "kind": evidence.kind,
            "similarity": evidence.similarity,
            "share": evidence.share,
            "count": evidence.count,
            "matches": [asdict(match) for match in evidence.matches],
            "created_at": now,
        },
    )
