"""Estimates by cohort with their range, and what a point costs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0003_books_approved'),
    ]

    operations = [
        migrations.AddField(
            model_name='estimate',
            name='cohorts',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='estimate',
            name='high',
            field=models.DecimalField(decimal_places=8, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name='estimate',
            name='low',
            field=models.DecimalField(decimal_places=8, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name='estimate',
            name='paper',
            field=models.IntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='estimate',
            name='method',
            field=models.CharField(default='flat', max_length=24),
        ),
        migrations.CreateModel(
            name='UnitCost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=40)),
                ('number', models.IntegerField()),
                ('amount', models.DecimalField(decimal_places=9, max_digits=18)),
                ('from_period', models.CharField(max_length=7)),
                ('note', models.TextField(blank=True)),
                ('prepared_by', models.CharField(max_length=150)),
                ('approved_by', models.CharField(max_length=150)),
                ('recorded_at', models.DateTimeField()),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('program', 'unit', 'number'), name='cost_number_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='cost_not_negative')],
            },
        ),
    ]
