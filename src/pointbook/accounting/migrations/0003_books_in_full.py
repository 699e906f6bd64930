"""Sides, intercompany pairs, manual entries, proposals, settings, exports and schedules."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounting', '0002_guards'),
        ('programs', '0004_books_in_full'),
    ]

    operations = [
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('currency', models.CharField(max_length=3)),
                ('partner', models.CharField(blank=True, max_length=40)),
                ('fact', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('from_on', models.DateField()),
                ('until_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('full', models.BooleanField(default=False)),
                ('owner_run', models.BooleanField(default=True)),
                ('costs', models.BooleanField(default=False)),
                ('sales', models.BooleanField(default=False)),
                ('gross_tender', models.BooleanField(default=False)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('recorded_by', models.CharField(max_length=150)),
                ('recorded_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='cohortentry',
            name='cost',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='cohortentry',
            name='other',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='cohortentry',
            name='side',
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name='cohorttotal',
            name='each',
            field=models.DecimalField(decimal_places=12, default=0, max_digits=24),
        ),
        migrations.AddField(
            model_name='journalentry',
            name='other',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='journalentry',
            name='recorded_at',
            field=models.DateTimeField(default=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='journalentry',
            name='reverses',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='accounting.journalentry'),
        ),
        migrations.AddField(
            model_name='journalentry',
            name='side',
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name='seal',
            name='form',
            field=models.SmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='watermark',
            name='estimate',
            field=models.IntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='close',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='accounting.close'),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='policy',
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AlterField(
            model_name='period',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('soft_closed', 'Soft Closed'), ('closed', 'Closed'), ('reopened', 'Reopened')], default='open', max_length=11),
        ),
        migrations.CreateModel(
            name='AccountName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=10)),
                ('split', models.CharField(blank=True, max_length=40)),
                ('code', models.CharField(max_length=60)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('recorded_by', models.CharField(max_length=150)),
                ('recorded_at', models.DateTimeField()),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programs.entity')),
            ],
        ),
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('period', models.CharField(max_length=7)),
                ('rate', models.DecimalField(decimal_places=9, max_digits=18)),
                ('recorded_by', models.CharField(max_length=150)),
                ('recorded_at', models.DateTimeField()),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programs.entity')),
            ],
        ),
        migrations.CreateModel(
            name='Exported',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.SmallIntegerField()),
                ('format', models.CharField(max_length=20)),
                ('entries', models.IntegerField()),
                ('digest', models.BinaryField(max_length=32)),
                ('again', models.BooleanField()),
                ('exported_by', models.CharField(max_length=150)),
                ('exported_at', models.DateTimeField()),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programs.entity')),
                ('period', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='accounting.period')),
            ],
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('kind', models.CharField(max_length=12)),
                ('body', models.JSONField()),
                ('digest', models.BinaryField(max_length=32)),
                ('note', models.TextField(blank=True)),
                ('prepared_by', models.CharField(max_length=150)),
                ('prepared_at', models.DateTimeField()),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programs.entity')),
                ('program', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='programs.program')),
            ],
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('approved', 'approved'), ('refused', 'refused')], max_length=8)),
                ('reason', models.TextField(blank=True)),
                ('decided_by', models.CharField(max_length=150)),
                ('decided_at', models.DateTimeField()),
                ('own', models.BooleanField(default=False)),
                ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='accounting.proposal')),
            ],
        ),
        migrations.AddField(
            model_name='journalentry',
            name='proposal',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounting.proposal'),
        ),
        migrations.AddConstraint(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(('close__isnull', False), ('proposal__isnull', False), _connector='OR'), name='entry_has_a_reason'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='close',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounting.close'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programs.entity'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='program',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programs.program'),
        ),
        migrations.AddField(
            model_name='setting',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programs.entity'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(fields=('entity', 'number'), name='proposal_number_once'),
        ),
        migrations.AddIndex(
            model_name='schedule',
            index=models.Index(fields=['entity', 'until_on'], name='schedule_runs'),
        ),
        migrations.AddConstraint(
            model_name='setting',
            constraint=models.UniqueConstraint(fields=('entity', 'number'), name='setting_number_once'),
        ),
    ]
