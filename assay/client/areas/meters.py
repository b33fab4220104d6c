"""Pay by use: meters and vouchers."""

from typing import Any
from urllib.parse import quote

from assay.client.areas.models import place_of
from assay.client.reading import read
from assay.client.records import Meter, Redemption, Tariff
from assay.client.transport import Transport


class Meters:
    """The caller's meters, and those on their models."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def tariff(self, reference: str) -> Tariff:
        """What a call costs."""
        return read(Tariff, self._transport.get(f"{place_of(reference)}/tariff"))

    def set_tariff(self, reference: str, price: str) -> Tariff:
        """Say what a call of one's model costs."""
        place = f"{place_of(reference)}/tariff"
        return read(Tariff, self._transport.post(place, {"price": price}))

    def open(self, reference: str, *, public_key: str, deposit: str, key: str) -> Meter:
        """Put a deposit in, once per ``key``."""
        body = {"public_key": public_key, "deposit": deposit}
        place = f"{place_of(reference)}/meters"
        return read(Meter, self._transport.post(place, body, key=key))

    def show(self, meter_id: str) -> Meter:
        """A meter with its lanes."""
        return read(Meter, self._transport.get(_place(meter_id)))

    def add(self, meter_id: str, amount: str, *, key: str) -> Meter:
        """Put more in, once per ``key``."""
        place = f"{_place(meter_id)}/deposits"
        return read(Meter, self._transport.post(place, {"amount": amount}, key=key))

    def redeem(self, voucher: dict[str, Any]) -> Redemption:
        """Have a voucher paid out; sent twice, it pays once."""
        place = f"{_place(str(voucher.get('meter', '')))}/vouchers"
        return read(Redemption, self._transport.post(place, voucher, repeatable=True))

    def close(self, meter_id: str) -> Meter:
        """Ask for the rest of the deposit."""
        place = f"{_place(meter_id)}/close"
        return read(Meter, self._transport.post(place, repeatable=True))


def _place(meter_id: str) -> str:
    return f"/api/meters/{quote(meter_id, safe='')}"
