"""An index of the few facts that the books read beside the points: fees, points sold."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0009_books_in_full'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(
                condition=models.Q(('type__in', ['membership', 'points_sale'])),
                fields=['program', 'seq'],
                name='fact_beside',
            ),
        ),
    ]
