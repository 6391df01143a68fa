# SPDX-License-Identifier: Apache-2.0
"""What is looked in stands in tables of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_layers_claims_and_drafts")]

    operations = [migrations.RemoveField(model_name="itemversion", name="search_text")]
