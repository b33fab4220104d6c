"""A licensee's notes on their meters: keys and newest vouchers, for them alone."""

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import platformdirs

from assay.client.records import Meter
from assay.protocol import signatures, vouchers
from assay.protocol.canonical import read_json
from assay.protocol.errors import Invalid, Refusal
from assay.protocol.vouchers import SignedVoucher, Voucher


@dataclass
class Notes:
    """What is kept of one meter.

    Attributes:
        seed: the private key, 32 bytes.
        price: base units a call; None until the meter answered once.
        lanes: the newest voucher of each.
    """

    path: Path
    seed: bytes
    price: int | None = None
    lanes: dict[int, SignedVoucher] = field(default_factory=dict)

    @property
    def public_key(self) -> str:
        """The key by which its vouchers are checked."""
        return signatures.public_key(self.seed)

    @property
    def meter(self) -> vouchers.Meter:
        """The meter as far as these notes tell.

        Raises:
            Invalid: ``meter_price_unknown``.
        """
        if self.price is None:
            raise Invalid(
                "meter_price_unknown",
                "What a call costs is not noted here yet.",
                fix=f"Run `assay licence meter sync {self.path.stem}`.",
            )
        return vouchers.Meter(self.path.stem, self.public_key, self.price, 0, {})

    def last(self, lane: int) -> Voucher | None:
        """The newest voucher of a lane."""
        signed = self.lanes.get(lane)
        return signed.voucher if signed else None

    def remember(self, signed: SignedVoucher) -> None:
        """Note a voucher, if it is further than the one that is noted."""
        before = self.last(signed.voucher.lane)
        if before is None or before.calls < signed.voucher.calls:
            self.lanes[signed.voucher.lane] = signed
        self.save()

    def open(self, meter_id: str) -> None:
        """Give the notes of a pending meter its id."""
        old, self.path = self.path, _folder() / f"{meter_id}.json"
        self.save()
        if old != self.path:
            old.unlink(missing_ok=True)

    def save(self, **more: Any) -> None:
        """Write the notes, readable by their owner alone, all or nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lanes = {str(lane): one.to_json() for lane, one in self.lanes.items()}
        content = {
            "seed": self.seed.hex(),
            "price": None if self.price is None else str(self.price),
            "vouchers": lanes,
            **more,
        }
        descriptor, draft = tempfile.mkstemp(dir=self.path.parent)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(self.path)


def pending(reference: str, deposit: str) -> tuple[Notes, str]:
    """Notes with a key for a meter to be opened, and the request's key.

    When the same meter was asked for and no answer came, the same once more.
    """
    for path in sorted(_folder().glob("pending-*.json")):
        found = _read(path)
        if (found.get("reference"), found.get("deposit")) == (reference, deposit):
            return _notes(path, found), str(found["request"])
    request = uuid4().hex
    notes = Notes(_folder() / f"pending-{request}.json", signatures.generate_key())
    notes.save(reference=reference, deposit=deposit, request=request)
    return notes, request


def kept(meter_id: str) -> Notes:
    """The notes of a meter.

    Raises:
        Invalid: ``meter_unknown_here``.
    """
    path = _folder() / f"{Path(meter_id).name}.json"
    if not path.exists():
        raise Invalid(
            "meter_unknown_here",
            f"There is no key for the meter {meter_id} here.",
            fix="Open a meter with `assay licence meter open`.",
        )
    return _notes(path, _read(path))


def recovered(meter: Meter) -> Notes:
    """The notes, caught up with what the platform has; foreign vouchers are left out.

    Raises:
        Invalid: there is no key for it here, or the platform shows a voucher that
            this key did not sign (``meter_voucher_foreign``).
    """
    notes = kept(meter.id)
    notes.price = int(meter.price_units)
    for lane in meter.lanes:
        signed = vouchers.read_voucher(lane.voucher)
        if not vouchers.is_signed(notes.public_key, signed):
            raise Invalid(
                "meter_voucher_foreign",
                f"The platform shows a voucher of lane {lane.lane} that your key did "
                "not sign.",
                fix="Sign nothing for this meter, and ask the platform's operators.",
            )
        notes.remember(signed)
    notes.save()
    return notes


def _notes(path: Path, found: dict[str, Any]) -> Notes:
    try:
        price = found.get("price")
        return Notes(
            path=path,
            seed=bytes.fromhex(str(found["seed"])),
            price=None if price is None else int(price),
            lanes={
                int(lane): vouchers.read_voucher(one)
                for lane, one in dict(found.get("vouchers") or {}).items()
            },
        )
    except (KeyError, TypeError, ValueError, Refusal) as error:
        raise _unreadable(path) from error


def _read(path: Path) -> dict[str, Any]:
    found = read_json(path.read_bytes())
    if not isinstance(found, dict):
        raise _unreadable(path)
    return found


def _unreadable(path: Path) -> Invalid:
    return Invalid("meter_notes_unreadable", f"{path} is damaged.", where=str(path))


def _folder() -> Path:
    return platformdirs.user_config_path("assay") / "meters"
