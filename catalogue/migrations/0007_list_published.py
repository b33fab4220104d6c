"""Models that were published before there were listings get theirs."""

from typing import Any

from django.db import migrations

from catalogue.services.listing import terms_facts


def list_published(apps: Any, _: Any) -> None:
    models = apps.get_model("catalogue", "Model")
    listings = apps.get_model("catalogue", "Listing")
    for model in models.objects.exclude(published_at=None).select_related("owner"):
        files = model.files.select_related("blob")
        listings.objects.get_or_create(
            model=model,
            defaults={
                "published_at": model.published_at,
                "size": sum(file.blob.size for file in files),
                "base": root_of(apps, model),
                **terms_facts(model, model.published_at),
            },
        )


def root_of(apps: Any, model: Any) -> str:
    parents, seen = apps.get_model("catalogue", "Parent"), {model.pk}
    while True:
        edges = parents.objects.filter(child=model).select_related("parent__owner")
        edge = edges.order_by("id").first()
        if edge is None or edge.parent_id in seen:
            return f"{model.owner.username}/{model.name}"
        model = edge.parent
        seen.add(model.pk)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0006_listing"), ("storage", "0001_initial")]
    operations = [migrations.RunPython(list_published, migrations.RunPython.noop)]
