"""What a redemption is in the books: its side, worth and cost."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0008_holds_of_orders'),
    ]

    operations = [
        migrations.AddField(
            model_name='transfer',
            name='cost',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='transfer',
            name='side',
            field=models.CharField(db_default='', default='', max_length=12),
        ),
        migrations.AddField(
            model_name='transfer',
            name='worth',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
