"""Entries from before rules were accepted by a word of their own.

Whoever entered then had nothing else to say, and must not lose an award for it.
"""

from django.db import migrations


def accept(apps, _):
    Submission = apps.get_model("competitions", "Submission")
    RulesAcceptance = apps.get_model("competitions", "RulesAcceptance")
    entered = Submission.objects.exclude(competition__rules_digest="").exclude(
        competition__status__in=["settled", "cancelled"]
    )
    rows = entered.order_by("created_at").values_list(
        "competition_id", "miner_id", "competition__rules_digest", "created_at"
    )
    RulesAcceptance.objects.bulk_create(
        (
            RulesAcceptance(
                competition_id=competition,
                person_id=miner,
                rules_digest=digest,
                accepted_at=at,
            )
            for competition, miner, digest, at in rows
        ),
        ignore_conflicts=True,
        batch_size=500,
    )


class Migration(migrations.Migration):
    """Nothing is taken back: an acceptance stays true."""

    dependencies = [("competitions", "0006_withdrawn_stakes")]

    operations = [migrations.RunPython(accept, migrations.RunPython.noop)]
