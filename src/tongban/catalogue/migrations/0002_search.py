# SPDX-License-Identifier: Apache-2.0
"""What a search looks in, and a trigger that hears of every version, however it is written."""

from django.db import migrations, models

HEAR = """
CREATE FUNCTION catalogue_search_hear() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_search_pending (task_code) SELECT DISTINCT task_code FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER catalogue_search_inserted AFTER INSERT ON catalogue_item_version
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION catalogue_search_hear();
CREATE TRIGGER catalogue_search_updated AFTER UPDATE ON catalogue_item_version
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION catalogue_search_hear();
CREATE TRIGGER catalogue_search_deleted AFTER DELETE ON catalogue_item_version
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION catalogue_search_hear();
INSERT INTO catalogue_search_pending (task_code) SELECT DISTINCT task_code FROM catalogue_item_version;
"""
FORGET = """
DROP TRIGGER catalogue_search_inserted ON catalogue_item_version;
DROP TRIGGER catalogue_search_updated ON catalogue_item_version;
DROP TRIGGER catalogue_search_deleted ON catalogue_item_version;
DROP FUNCTION catalogue_search_hear();
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("department", models.TextField()),
                ("mode", models.TextField()),
                ("person", models.BooleanField()),
                ("company", models.BooleanField()),
            ],
            options={
                "db_table": "catalogue_search_name",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "department", "mode", "person", "company"), name="catalogue_search_name_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchPending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task_code", models.CharField(max_length=31)),
            ],
            options={
                "db_table": "catalogue_search_pending",
            },
        ),
        migrations.CreateModel(
            name="SearchPlace",
            fields=[
                ("task_code", models.CharField(max_length=31, primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("name_id", models.BigIntegerField()),
                ("region_code", models.CharField(max_length=12)),
            ],
            options={
                "db_table": "catalogue_search_place",
                "indexes": [
                    models.Index(
                        fields=["name_id", "region_code"],
                        name="catalogue_search_by_name",
                        opclasses=["int8_ops", "varchar_pattern_ops"],
                    ),
                ],
            },
        ),
        migrations.RunSQL(HEAR, FORGET),
    ]
