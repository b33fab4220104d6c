
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0004_no_circles'),
        ('storage', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='WeightSketch',
            fields=[
                ('model', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='sketch', serialize=False, to='catalogue.model')),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('working', 'Working'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('rung_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('blob', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storage.blob')),
            ],
        ),
        migrations.CreateModel(
            name='SketchKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.BigIntegerField()),
                ('sketch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='catalogue.weightsketch')),
            ],
        ),
        migrations.CreateModel(
            name='Resemblance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('exact', 'the same tensors'), ('near', 'tensors that are almost the same'), ('hidden', 'its change lies under another'), ('layout', 'the same tensors in another order')], max_length=8)),
                ('similarity', models.FloatField()),
                ('share', models.FloatField()),
                ('count', models.PositiveIntegerField()),
                ('matches', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('known', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resembled_by', to='catalogue.model')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resemblances', to='catalogue.model')),
            ],
            options={
                'ordering': ['-share', '-similarity', 'id'],
                'indexes': [models.Index(fields=['-created_at', '-id'], name='resemblance_newest')],
                'constraints': [models.UniqueConstraint(fields=('model', 'known'), name='resemblance_once')],
            },
        ),
        migrations.AddIndex(
            model_name='weightsketch',
            index=models.Index(condition=models.Q(('status__in', ['waiting', 'working'])), fields=['rung_at'], name='sketch_pending'),
        ),
        migrations.AddIndex(
            model_name='sketchkey',
            index=models.Index(fields=['sketch'], name='sketch_key_sketch'),
        ),
        migrations.AddConstraint(
            model_name='sketchkey',
            constraint=models.UniqueConstraint(fields=('key', 'sketch'), name='sketch_key_once'),
        ),
    ]
