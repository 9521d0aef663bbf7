"""What holds the floors and rooms together, where Python imports do not tell."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin

from leksono_portal.tests.migrated import SOURCES

APPS = ("villages", "projects", "forum")
FLOORS = ("kit", *APPS, "home")
OURS = [m for m in apps.get_models() if m._meta.app_label in FLOORS]
ROOMS = sorted(
    f"{app}.{path.parent.name}"
    for app in APPS
    for path in Path(settings.BASE_DIR, app).glob("*/models.py")
)


def test_there_are_rooms():
    assert {"villages.people", "projects.funding", "forum.meetings"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_the_app_gathers_every_model_of_its_rooms(room):
    gathered = vars(import_module(f"{room.split('.')[0]}.models"))
    own = [m for m in OURS if m.__module__ == f"{room}.models"]
    assert own
    missing = [m.__name__ for m in own if gathered.get(m.__name__) is not m]
    assert missing == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_back_office_gathers_every_rooms_admin(room):
    registered = {type(page).__module__ for page in admin.site._registry.values()}
    assert f"{room}.admin" in registered


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_foreign_key_goes_to_a_higher_floor(model):
    own = FLOORS.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if not (field.is_relation and field.concrete and field.related_model):
            continue
        label = field.related_model._meta.app_label
        if label in FLOORS:
            assert FLOORS.index(label) <= own, field


def test_migrations_are_made_of_what_makes_the_tests_migrate_anew():
    watched = {path for pattern in SOURCES for path in settings.BASE_DIR.glob(pattern)}
    migrations = [path for path in watched if path.parent.name == "migrations"]
    assert {path.parents[1].name for path in migrations} == {"kit", *APPS}
    line = re.compile(r"^ *(?:from (\S+) import (\w+)|import (\S+))", re.M)
    for path in migrations:
        for parts in line.findall(path.read_text()):
            module = settings.BASE_DIR.joinpath(
                *".".join(filter(None, parts)).split(".")
            )
            is_ours = module.with_suffix(".py").exists() or module.is_dir()
            assert not is_ours or module.with_suffix(".py") in watched, (path, parts)
