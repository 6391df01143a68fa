# SPDX-License-Identifier: Apache-2.0
"""Topics of what is searched, how many items each region has, and since when a version stands as it does."""

from django.db import migrations, models

COUNT = """
CREATE FUNCTION catalogue_search_count_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_search_count AS kept (region_code, items, person, company)
    SELECT region_code, count(*), count(*) FILTER (WHERE person), count(*) FILTER (WHERE company)
    FROM come JOIN catalogue_search_name AS name ON name.id = come.name_id GROUP BY region_code
    ON CONFLICT (region_code) DO UPDATE SET items = kept.items + EXCLUDED.items,
    person = kept.person + EXCLUDED.person, company = kept.company + EXCLUDED.company;
    RETURN NULL;
END $$;
CREATE FUNCTION catalogue_search_count_less() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_search_count AS kept SET items = kept.items - less.items,
    person = kept.person - less.person, company = kept.company - less.company
    FROM (SELECT region_code, count(*) AS items, count(*) FILTER (WHERE person) AS person,
    count(*) FILTER (WHERE company) AS company
    FROM gone JOIN catalogue_search_name AS name ON name.id = gone.name_id GROUP BY region_code) AS less
    WHERE kept.region_code = less.region_code;
    RETURN NULL;
END $$;
CREATE FUNCTION catalogue_search_count_other() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_search_count AS kept (region_code, items, person, company)
    SELECT region_code, sum(one), coalesce(sum(one) FILTER (WHERE person), 0),
    coalesce(sum(one) FILTER (WHERE company), 0) FROM (
        SELECT region_code, name_id, 1 AS one FROM come UNION ALL SELECT region_code, name_id, -1 FROM gone
    ) AS told JOIN catalogue_search_name AS name ON name.id = told.name_id GROUP BY region_code
    ON CONFLICT (region_code) DO UPDATE SET items = kept.items + EXCLUDED.items,
    person = kept.person + EXCLUDED.person, company = kept.company + EXCLUDED.company;
    RETURN NULL;
END $$;
CREATE TRIGGER catalogue_search_counted_in AFTER INSERT ON catalogue_search_place
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION catalogue_search_count_more();
CREATE TRIGGER catalogue_search_counted_out AFTER DELETE ON catalogue_search_place
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION catalogue_search_count_less();
CREATE TRIGGER catalogue_search_counted_anew AFTER UPDATE ON catalogue_search_place
    REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION catalogue_search_count_other();
INSERT INTO catalogue_search_count (region_code, items, person, company)
    SELECT region_code, count(*), count(*) FILTER (WHERE person), count(*) FILTER (WHERE company)
    FROM catalogue_search_place AS place JOIN catalogue_search_name AS name ON name.id = place.name_id
    GROUP BY region_code;
INSERT INTO catalogue_search_pending (task_code) SELECT task_code FROM catalogue_item_version WHERE status = 'published';
"""
FORGET = """
DROP TRIGGER catalogue_search_counted_in ON catalogue_search_place;
DROP TRIGGER catalogue_search_counted_out ON catalogue_search_place;
DROP TRIGGER catalogue_search_counted_anew ON catalogue_search_place;
DROP FUNCTION catalogue_search_count_more();
DROP FUNCTION catalogue_search_count_less();
DROP FUNCTION catalogue_search_count_other();
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_search_has_its_own_tables")]

    operations = [
        migrations.AddField("itemversion", "status_at", models.DateTimeField(null=True)),
        migrations.AddField("searchname", "topics", models.TextField(blank=True, db_default="")),
        migrations.RemoveConstraint("searchname", "catalogue_search_name_once"),
        migrations.AddConstraint(
            "searchname",
            models.UniqueConstraint(
                fields=("name", "department", "mode", "person", "company", "topics"), name="catalogue_search_name_once"
            ),
        ),
        migrations.CreateModel(
            name="SearchCount",
            fields=[
                ("region_code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("items", models.IntegerField()),
                ("person", models.IntegerField()),
                ("company", models.IntegerField()),
            ],
            options={"db_table": "catalogue_search_count"},
        ),
        migrations.RunSQL(COUNT, FORGET),
    ]
