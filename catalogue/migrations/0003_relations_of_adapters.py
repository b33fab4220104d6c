"""An adapter that was made before relations were kept is its parent's adapter."""

from django.db import migrations


def tell(apps, schema_editor):
    Parent = apps.get_model("catalogue", "Parent")
    Parent.objects.filter(child__kind="adapter").update(relation="adapter")


class Migration(migrations.Migration):

    dependencies = [("catalogue", "0002_lineage")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
