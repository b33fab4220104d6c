"""Periods of statements are found by the time that transfers were recorded."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("ledger", "0005_chain")]

    operations = [
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["recorded_at", "seq"], name="transfer_by_time"
            ),
        ),
    ]
