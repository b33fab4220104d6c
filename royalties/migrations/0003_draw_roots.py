"""Quotes from before get a root each: the column's default gave all the same."""

from typing import Any

from django.db import migrations

from assay.protocol.drawing import new_root


def give_each_its_own(apps: Any, _: Any) -> None:
    quotes = apps.get_model("royalties", "Quote")
    for quote in quotes.objects.only("pk").iterator():
        quote.draw_root = new_root()
        quote.save(update_fields=["draw_root"])


class Migration(migrations.Migration):
    dependencies = [("royalties", "0002_sales")]
    operations = [
        migrations.RunPython(give_each_its_own, migrations.RunPython.noop)
    ]
