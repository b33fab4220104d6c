
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExternalModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=96, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9](?:[a-z0-9._-]{0,94}[a-z0-9])?\\Z', 'Use 1 to 96 lower-case letters, digits, dots, hyphens and underscores.')])),
                ('source', models.CharField(max_length=500, validators=[django.core.validators.RegexValidator('^https://[^\\s\\x00-\\x1f\\x7f<>\\"]+\\Z', 'A source is an https address.')])),
                ('digest', models.CharField(max_length=64, validators=[django.core.validators.RegexValidator('^[0-9a-f]{64}\\Z', 'A SHA-256 is 64 lower-case hex digits.')])),
                ('licence', models.CharField(max_length=64, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9][A-Za-z0-9.+-]{0,62}[A-Za-z0-9+]\\Z', 'A licence is named by its id, such as Apache-2.0.')])),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='ExternalParent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('adapter', 'adapter'), ('fine_tune', 'fine-tune'), ('merge', 'merge'), ('quantised', 'quantised'), ('distilled', 'distilled')], max_length=9)),
                ('duties', models.JSONField(default=list)),
            ],
        ),
        migrations.AddField(
            model_name='parent',
            name='duties',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='parent',
            name='relation',
            field=models.CharField(choices=[('adapter', 'adapter'), ('fine_tune', 'fine-tune'), ('merge', 'merge'), ('quantised', 'quantised'), ('distilled', 'distilled')], default='fine_tune', max_length=9),
        ),
        migrations.AddConstraint(
            model_name='parent',
            constraint=models.CheckConstraint(condition=models.Q(('relation__in', ['adapter', 'fine_tune', 'merge', 'quantised', 'distilled'])), name='parent_relation'),
        ),
        migrations.AddField(
            model_name='externalmodel',
            name='registered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='externalparent',
            name='child',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='external_parents', to='catalogue.model'),
        ),
        migrations.AddField(
            model_name='externalparent',
            name='external',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalogue.externalmodel'),
        ),
        migrations.AddIndex(
            model_name='externalmodel',
            index=models.Index(fields=['registered_by', '-created_at'], name='external_by_person'),
        ),
        migrations.AddConstraint(
            model_name='externalparent',
            constraint=models.UniqueConstraint(fields=('child', 'external'), name='external_parent_once'),
        ),
        migrations.AddConstraint(
            model_name='externalparent',
            constraint=models.CheckConstraint(condition=models.Q(('relation__in', ['adapter', 'fine_tune', 'merge', 'quantised', 'distilled'])), name='external_parent_relation'),
        ),
    ]
